"""Resizing and blurring along one side of a picture, as a matrix.

Everything linear that is done on the small grid is separable: bilinear resizing, averaging
of areas, box and Gaussian blurs, each with its border. One matrix per side says it all, so a step
is two matrix products whatever its radius: few launches, which is what a GPU wants, and the same
weights as on the CPU, because they are computed there, in double precision.

The matrices are kept per size and device, for good: a recorded graph reads them where they lie. A
run uses a few dozen, of a few hundred rows each.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

Border = Literal["replicate", "reflect", "reflect_101"]
"""What lies outside: the last value, the values mirrored (`cba|abc`), or mirrored around the last
value (`cb|abc`); OpenCV's names."""


def outside(places: NDArray[np.int64], length: int, border: Border) -> NDArray[np.int64]:
    """Return the places inside [0, length) that stand for any places."""
    if length == 1 or border == "replicate":
        return np.clip(places, 0, length - 1)
    if border == "reflect":
        around = np.mod(places, 2 * length)
        return np.where(around < length, around, 2 * length - 1 - around)
    around = np.mod(places, 2 * length - 2)
    return np.where(around < length, around, 2 * length - 2 - around)


@cache
def linear(length: int, wanted: int, device: torch.device) -> Tensor:
    """Return (wanted, length): bilinear resizing with centres aligned, edges repeated."""
    place = np.clip((np.arange(wanted) + 0.5) * (length / wanted) - 0.5, 0, length - 1)
    before = np.minimum(place.astype(np.int64), max(length - 2, 0))
    share = place - before
    matrix = np.zeros((wanted, length))
    rows = np.arange(wanted)
    matrix[rows, before] += 1 - share
    matrix[rows, np.minimum(before + 1, length - 1)] += share
    return _on(matrix, device)


@cache
def area(length: int, wanted: int, device: torch.device) -> Tensor:
    """Return (wanted, length): each new cell is the mean of what it covers; wanted ≤ length."""
    scale = length / wanted
    low = np.arange(wanted)[:, None] * scale
    cells = np.arange(length)[None, :]
    covered = np.clip(np.minimum(low + scale, cells + 1) - np.maximum(low, cells), 0, None)
    # OpenCV leaves out slivers too.
    covered[covered < 1e-3] = 0
    return _on(covered / covered.sum(axis=1, keepdims=True), device)


@cache
def box(length: int, radius_px: int, border: Border, device: torch.device) -> Tensor:
    """Return (length, length): the mean over a window of 2 * radius + 1."""
    size = 2 * radius_px + 1
    return _on(_banded(length, np.full(size, 1 / size), border), device)


@cache
def gaussian(length: int, sigma: float, device: torch.device) -> Tensor:
    """Return (length, length): a Gaussian as OpenCV cuts it off for floats."""
    size = round(sigma * 8 + 1) | 1
    place = np.arange(size) - (size - 1) / 2
    weights = np.exp(-place * place / (2 * sigma * sigma))
    return _on(_banded(length, weights / weights.sum(), "reflect_101"), device)


def _banded(length: int, weights: NDArray[np.float64], border: Border) -> NDArray[np.float64]:
    radius = len(weights) // 2
    matrix = np.zeros((length, length))
    rows = np.arange(length, dtype=np.int64)
    for offset, weight in enumerate(weights):
        np.add.at(matrix, (rows, outside(rows + offset - radius, length, border)), weight)
    return matrix


def _on(matrix: NDArray[np.float64], device: torch.device) -> Tensor:
    return torch.from_numpy(matrix.astype(np.float32)).to(device)


def forget() -> None:
    """Drop all kept matrices: a test that pretends to have another device must not leave its own.

    Not for a run: what a captured graph reads must stay.
    """
    for kept in (linear, area, box, gaussian, mirrored):
        kept.cache_clear()


def both(values: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Apply one matrix to the rows and one to the columns of (..., H, W)."""
    return torch.matmul(torch.matmul(rows, values), columns.mT)


def resize_linear(values: Tensor, height: int, width: int) -> Tensor:
    """Resize (..., H, W) floats bilinearly, without smoothing."""
    device = values.device
    return both(
        values,
        linear(values.shape[-2], height, device),
        linear(values.shape[-1], width, device),
    )


def resize_area(values: Tensor, height: int, width: int) -> Tensor:
    """Shrink (..., H, W) floats by averaging areas; neither side may grow."""
    device = values.device
    return both(
        values, area(values.shape[-2], height, device), area(values.shape[-1], width, device)
    )


def blur_box(values: Tensor, radius_px: int, border: Border) -> Tensor:
    """Average (..., H, W) floats over squares of 2 * radius + 1."""
    height, width = values.shape[-2:]
    device = values.device
    return both(
        values,
        box(height, radius_px, border, device),
        box(width, radius_px, border, device),
    )


def blur_exact(values: Tensor, radius_px: int) -> Tensor:
    """Average (C, H, W) float32 over squares, summed in double precision, edges mirrored.

    Variances are small differences of such means: the rounding of sums in single precision would
    be seen in them. Sums in doubles, as OpenCV's, cost little even where a GPU is slow at them;
    matrix products in doubles would not.
    """
    size = 2 * radius_px + 1
    wide = values.double()
    for dim, window in ((-2, (size, 1)), (-1, (1, size))):
        places = mirrored(values.shape[dim], radius_px, values.device)
        wide = F.avg_pool2d(wide.index_select(dim, places), window, stride=1)
    return wide.float()


@cache
def mirrored(length: int, reach: int, device: torch.device) -> Tensor:
    """Return the places (length + 2 * reach,) that mirror a side, the last value twice."""
    places = outside(np.arange(-reach, length + reach, dtype=np.int64), length, "reflect")
    return torch.from_numpy(places).to(device)


def blur_gaussian(values: Tensor, sigma: float) -> Tensor:
    """Blur (..., H, W) floats with a Gaussian."""
    height, width = values.shape[-2:]
    device = values.device
    return both(values, gaussian(height, sigma, device), gaussian(width, sigma, device))


def shrink(picture: Tensor, height: int, width: int) -> Tensor:
    """Reduce (C, H, W) float levels of 0 to 255: halved by averaging, the rest bilinear.

    GPU implementation of `core.pyramid.shrink`, with the same rounding to whole levels after each
    step. Only OpenCV's bilinear step rounds otherwise: it may differ by a level in a pixel of ten.
    """
    return Pyramid(picture).at(height, width)


class Pyramid:
    """A picture (C, H, W) float levels and its halves, each made when it is first needed."""

    def __init__(self, picture: Tensor) -> None:
        """Take a picture."""
        self.picture = picture
        self._levels = [picture]

    def at(self, height: int, width: int) -> Tensor:
        """Return what `shrink` returns."""
        place = 0
        while True:
            level = self._levels[place]
            if level.shape[-2] < 2 * height or level.shape[-1] < 2 * width:
                break
            place += 1
            if place == len(self._levels):
                self._levels.append(_halve(level))
        if tuple(level.shape[-2:]) == (height, width):
            return level
        return (resize_linear(level, height, width) + 0.5).floor()


def _halve(picture: Tensor) -> Tensor:
    rows, columns = picture.shape[-2] // 2, picture.shape[-1] // 2
    if tuple(picture.shape[-2:]) != (2 * rows, 2 * columns):
        return (resize_linear(picture, rows, columns) + 0.5).floor()
    quads = picture.reshape(-1, rows, 2, columns, 2)  # (C, h, 2, w, 2)
    return ((quads.sum((-3, -1)) + 2) * 0.25).floor()


def divided_side(length: int, part: int) -> int:
    """Return a side divided and rounded down, at least 1."""
    return max(1, length // part)


def window_radius(size_px: int) -> int:
    """Return the radius of an odd window."""
    return math.floor(size_px / 2)
