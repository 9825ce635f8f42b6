"""The small grid on which everything smooth is computed; only the last step is at full size.

Mattes, guides, colours and blurs vary slowly compared with a 1080p frame: they are computed with
a long side of 320 and applied to the full frame by one fused loop each.
"""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

LONG_SIDE = 320
"""Twice this lowers dtSSD by a few percent and costs four times as much."""


def grid_size(size_wh: tuple[int, int], long_side: int = LONG_SIDE) -> tuple[int, int]:
    """Width and height of the grid for frames of a size; never larger than the frame."""
    width, height = size_wh
    scale = min(1.0, long_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def shrink(image: NDArray[np.uint8], size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """Reduce an image (H, W) or (H, W, 3): halved by averaging, the rest bilinear.

    Exact halves have a fast path in OpenCV: this takes a third of the time of one step of area
    averaging and aliases as little.
    """
    width, height = size_wh
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height and min(width, height) > 0:
        half = (image.shape[1] // 2, image.shape[0] // 2)
        even = image[: 2 * half[1], : 2 * half[0]]
        image = cv2.resize(even, half, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    if (image.shape[1], image.shape[0]) != size_wh:
        image = cv2.resize(image, size_wh, interpolation=cv2.INTER_LINEAR).astype(
            np.uint8, copy=False
        )
    return image


@lru_cache(maxsize=64)
def spread(cells: int, pixels: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Say between which cells of the grid each pixel of the frame lies, along one side.

    Centres are aligned, and pixels outside the outer centres take the outer cell, as in
    `cv2.resize`.

    Args:
        cells: length of the grid's side.
        pixels: length of the frame's side.

    Returns:
        (pixels,) int32 index of the cell before, at most `cells - 2` (0 for one cell), and
        (pixels,) float32 share of the cell after, in [0, 1]. Kept: not to be written into.
    """
    place = np.clip((np.arange(pixels) + 0.5) * (cells / pixels) - 0.5, 0, cells - 1)
    before = np.minimum(place.astype(np.int32), max(cells - 2, 0)).astype(np.int32)
    return before, (place - before).astype(np.float32)
