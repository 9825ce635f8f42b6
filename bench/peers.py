"""What people would use instead, written as those programs do it, for a comparison on equal terms.

Each is a function from a frame and a background, (H, W, 3) uint8 RGB, to the composite.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from u2cam.model.candidates.baselines import IMAGENET_MEAN, IMAGENET_STD, mediapipe
from u2cam.model.registry import find_spec
from u2cam.model.weights import load_network

Image = NDArray[np.uint8]
Peer = Callable[[Image, Image], Image]


def webcam_loop(network: Path, threads: int) -> Peer:
    """The loop of most webcam programs: MediaPipe's network, threshold, blur, NumPy blend."""
    matte_of = mediapipe(network, threads)

    def composite(frame: Image, background: Image) -> Image:
        mask = (matte_of(frame) > 0.5).astype(np.float32)
        alpha = np.asarray(cv2.GaussianBlur(mask, (9, 9), 0))[..., None]
        return (frame * alpha + background * (1 - alpha)).astype(np.uint8)

    return composite


def webcam_loop_fast_blend(network: Path, threads: int) -> Peer:
    """The same with OpenCV's blend in place of NumPy's."""
    matte_of = mediapipe(network, threads)

    def composite(frame: Image, background: Image) -> Image:
        mask = (matte_of(frame) > 0.5).astype(np.float32)
        alpha = np.asarray(cv2.GaussianBlur(mask, (9, 9), 0), np.float32)
        return np.asarray(cv2.blendLinear(frame, background, alpha, 1 - alpha), np.uint8)

    return composite


def authors_pipeline(weights: Path) -> Peer:
    """U²-Netp with its authors' pre- and post-processing in PyTorch, fp32, all side outputs."""
    network = load_network(find_spec("u2netp"), weights).float()

    def composite(frame: Image, background: Image) -> Image:
        picture = torch.from_numpy(frame).permute(2, 0, 1)[None].float()
        small = F.interpolate(picture, (320, 320), mode="bilinear", align_corners=False)[0]
        tensor = (small / small.max() - torch.from_numpy(IMAGENET_MEAN)[:, None, None]) / (
            torch.from_numpy(IMAGENET_STD)[:, None, None]
        )
        with torch.no_grad():
            # In training mode the network gives all seven maps, as the authors' code always does.
            network.train()
            for layer in network.modules():
                if isinstance(layer, torch.nn.BatchNorm2d):
                    layer.eval()
            matte = torch.sigmoid(network(tensor[None])[0])[0, 0].numpy()
        matte = (matte - matte.min()) / (matte.max() - matte.min())
        alpha = cv2.resize(matte, (frame.shape[1], frame.shape[0]))[..., None]
        return np.asarray(frame * alpha + background * (1 - alpha)).astype(np.uint8)

    return composite


def onnx_and_pillow(onnx_file: Path, threads: int) -> Peer:
    """U²-Netp in ONNX Runtime, Lanczos both ways and Pillow's blend, as `rembg` does it."""
    import onnxruntime
    from PIL import Image as Pillow

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session: Any = onnxruntime.InferenceSession(
        str(onnx_file), options, providers=["CPUExecutionProvider"]
    )
    entry = session.get_inputs()[0].name

    def composite(frame: Image, background: Image) -> Image:
        picture = Pillow.fromarray(frame)
        small = np.asarray(picture.resize((320, 320), Pillow.Resampling.LANCZOS), np.float32)
        tensor = (small / max(float(small.max()), 1e-6) - IMAGENET_MEAN) / IMAGENET_STD
        matte = session.run(None, {entry: tensor.transpose(2, 0, 1)[None].astype(np.float32)})[0]
        matte = matte[0, 0]
        matte = (matte - matte.min()) / (matte.max() - matte.min())
        mask = Pillow.fromarray((matte * 255).astype(np.uint8))
        mask = mask.resize(picture.size, Pillow.Resampling.LANCZOS)
        return np.asarray(Pillow.composite(picture, Pillow.fromarray(background), mask))

    return composite
