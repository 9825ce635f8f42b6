"""The latency budget: how much work a live frame may get, so that rate and latency hold.

A plain state machine, fed about once a second by whoever watches the run; it knows no threads. It
steps down one level when the budget is missed, and up again when there is room, but never to and
fro: a level that failed is tried again only after twice as long as the last time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from u2cam.stream.metrics import Window

DOWN_AFTER = 2
"""Windows in a row over budget until a step down: one hiccup is no reason."""
UP_AFTER = 8
"""Windows in a row with room until the first step up."""
TRIAL = 10
"""Windows after a step up in which a miss means that the level is too much."""
ROOM = 0.6
"""A step up needs latency below this share of the budget: the next level costs more."""
RATE_TOLERANCE = 0.9
"""Share of the wanted rate that still counts as reached."""


@dataclass(frozen=True, slots=True)
class Level:
    """How frames are worked on."""

    name: str
    """For status line and statistics: `512x288`, `512x288 async`."""
    input_size_wh: tuple[int, int] | None
    """Size of the network's input; None leaves it alone."""
    asynchronous: bool = False
    """Carry the newest matte instead of waiting for each frame's own."""
    every: int = 1
    """Work on each n-th frame only."""


class LatencyBudget:
    """Chooses a level from what was measured.

    Args:
        levels: from the most work to the least, at least one.
        target_fps: wanted rate; a source that gives less is not held against the level.
        max_latency_ms: wanted 95th percentile from capture to sink.
        start: index of the level to begin with.
    """

    def __init__(
        self,
        levels: Sequence[Level],
        target_fps: float,
        max_latency_ms: float,
        start: int = 0,
    ) -> None:
        self._levels = tuple(levels)
        self._target_fps = target_fps
        self._max_latency_ms = max_latency_ms
        self._at = start
        self._over = 0
        self._room = 0
        self._since_up = TRIAL
        self._patience = [UP_AFTER] * len(self._levels)
        """Windows with room that each level wants to see before it is tried (again)."""

    @property
    def level(self) -> Level:
        """How frames are to be worked on now."""
        return self._levels[self._at]

    def update(self, window: Window) -> Level:
        """Take in one window; return the level from now on."""
        if window.fps_in <= 0:
            return self.level  # nothing came, so nothing is known
        self._since_up += 1
        if self._misses(window):
            self._over, self._room = self._over + 1, 0
            if self._over >= DOWN_AFTER and self._at + 1 < len(self._levels):
                self._step_down()
        else:
            self._over = 0
            has_room = window.latency_p95_ms < self._max_latency_ms * ROOM
            self._room = self._room + 1 if has_room else 0
            if self._at > 0 and self._room >= self._patience[self._at - 1]:
                self._at -= 1
                self._room = self._since_up = 0
        return self.level

    def _misses(self, window: Window) -> bool:
        wanted = min(self._target_fps, window.fps_in) / self.level.every
        return (
            window.latency_p95_ms > self._max_latency_ms or window.fps_out < wanted * RATE_TOLERANCE
        )

    def _step_down(self) -> None:
        if self._since_up <= TRIAL:
            self._patience[self._at] *= 2
        self._at += 1
        self._over = self._room = 0


def levels_for(sizes_wh: Sequence[tuple[int, int]], *, can_carry: bool) -> list[Level]:
    """Return the levels of a network: smaller inputs, then carried mattes, then fewer frames.

    Args:
        sizes_wh: input sizes from the largest to the smallest; empty where there is no choice.
        can_carry: whether mattes can be carried from frame to frame.
    """
    levels = [Level(f"{width}x{height}", (width, height)) for width, height in sizes_wh]
    levels = levels or [Level("full", None)]
    if can_carry:
        # Carried, the network may take its time: the second largest input is worth it.
        best = levels[min(1, len(levels) - 1)]
        name, size_wh = best.name, best.input_size_wh
        levels.append(Level(f"{name} async", size_wh, asynchronous=True))
        levels += [
            Level(f"{name} async, 1/{every} of the frames", size_wh, asynchronous=True, every=every)
            for every in (2, 3)
        ]
    return levels
