"""Carrying a matte from one frame to a later one along dense optical flow.

Flow by DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", 2016; OpenCV's
implementation) on 8-bit luma of the small grid. `propagator.py` does it for a run.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import MapF32
from u2cam.effects.grid import grid_size
from u2cam.imaging.pyramid import shrink

FLOW_LONG_SIDE = 320
"""Pixels, as the grid."""


class Flow:
    """Dense backward flow between gray pictures; keeps OpenCV's buffers."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._size_wh = (0, 0)

    def backward(self, current: NDArray[np.uint8], previous: NDArray[np.uint8]) -> MapF32:
        """Return (h, w, 2) float32: where each pixel of `current` lay in `previous`, as offset.

        Computed with a long side of at most `FLOW_LONG_SIDE`, which sets h and w; offsets are in
        pixels of that size. `resize_flow` brings it elsewhere.

        Args:
            current: (H, W) uint8 luma.
            previous: (H, W) uint8 luma of the same size.
        """
        size = grid_size((current.shape[1], current.shape[0]), FLOW_LONG_SIDE)
        now, before = shrink(current, size), shrink(previous, size)
        # What is handed in is where the search starts: it must be zeros, never left as it was.
        flow = np.zeros((size[1], size[0], 2), np.float32)
        if min(size) < 16:  # DIS needs room for its patches
            return flow
        if size != self._size_wh:
            # It keeps the scales chosen for the first size it saw, and would be 15 times slower.
            self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
            self._size_wh = size
        return np.asarray(self._dis.calc(now, before, flow), np.float32)


def resize_flow(flow: MapF32, size_wh: tuple[int, int]) -> MapF32:
    """Bring a flow (h, w, 2) to another size, offsets scaled with it."""
    height, width = flow.shape[:2]
    if (width, height) == size_wh:
        return flow
    scale = np.array([size_wh[0] / width, size_wh[1] / height], np.float32)
    return np.asarray(cv2.resize(flow * scale, size_wh), np.float32)


def warp(values: MapF32, flow: MapF32) -> MapF32:
    """Fetch values (h, w) float32 from where the backward flow says they lay."""
    height, width = values.shape[:2]
    flow = resize_flow(flow, (width, height))
    map_x = flow[..., 0] + np.arange(width, dtype=np.float32)[None, :]
    map_y = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    warped = cv2.remap(values, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.float32)
