"""Resizing pictures on a device into a network's input: GPU implementation of `preprocess.py`."""

from __future__ import annotations

from functools import lru_cache

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.inputs.recurrent_input import GAIN, SHIFT
from u2cam.model.registry import ModelSpec


def _linear(planes: Tensor, height: int, width: int) -> Tensor:
    """Resize (3, H, W) levels bilinearly, without smoothing, to whole levels."""
    if tuple(planes.shape[1:]) == (height, width):
        return planes
    size = (height, width)
    resized = F.interpolate(planes[None], size=size, mode="bilinear", align_corners=False)
    return (resized[0] + 0.5).floor()


def resize_input(spec: ModelSpec, box: Letterbox, image: Tensor) -> Tensor:
    """Resize a picture into the network's input; bars are black.

    Args:
        spec: the network: with `averages_pixels` the picture is halved before.
        box: where the picture lies in the input.
        image: (H, W, 3) uint8 RGB.

    Returns:
        (3, h, w) float32 whole levels of 0 to 255; `preprocess.resize_input` may differ by one.
    """
    width, height = box.content_wh
    planes = image.permute(2, 0, 1).float()  # (3, H, W)
    if spec.averages_pixels:
        while planes.shape[2] >= 2 * width and planes.shape[1] >= 2 * height:
            planes = _linear(planes, planes.shape[1] // 2, planes.shape[2] // 2)
    content = _linear(planes, height, width)
    if box.content_wh == box.network_wh:
        return content
    boxed = content.new_zeros((3, box.network_wh[1], box.network_wh[0]))
    boxed[:, box.top : box.top + height, box.left : box.left + width] = content
    return boxed


@lru_cache(maxsize=8)
def _scales(device: torch.device) -> tuple[Tensor, Tensor]:
    gain, shift = (torch.tensor(values[:3], device=device) for values in (GAIN, SHIFT))
    return gain.view(3, 1, 1), shift.view(3, 1, 1)


def normalise(picture: Tensor) -> Tensor:
    """Return (3, h, w) float32 whole levels as the network's colour channels."""
    gain, shift = _scales(picture.device)
    return picture * gain + shift
