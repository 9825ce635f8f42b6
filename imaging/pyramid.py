"""A picture halved again and again, made once per frame and used by all that need a small copy."""

from collections.abc import Sequence
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8

Levels = TypeVar("Levels", np.uint8, np.uint16)
LEAST_LONG_SIDE = 320
"""Pixels: as the grid of the effects and of optical flow; nothing asks for smaller copies."""


def halves(image: ImageU8, least_long_side: int = LEAST_LONG_SIDE) -> tuple[ImageU8, ...]:
    """Halve an image (H, W, 3) by averaging 2x2 pixels, as often as it stays large enough.

    Exact halves have a fast path in OpenCV: a third of the time of one step of area averaging, and
    as little aliasing.

    Returns:
        The halves, largest first, each with a long side of at least `least_long_side` pixels; empty
        where the image is too small to be halved.
    """
    levels: list[ImageU8] = []
    while True:
        height, width = image.shape[0] // 2, image.shape[1] // 2
        if max(width, height) < least_long_side or min(width, height) < 1:
            return tuple(levels)
        image = halve(image)
        levels.append(image)


def halve(image: NDArray[Levels]) -> NDArray[Levels]:
    """Halve an image (H, W) or (H, W, C), at least 2x2, by averaging; see `halves`."""
    half_wh = (image.shape[1] // 2, image.shape[0] // 2)
    # Between four pixels, bilinear is their average; of an odd side nothing is cut off.
    half = cv2.resize(image, half_wh, interpolation=cv2.INTER_LINEAR)
    return half.astype(image.dtype, copy=False)


def halve_towards(image: NDArray[Levels], size_wh: tuple[int, int]) -> NDArray[Levels]:
    """Halve an image as often as it stays at least as large as a size, at least 1x1.

    Averaging down to the size itself costs four times as much at 720p and six times at 4K, and
    differs by less than one level of 255 on average.
    """
    width, height = size_wh
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        image = halve(image)
    return image


def shrink(image: NDArray[Levels], size_wh: tuple[int, int]) -> NDArray[Levels]:
    """Bring an image (H, W) or (H, W, C) to a smaller size: halved, the rest bilinear."""
    return _resized(halve_towards(image, size_wh), size_wh)


def _resized(image: NDArray[Levels], size_wh: tuple[int, int]) -> NDArray[Levels]:
    if (image.shape[1], image.shape[0]) == size_wh:
        return image
    resized = cv2.resize(image, size_wh, interpolation=cv2.INTER_LINEAR)
    return resized.astype(image.dtype, copy=False)


class Pyramid:
    """An image and its halves, each made when it is first needed. Used by one thread."""

    def __init__(self, image: NDArray[np.uint8], levels: Sequence[NDArray[np.uint8]] = ()) -> None:
        """Take an image (H, W) or (H, W, 3) and the halves of it that there are, as of `halves`."""
        self.image = image
        self._levels = [image, *levels]

    def at(self, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        """Return what `shrink` returns; not to be written into."""
        width, height = size_wh
        place = 0
        while True:
            level = self._levels[place]
            if level.shape[1] < 2 * width or level.shape[0] < 2 * height:
                return _resized(level, size_wh)
            place += 1
            if place == len(self._levels):
                self._levels.append(halve(level))
