"""Validation during training: fixed composites of people and scenes that are never trained on."""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import nn

from u2cam.model.datasets.composite_clip import Clip, draw_composite
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.photo_library import Library
from u2cam.model.train.network_input import network_input

VALIDATION_SEED = 20260101


def draw_validation(library: Library, size_wh: tuple[int, int], count: int) -> list[Clip]:
    """Draw `count` single-frame webcam-like composites, the same ones every time."""
    cv2.setNumThreads(1)
    clips = []
    for index in range(count):
        rng = np.random.default_rng((VALIDATION_SEED, index))
        clips.append(draw_composite(library, size_wh, 1, rng))
    return clips


@torch.inference_mode()
def predict(network: nn.Module, frame: Image, previous: Image | None = None) -> torch.Tensor:
    """Run an eval-mode network on one (H, W, 3) uint8 frame; (1, 1, H, W) float in [0, 1]."""
    rgb = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None]
    if previous is None:
        previous = np.zeros(frame.shape[:2], np.uint8)
    matte = torch.from_numpy(previous)[None, None]
    device = next(network.parameters()).device
    output = network(network_input(network, rgb.to(device), matte.to(device)))
    fused = output if isinstance(output, torch.Tensor) else output[0]
    return fused.float().cpu()


def mean_absolute_difference(network: nn.Module, clips: list[Clip]) -> float:
    """MAD over the first frames of clips, without previous mattes, times one thousand."""
    total = 0.0
    for clip in clips:
        alpha = predict(network, clip.frames[0])[0, 0].numpy()
        total += float(np.abs(alpha - clip.alpha[0] / np.float32(255)).mean())
    return 1000 * total / len(clips)
