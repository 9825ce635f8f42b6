"""Temporal smoothing of mattes: stills flicker, follows movement, knows how much time passed.

Each pixel is an exponential average whose rate depends on what happened there:

- The old matte is first moved along the optical flow of the person (`person_flow.py`), so that
  moving edges are averaged with themselves.
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
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, MapF32
from u2cam.core.kernel import F32, F32_2D, F32_3D, OUT_F32_2D, U8_2D, kernel, part
from u2cam.effects.matte.person_flow import person_flow
from u2cam.effects.motion.optical_flow import Flow, resize_flow

MAX_GAP_S = 0.5
"""After a longer gap nothing of the old matte holds."""

NOISE_LEVELS = 8.0
"""Change of luma (of 255, locally averaged) that is still camera noise."""

CHANGE_LEVELS = 30.0
"""Change of luma that means another thing. With 3 and 10 dtSSD of the tuning clips is 3 points
higher: at moving edges the flow explains the picture less well than the matte."""

SURE_FROM, SURE_RISE = 0.5, 4.0
"""By how much two mattes in a row must differ from the average, beyond what they differ from one
another, to be taken as they are, and how fast they are from there on. A jump by the whole range
is; where the network is of two minds the average stays."""


@part
def _source(
    flow: MapF32, y: int, x: int
) -> tuple[np.int32, np.int32, int, int, float, float, float, float]:
    """Where a pixel was: left, top, right and bottom of four pixels, then their weights."""
    height, width = flow.shape[:2]
    one = np.float32(1)
    u = min(max(np.float32(x) + flow[y, x, 0], np.float32(0)), np.float32(width - 1))
    v = min(max(np.float32(y) + flow[y, x, 1], np.float32(0)), np.float32(height - 1))
    left = np.int32(u)
    top = np.int32(v)
    right = min(left + 1, width - 1)
    bottom = min(top + 1, height - 1)
    u -= np.float32(left)
    v -= np.float32(top)
    return left, top, right, bottom, (one - u) * (one - v), u * (one - v), (one - u) * v, u * v


@kernel(F32_2D, F32_2D, U8_2D, U8_2D, F32_3D, OUT_F32_2D, OUT_F32_2D, OUT_F32_2D)
def _move(
    average: AlphaF32,
    last: AlphaF32,
    previous: NDArray[np.uint8],
    current: NDArray[np.uint8],
    flow: MapF32,
    average_out: AlphaF32,
    last_out: AlphaF32,
    change_out: MapF32,
) -> None:
    height, width = average.shape
    for y in range(height):
        for x in range(width):
            left, top, right, bottom, w00, w01, w10, w11 = _source(flow, y, x)
            average_out[y, x] = (
                w00 * average[top, left]
                + w01 * average[top, right]
                + w10 * average[bottom, left]
                + w11 * average[bottom, right]
            )
            last_out[y, x] = (
                w00 * last[top, left]
                + w01 * last[top, right]
                + w10 * last[bottom, left]
                + w11 * last[bottom, right]
            )
            luma = (
                w00 * np.float32(previous[top, left])
                + w01 * np.float32(previous[top, right])
                + w10 * np.float32(previous[bottom, left])
                + w11 * np.float32(previous[bottom, right])
            )
            change_out[y, x] = abs(np.float32(current[y, x]) - luma)


@kernel(F32_2D, F32_2D, F32_2D, F32_2D, F32, F32, F32, OUT_F32_2D)
def _smooth(
    old: AlphaF32,
    last: AlphaF32,
    new: AlphaF32,
    change: MapF32,
    still: float,
    noise: float,
    per_level: float,
    out: AlphaF32,
) -> None:
    height, width = new.shape
    zero = np.float32(0)
    one = np.float32(1)
    for y in range(height):
        for x in range(width):
            unexplained = min(max((change[y, x] - noise) * per_level, zero), one)
            step = new[y, x] - old[y, x]
            doubt = abs(new[y, x] - last[y, x])
            # Two mattes in a row that agree about a large step: it is no flicker.
            sure = (abs(step) - doubt - np.float32(SURE_FROM)) * np.float32(SURE_RISE)
            rate = max(unexplained, min(max(sure, zero), one), still)
            out[y, x] = old[y, x] + rate * step


def smooth(
    old: AlphaF32,
    last: AlphaF32,
    new: AlphaF32,
    change: MapF32,
    dt_s: float,
    smoothing_s: float,
) -> AlphaF32:
    """Take one step of the average.

    Args:
        old: (h, w) float32, the average so far, already moved to the current frame.
        last: (h, w) float32, the previous frame's own matte, moved likewise.
        new: (h, w) float32, the current frame's own matte.
        change: (h, w) float32, unexplained change of luma in levels of 255.
        dt_s: seconds since the last step, ≥ 0.
        smoothing_s: time constant where nothing changed, > 0.

    Returns:
        (h, w) float32, the average now.
    """
    still = 1 - math.exp(-dt_s / smoothing_s)
    out = np.empty_like(new)
    per_level = 1 / (CHANGE_LEVELS - NOISE_LEVELS)
    _smooth(old, last, new, change, still, NOISE_LEVELS, per_level, out)
    return out


class MatteSmoother:
    """Carries the average from frame to frame. One per run; used by one thread."""

    def __init__(self, smoothing_s: float) -> None:
        self._smoothing_s = smoothing_s
        self._flow = Flow()
        self._state: _State | None = None

    def reset(self) -> None:
        """Forget everything."""
        self._state = None

    def update(self, alpha: AlphaF32, luma_u8: NDArray[np.uint8], time_s: float) -> AlphaF32:
        """Return the smoothed matte (h, w) of the current frame.

        Args:
            alpha: (h, w) float32, the frame's own matte.
            luma_u8: (h, w) uint8, the frame's luma at the same size.
            time_s: the frame's presentation time; going back or a gap resets.
        """
        state = self._state
        average = alpha
        if state and _continues(state, alpha, time_s):
            dt_s = time_s - state.time_s
            old, last, change = self._moved(state, luma_u8, alpha)
            average = smooth(old, last, alpha, change, dt_s, self._smoothing_s)
        self._state = _State(average, alpha, luma_u8, time_s)
        return average

    def _moved(
        self, state: "_State", luma_u8: NDArray[np.uint8], alpha: AlphaF32
    ) -> tuple[AlphaF32, AlphaF32, MapF32]:
        shape = luma_u8.shape
        flow = resize_flow(self._flow.backward(luma_u8, state.luma_u8), (shape[1], shape[0]))
        flow = person_flow(flow, luma_u8, state.luma_u8, alpha)
        average, last = np.empty(shape, np.float32), np.empty(shape, np.float32)
        change = np.empty(shape, np.float32)
        _move(
            state.average,
            state.last,
            state.luma_u8,
            luma_u8,
            flow,
            average,
            last,
            change,
        )
        return average, last, np.asarray(cv2.blur(change, (5, 5)), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """What is known of the previous frame."""

    average: AlphaF32
    last: AlphaF32
    luma_u8: NDArray[np.uint8]
    time_s: float


def _continues(state: _State, alpha: AlphaF32, time_s: float) -> bool:
    return state.average.shape == alpha.shape and 0 < time_s - state.time_s <= MAX_GAP_S
