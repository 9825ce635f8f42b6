"""Baselines: networks of other programs, for measuring and distillation only, never shipped.

MediaPipe's selfie networks run with `ai-edge-litert`, ONNX files with `onnxruntime`. Both are
extras, imported when first wanted. Runs in the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

RgbToAlpha = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""(H, W, 3) uint8 RGB to (H, W) float32 matte in [0, 1]."""

IMAGENET_MEAN = np.array((0.485, 0.456, 0.406), np.float32)
IMAGENET_STD = np.array((0.229, 0.224, 0.225), np.float32)


def mediapipe(path: Path, num_threads: int = 2) -> RgbToAlpha:
    """Open a MediaPipe selfie network (`.tflite`, one probability a pixel).

    The picture is stretched to the network's input size, as MediaPipe's own graph does.

    Raises:
        ModuleNotFoundError: `ai-edge-litert` is not installed.
        FileNotFoundError: no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such network file; it comes with MediaPipe")
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "MediaPipe's networks need ai-edge-litert: pip install ai-edge-litert"
        ) from error
    interpreter = Interpreter(model_path=str(path), num_threads=num_threads)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]
    result = interpreter.get_output_details()[0]
    height, width = int(entry["shape"][1]), int(entry["shape"][2])

    def run(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        interpolation = cv2.INTER_AREA if rgb.shape[0] > height else cv2.INTER_LINEAR
        small = cv2.resize(rgb, (width, height), interpolation=interpolation)
        interpreter.set_tensor(entry["index"], small[None].astype(np.float32) / 255)
        interpreter.invoke()
        matte = interpreter.get_tensor(result["index"])[0, :, :, 0]
        full = cv2.resize(matte, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(full, 0, 1), np.float32)

    return run


def onnx_u2net(path: Path, num_threads: int = 2) -> RgbToAlpha:
    """Open an official U²-Net ONNX file, run as the authors' test script does (min-max included).

    Raises:
        ModuleNotFoundError: `onnxruntime` is not installed.
        FileNotFoundError: no such file.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such ONNX file")
    try:
        import onnxruntime
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "ONNX networks need onnxruntime: pip install onnxruntime"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = num_threads
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    entry = session.get_inputs()[0].name
    first = session.get_outputs()[0].name

    def run(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        small = cv2.resize(rgb, (320, 320), interpolation=cv2.INTER_AREA).astype(np.float32)
        small = (small / max(float(small.max()), 1.0) - IMAGENET_MEAN) / IMAGENET_STD
        matte = session.run([first], {entry: small.transpose(2, 0, 1)[None]})[0][0, 0]
        matte = (matte - matte.min()) / max(float(matte.max() - matte.min()), 1e-6)
        full = cv2.resize(matte, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_LINEAR)
        return np.asarray(np.clip(full, 0, 1), np.float32)

    return run
