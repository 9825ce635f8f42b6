"""What the host finds out about a frame while the device works on the frame before.

Dense flow and scene cuts need the frames only, never a matte. They are computed here, by the same
code as on the CPU, on the frame's small grid, and travel to the device with the frame: so nothing
of the chain waits for the host in the middle of a frame, and both paths see the same motion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8, MapF32
from u2cam.effects.grid import grid_size, shrink
from u2cam.effects.matte.temporal_filter import MAX_GAP_S
from u2cam.effects.motion.optical_flow import Flow, resize_flow
from u2cam.effects.motion.scene_change import scene_cut
from u2cam.effects.settings import MatteSettings


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A frame's small grid and its relation to the frame before."""

    small: ImageU8
    """(h, w, 3) uint8 RGB, the frame on the grid."""
    luma_u8: NDArray[np.uint8]
    """(h, w) uint8."""
    flow: MapF32 | None
    """(h, w, 2) float32, where each pixel lay in the frame before, in pixels of the grid; None
    where nothing is smoothed."""
    still: float
    """Rate of the smoothing where nothing changes, 0 to 1; 1 takes the new matte as it is."""


class MotionTracker:
    """Follows the frames of a run. Used by one thread."""

    def __init__(self, settings: MatteSettings) -> None:
        self._settings = settings
        self._flow = Flow()
        self._last: tuple[NDArray[np.uint8], float] | None = None

    def reset(self) -> None:
        """Forget the frame before."""
        self._last = None

    def follow(self, image: ImageU8, time_s: float) -> Motion:
        """Look at the next frame (H, W, 3) uint8 RGB, C-contiguous, and its time."""
        small = shrink(image, grid_size((image.shape[1], image.shape[0])))
        luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        last, self._last = self._last, (luma, time_s)
        if self._settings.smoothing == "off":
            return Motion(small, luma, None, 1.0)
        if last is None or not self._continues(last, luma, time_s):
            return Motion(small, luma, np.zeros((*luma.shape, 2), np.float32), 1.0)
        still = 1 - math.exp(-(time_s - last[1]) / self._settings.smoothing_s)
        found = self._flow.backward(luma, last[0])
        return Motion(small, luma, resize_flow(found, (luma.shape[1], luma.shape[0])), still)

    def _continues(
        self, last: tuple[NDArray[np.uint8], float], luma: NDArray[np.uint8], time_s: float
    ) -> bool:
        if last[0].shape != luma.shape or not 0 < time_s - last[1] <= MAX_GAP_S:
            return False
        return not (self._settings.scene_cuts and scene_cut(last[0], luma))
