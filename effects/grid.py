"""The small grid on which everything smooth is computed; only the last step is at full size.

Mattes, guides, colours and blurs vary slowly compared with a 1080p frame: they are computed with
a long side of 320 and applied to the full frame by one fused loop each.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

LONG_SIDE = 320
"""Twice this lowers dtSSD by a few percent and costs four times as much."""


def grid_size(size_wh: tuple[int, int], long_side: int = LONG_SIDE) -> tuple[int, int]:
    """Width and height of the grid for frames of a size; never larger than the frame."""
    width, height = size_wh
    scale = min(1.0, long_side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


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
