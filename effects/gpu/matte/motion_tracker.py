"""What the host finds out about a frame while the device works on the frame before.

Dense flow needs the frames only, never a matte. It is computed here, by the same code as on the
CPU, on the frame's small grid, and travels to the device with the frame: so no step waits for the
host in the middle of a frame, and both implementations see the same motion.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8, MapF32
from u2cam.effects.matte.temporal_filter import MAX_GAP_S
from u2cam.effects.motion.optical_flow import Flow, resize_flow
from u2cam.effects.settings import MatteSettings


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A frame's relation to the frame before, on the grid."""

    luma_u8: NDArray[np.uint8]
    """(gh, gw) uint8."""
    flow: MapF32 | None
    """(gh, gw, 2) float32, where each pixel lay in the frame before; None without smoothing."""
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

    def follow(self, small: ImageU8, time_s: float) -> Motion:
        """Take in the next frame on the grid, (gh, gw, 3) uint8 RGB, and its time."""
        luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
        last, self._last = self._last, (luma, time_s)
        if self._settings.smoothing == "off":
            return Motion(luma, None, 1.0)
        if last is None or not _continues(last, luma, time_s):
            return Motion(luma, np.zeros((*luma.shape, 2), np.float32), 1.0)
        still = 1 - math.exp(-(time_s - last[1]) / self._settings.smoothing_s)
        found = self._flow.backward(luma, last[0])
        return Motion(luma, resize_flow(found, (luma.shape[1], luma.shape[0])), still)


def _continues(
    last: tuple[NDArray[np.uint8], float], luma: NDArray[np.uint8], time_s: float
) -> bool:
    return last[0].shape == luma.shape and 0 < time_s - last[1] <= MAX_GAP_S
