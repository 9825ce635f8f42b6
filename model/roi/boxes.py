"""Pixels of the ROI on the host: finding persons in a matte, cutting crops, putting mattes back."""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, ImageU8
from u2cam.model.roi.region import Region

STEP_PX = 2
"""Pixels of a matte from one that `box_of` is given to the next: a crop need not be more exact."""

COMPONENT_LEVEL = 0.3
"""A matte above this belongs to a component, which is a person if it is confident as a whole."""

LEAST_COMPONENT = 0.01
"""Of the largest component's area: a hand beside a body is more."""


def box_of(alpha: AlphaF32, confidence: float) -> Region | None:
    """Return the least region with all persons in a matte (h, w) of the full frame, or None.

    Components of less confidence, or small beside the largest, do not count: on a crop, what looks
    a little like a person looks more like one, and a fleck that comes and goes must not move it.

    Args:
        alpha: (h, w) float32 in [0, 1].
        confidence: least mean of a component's matte.
    """
    mask = (alpha > COMPONENT_LEVEL).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    area = stats[1:, cv2.CC_STAT_AREA]
    mean = np.bincount(labels.ravel(), alpha.ravel())[1:] / area
    persons = stats[1:][(mean > confidence) & (area >= LEAST_COMPONENT * area.max())]
    if not persons.size:
        return None
    left, top = persons[:, cv2.CC_STAT_LEFT], persons[:, cv2.CC_STAT_TOP]
    right, bottom = left + persons[:, cv2.CC_STAT_WIDTH], top + persons[:, cv2.CC_STAT_HEIGHT]
    height, width = alpha.shape
    return Region(
        float(left.min() / width),
        float(top.min() / height),
        float(right.max() / width),
        float(bottom.max() / height),
    )


def cut(image: ImageU8, region: Region) -> ImageU8:
    """Return the region of a frame (H, W, 3), C-contiguous."""
    left, top, right, bottom = region.pixels((image.shape[1], image.shape[0]))
    return np.ascontiguousarray(image[top:bottom, left:right])


def place(alpha: NDArray[np.float32], region: Region, size_wh: tuple[int, int]) -> AlphaF32:
    """Put the matte of a region into that of the full frame; outside of the region it is 0.

    Args:
        alpha: (h, w) float32, the matte of the cut.
        region: what was cut.
        size_wh: width and height of the matte wanted, over the full frame.
    """
    full = np.zeros((size_wh[1], size_wh[0]), np.float32)
    left, top, right, bottom = region.pixels(size_wh)
    inner = cv2.resize(alpha, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    full[top:bottom, left:right] = inner
    return full
