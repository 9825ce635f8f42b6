"""Backgrounds made of the frame itself, on a device: GPU implementation of `effects.backgrounds`.

Normalised convolution (Knutsson and Westin 1993): the person has no weight in the blur.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.effects.backgrounds.base import (
    Background,
    BlurBackground,
    DesaturateBackground,
    KeepBackground,
    PixelateBackground,
)
from u2cam.effects.gpu import axis
from u2cam.effects.gpu.axis import Pyramid
from u2cam.effects.gpu.matte.guided_filter import enlarge
from u2cam.effects.grid import grid_size

_TINY = 1e-3
LUMA = (9798, 19235, 3735)
"""Shares of red, green and blue in luma, in 32768ths, as OpenCV has them."""

Scene = Callable[[Pyramid, Pyramid], Tensor]
"""From the frame (3, H, W) and its alpha (1, H, W), in levels, to the background (3, H, W)."""


def scene_of(background: Background) -> Scene | None:
    """Return the device's way to make a scene background; None: there is none for this one."""
    if isinstance(background, KeepBackground):
        return lambda frame, alpha: frame.picture
    if isinstance(background, BlurBackground):
        strength, shape = background.strength_percent, background.shape
        return lambda frame, alpha: blur_background(frame, alpha, strength, shape)
    if isinstance(background, PixelateBackground):
        percent = background.block_percent
        return lambda frame, alpha: pixelate(frame, alpha, percent)
    if isinstance(background, DesaturateBackground):
        return lambda frame, alpha: desaturate(frame.picture)
    return None


def blur_background(
    frame: Pyramid,
    alpha: Pyramid,
    strength_percent: float,
    shape: Literal["gaussian", "disc"] = "gaussian",
) -> Tensor:
    """Return the scene (3, H, W) without the person, blurred; arguments as `Scene`.

    Args:
        frame: (3, H, W) float32 levels of 0 to 255.
        alpha: (1, H, W) float32 levels.
        strength_percent: standard deviation or radius in percent of the frame's height.
        shape: gaussian, or disc as an open lens draws it.
    """
    height, width = frame.picture.shape[-2:]
    sigma = max(strength_percent / 100 * height, 0.3)
    reach = 3.0 if shape == "gaussian" else 5.0
    columns, rows = grid_size(
        (width, height), max(8, math.ceil(min(480, max(width, height) * reach / sigma)))
    )
    scale = rows / height
    small = frame.at(rows, columns)
    matte = alpha.at(rows, columns) * (1 / 255)
    # Widened by a pixel and steepened: soft pixels hold some of the person's colour.
    matte = F.max_pool2d(matte[None], 3, stride=1, padding=1)[0]
    weight = (1 - matte).square()  # (1, rows, columns)
    if shape == "disc":
        blurred = _disc(small, weight, max(sigma * scale, 0.5))
    else:
        sums = axis.blur_gaussian(_weighted(small, weight), max(sigma * scale, 0.3))
        blurred = _filled(sums, _wide(small, weight))
    whole = (blurred + 0.5).clamp(0, 255).floor()
    return (enlarge(whole, height, width) + 0.5).floor()


def _weighted(colours: Tensor, weight: Tensor) -> Tensor:
    return torch.cat((colours * weight, weight))


def _filled(sums: Tensor, wide: Tensor) -> Tensor:
    """Divide by the weight; where little weight is near, the wide blur's colour takes over."""
    return (sums[:3] + wide * _TINY) / (sums[3:] + _TINY)


def _wide(colours: Tensor, weight: Tensor) -> Tensor:
    """Colours of the scene from far around, at the size of the argument."""
    height, width = weight.shape[-2:]
    rows, columns = axis.divided_side(height, 8), axis.divided_side(width, 8)
    sums = axis.resize_area(_weighted(colours, weight), rows, columns)
    total = sums.sum((1, 2))
    mean = (total[:3] / total[3].clamp(min=1e-3))[:, None, None]
    sums = axis.blur_gaussian(sums, max(columns, rows) / 8 + 0.3)
    fill = (sums[:3] + mean * _TINY) / (sums[3:] + _TINY)
    return axis.resize_linear(fill, height, width)


@cache
def _lens(radius: float, device: torch.device) -> Tensor:
    """Return the disc (4, 1, k, k), once per channel, in double precision."""
    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    disc = np.clip(radius + 0.5 - np.hypot(x, y), 0, 1)
    lens = np.tile((disc / disc.sum())[None, None], (4, 1, 1, 1))
    return torch.from_numpy(lens).to(device)


def _disc(colours: Tensor, weight: Tensor, radius: float) -> Tensor:
    # Squared values stand for light: bright points win over what is around them, as in a lens.
    light = colours.square() * (1 / 255)
    # Doubles: GPUs may run convolutions of floats with ten bits.
    lens = _lens(radius, colours.device)
    reach = lens.shape[-1] // 2
    padded = _weighted(light, weight).double()
    for dim in (1, 2):
        padded = padded.index_select(dim, axis.mirrored(padded.shape[dim], reach, padded.device))
    sums = F.conv2d(padded[None], lens, groups=4)[0].float()
    blurred = _filled(sums.clamp(min=0), _wide(light, weight))
    return (blurred * 255).sqrt()


def pixelate(frame: Pyramid, alpha: Pyramid, block_percent: float) -> Tensor:
    """Return the scene (3, H, W), one colour per block."""
    height, width = frame.picture.shape[-2:]
    block = max(2, round(block_percent / 100 * height))
    # Blurred first: blocks without the person in them.
    scene = blur_background(frame, alpha, block_percent / 2)
    rows, columns = axis.divided_side(height, block), axis.divided_side(width, block)
    coarse = axis.resize_area(scene, rows, columns).round()
    return F.interpolate(coarse[None], size=(height, width), mode="nearest")[0]


def desaturate(image: Tensor) -> Tensor:
    """Return the scene (3, H, W) in gray."""
    red, green, blue = image.to(torch.int32)
    gray: Tensor = (red * LUMA[0] + green * LUMA[1] + blue * LUMA[2] + (1 << 14)) >> 15
    return gray.float().expand(3, -1, -1)
