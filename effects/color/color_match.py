"""Exposure and white balance of the person, brought gently towards the new background.

Means and spreads per channel in the manner of Reinhard et al. ("Color Transfer between Images",
2001), but as one gain per channel, limited, and smoothed over time, so that skin stays skin and
nothing pumps.
"""

import math

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, ImageU8
from u2cam.effects.motion.motion_tracker import follow_rate

MAX_GAIN = 1.35
"""Limit of a channel's gain at full strength, and of its inverse."""
SETTLE_S = 1.0
"""Time constant with which the gains follow."""


def match_gains(
    image_small: ImageU8, alpha_small: AlphaF32, background_small: ImageU8, strength: float
) -> NDArray[np.float32]:
    """Return the gains (3,) float32 that bring the person's mean towards the background's.

    The overall exposure moves a third of the way at full strength, the tint half of it; each
    gain stays within 1 / `MAX_GAIN` to `MAX_GAIN`.

    Args:
        image_small: (h, w, 3) uint8 RGB frame on the grid.
        alpha_small: (h, w) float32 matte on the grid.
        background_small: (h, w, 3) uint8 RGB background on the grid.
        strength: 0 to 1.
    """
    weight = float(alpha_small.sum())
    if weight < 1 or strength == 0:
        return np.ones(3, np.float32)
    person = np.tensordot(alpha_small, image_small.astype(np.float32), 2) / weight + 1
    scene = background_small.reshape(-1, 3).mean(0, dtype=np.float32) + 1
    exposure = (scene.mean() / person.mean()) ** (strength / 3)
    tint = (scene / scene.mean()) / (person / person.mean())
    gains = exposure * tint ** (strength / 2)
    limited = np.clip(gains, 1 / MAX_GAIN, MAX_GAIN)
    return np.asarray(limited, np.float32)


class MatchClock:
    """How far the gains follow from frame to frame. On the host; used by one thread."""

    def __init__(self) -> None:
        self._last_s: float | None = None

    def reset(self) -> None:
        """Begin anew."""
        self._last_s = None

    def rate(self, time_s: float) -> float:
        """Return the rate for the frame of a time; 1 for the first one and when time goes back."""
        last_s, self._last_s = self._last_s, time_s
        if last_s is None or time_s < last_s:
            return 1.0
        return follow_rate(time_s - last_s, SETTLE_S)


class Match:
    """Gains that follow slowly. One per run; used by one thread."""

    def __init__(self, strength: float) -> None:
        self._strength = strength
        self._gains: NDArray[np.float32] | None = None
        self._clock = MatchClock()

    def reset(self) -> None:
        """Forget the gains."""
        self._gains = None
        self._clock.reset()

    def tables(
        self,
        image_small: ImageU8,
        alpha_small: AlphaF32,
        background_small: ImageU8,
        time_s: float,
    ) -> NDArray[np.uint8]:
        """Return the table (256, 3) uint8 to apply to the foreground at a time."""
        wanted = match_gains(image_small, alpha_small, background_small, self._strength)
        rate = self._clock.rate(time_s)
        if self._gains is None or rate == 1:
            self._gains = wanted
        else:
            self._gains = self._gains + np.float32(rate) * (wanted - self._gains)
        return gain_tables(self._gains)


def gain_tables(gains: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the table (256, 3) uint8 of gains with a soft shoulder: white stays below clipping."""
    value = np.arange(256)[:, None] / 255
    # v ** (log of the gained middle) keeps 0 and 1 in place and gives the gain at middle gray.
    middle = 0.45
    power = np.log(np.clip(middle * gains, 0.05, 0.95)) / math.log(middle)
    return np.asarray(np.round(255 * value**power), np.uint8)
