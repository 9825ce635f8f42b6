"""How far a run is: what a caller's `progress` is called with."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from u2cam.build import Parts
from u2cam.core.plural import counted

PERIOD_S = 0.5


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. Printed, it is one line."""

    frames: int
    """Pictures that went to the sinks so far."""
    total: int | None
    """Pictures that there will be, an estimate for most files; None where that is not known."""
    elapsed_s: float
    """Seconds since the beginning."""
    fps: float
    """Pictures per second since the beginning."""

    def __str__(self) -> str:
        """Return `120 of 240 frames, 30.1 fps`."""
        done = counted(self.frames, "frame")
        if self.total is not None:
            done = f"{self.frames} of {counted(self.total, 'frame')}"
        return f"{done}, {self.fps:.1f} fps"


class ProgressCalls:
    """Calls a function about twice a second while `tick` comes, and once at the end."""

    def __init__(self, call: Callable[[Progress], object] | None, parts: Parts) -> None:
        self._call = call
        self._parts = parts
        self._began_s = self._called_s = time.monotonic()

    def tick(self) -> None:
        """Call, if it is time."""
        now_s = time.monotonic()
        if self._call is not None and now_s - self._called_s >= PERIOD_S:
            self._called_s = now_s
            self._call(self._progress(now_s))

    def end(self) -> None:
        """Call for the last time."""
        if self._call is not None:
            self._call(self._progress(time.monotonic()))

    def _progress(self, now_s: float) -> Progress:
        frames = self._parts.threads.metrics.counted("out")
        elapsed_s = now_s - self._began_s
        return Progress(frames, self._parts.total_frames, elapsed_s, frames / max(elapsed_s, 1e-9))
