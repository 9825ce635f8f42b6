"""Edge shift and feather of 8-bit mattes; as `effects.matte.levels`, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import cv2
import torch
from torch import Tensor

Choose = Callable[[Tensor, Tensor], Tensor]


def _padded(values: Tensor, radius: int, dim: int) -> Tensor:
    """Repeat the edges of (H, W) by a radius along a side."""
    length = values.shape[dim]
    places = torch.arange(-radius, length + radius, device=values.device).clamp(0, length - 1)
    return values.index_select(dim, places)


@lru_cache(maxsize=16)
def _reach(radius: int) -> tuple[int, ...]:
    """Half the width of OpenCV's elliptic element in each of its rows, from the top one on."""
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    return tuple(int(row.sum()) // 2 for row in element)


def shift_edge(alpha_u8: Tensor, shift_px: float) -> Tensor:
    """Move the edge of (H, W) uint8 outwards (dilate) or, negative, inwards (erode).

    The extremes over a window of any width are those of two windows whose widths are a power of
    two, and these come from one another by doubling: a row of the element costs three steps
    whatever the radius.
    """
    radius = round(abs(shift_px))
    if radius == 0:
        return alpha_u8
    choose: Choose = torch.maximum if shift_px > 0 else torch.minimum
    height, width = alpha_u8.shape
    wide = _padded(_padded(alpha_u8, radius, 0), radius, 1)  # (H + 2r, W + 2r)
    windows = [wide]  # windows[k][:, x] is the extreme of 2^k values from x on
    while 2 ** len(windows) <= 2 * radius + 1:
        step = 2 ** (len(windows) - 1)
        last = windows[-1]
        windows.append(choose(last[:, :-step], last[:, step:]))
    result: Tensor | None = None
    for top, half in enumerate(_reach(radius)):
        level = (2 * half + 1).bit_length() - 1
        first = radius - half
        second = radius + half + 1 - 2**level
        window = windows[level][top : top + height]
        row = choose(window[:, first : first + width], window[:, second : second + width])
        result = row if result is None else choose(result, row)
    assert result is not None
    return result


def _blurred(values: Tensor, radius: int) -> Tensor:
    """Average (H, W) whole levels over squares, rounded to whole levels."""
    size = 2 * radius + 1
    for dim in (0, 1):
        # Sums of integers in prefix form: exact, and no dearer for a wide window.
        padded = _padded(values, radius, dim)
        total = padded.cumsum(dim, dtype=torch.int32)
        ahead = total.narrow(dim, size - 1, values.shape[dim])
        behind = total.narrow(dim, 0, values.shape[dim]) - padded.narrow(dim, 0, values.shape[dim])
        values = ahead - behind
    return torch.div(values + size * size // 2, size * size, rounding_mode="floor")


def feather(alpha_u8: Tensor, feather_px: float) -> Tensor:
    """Soften the edge of (H, W) uint8 over a width in pixels, inwards only."""
    radius = round(feather_px / 2)
    if radius == 0:
        return alpha_u8
    soft = _blurred(_blurred(alpha_u8.to(torch.int32), radius), radius)
    return torch.minimum((soft * 2 - 255).clamp(0, 255).to(torch.uint8), alpha_u8)
