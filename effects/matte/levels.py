"""Level control of mattes: cuts with a smooth ramp, edge shift, feather, islands and holes."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8


def level_table(low: float, high: float) -> NDArray[np.uint8]:
    """Return the table (256,) uint8 that cuts at low and high with a smooth ramp between.

    Entries up to `low` are exactly 0 and from `high` on exactly 255. The ramp (Perlin, "Improving
    Noise", 2002) leaves both ends so slowly that with 0.02 and 0.98 what is below 0.07 rounds to 0
    as well: faint noise of the network shows no camera at all. `low` 0 and `high` 1 is the
    identity, without the ramp.
    """
    value = np.arange(256) / 255
    t = np.clip((value - low) / (high - low), 0, 1)
    if (low, high) != (0.0, 1.0):
        t = t**3 * (t * (6 * t - 15) + 10)
    return np.round(t * 255).astype(np.uint8)


def shift_edge(alpha_u8: AlphaU8, shift_px: float) -> AlphaU8:
    """Move the edge by pixels of this matte: outwards (dilate) or, negative, inwards (erode)."""
    radius = round(abs(shift_px))
    if radius == 0:
        return alpha_u8
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    change = cv2.dilate if shift_px > 0 else cv2.erode
    return change(alpha_u8, element, borderType=cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)


def feather(alpha_u8: AlphaU8, feather_px: float) -> AlphaU8:
    """Soften the edge over a width in pixels of this matte, inwards only.

    The matte is blurred and kept below itself: feathering outwards would show the old background.
    """
    radius = round(feather_px / 2)
    if radius == 0:
        return alpha_u8
    size = (2 * radius + 1, 2 * radius + 1)
    # Twice a box is a triangle: no visible corner in the ramp.
    once = cv2.blur(alpha_u8, size, borderType=cv2.BORDER_REPLICATE)
    soft = cv2.blur(once, size, borderType=cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)
    # 0.5 in the blurred matte is the old edge: stretch so that the ramp ends there.
    stretched = np.clip(np.arange(256) * 2 - 255, 0, 255).astype(np.uint8)
    return np.minimum(cv2.LUT(soft, stretched), alpha_u8)


def _parts(mask: NDArray[np.bool_], connectivity: Literal[4, 8]) -> tuple[int, NDArray[np.int32]]:
    """Return how many connected parts a mask has, and each pixel's; part 0 is all else."""
    count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=connectivity)
    return count, np.asarray(labels, np.int32)


def remove_islands(alpha: AlphaF32, level: float, min_share: float) -> AlphaF32:
    """Clear connected parts whose matte sums to less than a share of the largest part's.

    Args:
        alpha: (h, w) float32.
        level: a part is connected where the matte exceeds this.
        min_share: of the largest part; every person above it stays.

    Returns:
        (h, w) float32; the argument itself where nothing was removed.
    """
    if min_share <= 0:
        return alpha
    count, labels = _parts(alpha > level, connectivity=8)
    if count <= 2:
        return alpha
    weight = np.bincount(labels.ravel(), alpha.ravel())
    keep = weight >= min_share * weight[1:].max()
    keep[0] = True
    return alpha if keep.all() else np.where(keep[labels], alpha, np.float32(0))


def fill_holes(alpha: AlphaF32, max_share: float) -> AlphaF32:
    """Fill holes inside the matte that are smaller than a share of the largest part's area.

    Args:
        alpha: (h, w) float32.
        max_share: of the largest part's area in pixels; larger holes (under an arm) stay.

    Returns:
        (h, w) float32; the argument itself where nothing was filled.
    """
    if max_share <= 0:
        return alpha
    solid = alpha > 0.5
    count, labels = _parts(~solid, connectivity=4)
    if count <= 2:
        return alpha
    fill = np.ones(count, np.bool_)
    fill[0] = False
    # What touches the frame's border is no hole.
    for border in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        fill[border] = False
    area = np.bincount(labels.ravel())
    # No part is larger than all of them together: most frames need no search for the largest.
    fill &= area < max_share * np.count_nonzero(solid)
    if not fill.any():
        return alpha
    largest = np.bincount(_parts(solid, connectivity=8)[1].ravel())[1:].max(initial=0)
    fill &= area < max_share * largest
    if not fill.any():
        return alpha
    # One pixel more: the ramp around the hole belongs to it.
    hole = cv2.dilate(fill[labels].astype(np.uint8), np.ones((3, 3), np.uint8))
    return np.where(hole > 0, np.float32(1), alpha)
