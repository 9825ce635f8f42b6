"""Which way a frame's pixels came, and how far a smoothing goes along with the frame.

Dense flow needs the frames only, never a matte: on a GPU run it is computed on the host, while the
device works on the frame before, by the same code as on the CPU.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import MapF32
from u2cam.effects.motion.optical_flow import Flow, resize_flow

MAX_GAP_S = 0.5
"""After a longer gap nothing of the old matte holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """A frame's relation to the frame before, on the grid."""

    flow: MapF32
    """(h, w, 2) float32, where each pixel lay in the frame before."""
    still: float
    """Rate of the smoothing where nothing changes, 0 to 1; 1 takes the new matte as it is."""


class MotionTracker:
    """Follows the frames of a run. Used by one thread."""

    def __init__(self, smoothing_s: float) -> None:
        self._smoothing_s = smoothing_s
        self._flow = Flow()
        self._last: tuple[NDArray[np.uint8], float] | None = None

    def reset(self) -> None:
        """Forget the frame before."""
        self._last = None

    def follow(self, luma_u8: NDArray[np.uint8], time_s: float) -> Motion:
        """Take in the next frame, (h, w) uint8, and its time; going back or a gap begins anew."""
        last, self._last = self._last, (luma_u8, time_s)
        height, width = luma_u8.shape
        if last is None or last[0].shape != luma_u8.shape or not 0 < time_s - last[1] <= MAX_GAP_S:
            return Motion(np.zeros((height, width, 2), np.float32), 1.0)
        flow = resize_flow(self._flow.backward(luma_u8, last[0]), (width, height))
        return Motion(flow, follow_rate(time_s - last[1], self._smoothing_s))


def follow_rate(dt_s: float, constant_s: float) -> float:
    """Return how far an exponential average goes in a time, 0 to 1."""
    return 1 - math.exp(-dt_s / constant_s)
