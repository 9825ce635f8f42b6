"""Temporal smoothing of mattes: stills flicker, follows movement, knows how much time passed.

Each pixel is an exponential average whose rate depends on what happened there:

- The old matte is first moved along the optical flow, so that moving edges are averaged with
  themselves (mode `flow`); mode `difference` leaves it in place.
- Where the picture changed in a way that the flow does not explain, the new matte is taken at
  once: the network saw something new. Where nothing changed, a change of the matte is flicker
  and is averaged over `smoothing_s`.
- Where two mattes in a row agree with one another and not with the average, they are right: a
  jump is complete with the second frame. This is the bound on trailing.

The rate is `1 - exp(-dt / smoothing_s)`, hence the same look at 15, 30 and 60 fps and after
dropped frames. In the spirit of the One-Euro filter (Casiez et al. 2012), with the picture's
change in place of the signal's speed.
"""

import math
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from effects.array_types import AlphaF32, MapF32
from effects.propagate import Flow, warp

MAX_GAP_S = 0.5
"""After a longer gap nothing of the old matte holds."""

NOISE_LEVELS = 6.0
"""Change of luma (of 255, locally averaged) that is still camera noise."""

CHANGE_LEVELS = 20.0
"""Change of luma that is surely another thing."""


def scene_cut(previous: NDArray[np.uint8], current: NDArray[np.uint8]) -> bool:
    """Tell whether the picture changed as a whole, as at a cut.

    A cut changes most of the picture and leaves nothing of its structure; an exposure step
    keeps the structure, a person walking by leaves most of the picture alone.

    Args:
        previous: (h, w) uint8 luma on the small grid.
        current: (h, w) uint8 luma of the same size.

    Returns:
        True where the mean change exceeds 20 of 255 and the correlation of the two is below 0.5.
    """
    if previous.shape != current.shape:
        return True
    a = cv2.resize(previous, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    b = cv2.resize(current, (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    if float(np.abs(a - b).mean()) <= 20:
        return False
    a -= a.mean()
    b -= b.mean()
    spread = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return spread == 0 or float((a * b).sum()) / spread < 0.5


def smooth(
    old: AlphaF32,
    last: AlphaF32,
    new: AlphaF32,
    unexplained: MapF32,
    dt_s: float,
    smoothing_s: float,
) -> AlphaF32:
    """Take one step of the average.

    Args:
        old: (h, w) float32, the average so far, already moved to the current frame.
        last: (h, w) float32, the previous frame's own matte, moved likewise.
        new: (h, w) float32, the current frame's own matte.
        unexplained: (h, w) float32 in [0, 1]: 1 where the picture changed for sure.
        dt_s: seconds since the last step, ≥ 0.
        smoothing_s: time constant where nothing changed, > 0.

    Returns:
        (h, w) float32 in [0, 1], the average now.
    """
    still = np.float32(1 - math.exp(-dt_s / smoothing_s))
    jump = np.abs(new - old)
    doubt = np.abs(new - last)
    # Agreement of the last two mattes about a large difference: 1 from twice the doubt on.
    sure = np.clip((jump - doubt) * np.float32(4) - np.float32(0.4), 0, 1)
    rate = np.maximum(np.maximum(unexplained, sure), still)
    return np.asarray(old + rate * (new - old), np.float32)


class MatteSmoother:
    """Carries the average from frame to frame. One per run; used by one thread."""

    def __init__(
        self,
        mode: Literal["flow", "difference"],
        smoothing_s: float,
        scene_cuts: bool = True,
    ) -> None:
        self._mode = mode
        self._smoothing_s = smoothing_s
        self._scene_cuts = scene_cuts
        self._flow = Flow()
        self._average: AlphaF32 | None = None
        self._last: AlphaF32 | None = None
        self._luma: NDArray[np.uint8] | None = None
        self._time_s = 0.0

    def reset(self) -> None:
        """Forget everything."""
        self._average = self._last = self._luma = None

    def update(self, alpha: AlphaF32, luma_u8: NDArray[np.uint8], time_s: float) -> AlphaF32:
        """Return the smoothed matte (h, w) of the current frame.

        Args:
            alpha: (h, w) float32, the frame's own matte.
            luma_u8: (h, w) uint8, the frame's luma at the same size.
            time_s: the frame's presentation time; going back or a gap resets.
        """
        average, last, previous = self._average, self._last, self._luma
        dt_s = time_s - self._time_s
        fresh = (
            average is None
            or last is None
            or previous is None
            or average.shape != alpha.shape
            or not 0 < dt_s <= MAX_GAP_S
            or (self._scene_cuts and scene_cut(previous, luma_u8))
        )
        if fresh or average is None or last is None or previous is None:
            result = alpha
        else:
            if self._mode == "flow":
                flow = self._flow.backward(luma_u8, previous)
                average, last, moved = warp_all(average, last, previous, flow)
            else:
                moved = previous.astype(np.float32)
            unexplained = unexplained_change(luma_u8, moved)
            result = smooth(average, last, alpha, unexplained, dt_s, self._smoothing_s)
        self._average, self._last, self._luma, self._time_s = result, alpha, luma_u8, time_s
        return result


def warp_all(
    average: AlphaF32, last: AlphaF32, previous: NDArray[np.uint8], flow: MapF32
) -> tuple[AlphaF32, AlphaF32, MapF32]:
    """Move average, last matte and luma along one flow, in one pass."""
    stack = cv2.merge([average, last, previous.astype(np.float32)])
    moved = warp(np.asarray(stack, np.float32), flow)
    return moved[..., 0], moved[..., 1], moved[..., 2]


def unexplained_change(luma_u8: NDArray[np.uint8], moved: MapF32) -> MapF32:
    """Return (h, w) float32 in [0, 1]: 0 for camera noise, 1 where the picture surely changed."""
    change = cv2.absdiff(luma_u8.astype(np.float32), moved)
    change = cv2.blur(change, (5, 5))
    share = (change - np.float32(NOISE_LEVELS)) / np.float32(CHANGE_LEVELS - NOISE_LEVELS)
    return np.asarray(np.clip(share, 0, 1), np.float32)
