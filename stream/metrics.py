"""What a run counts and times. Written by every thread, read by the status line and the report.

Rate and latency are kept for each sink by itself: added up, two sinks would double the rate, and
the lateness of a recording would be held against a camera. Memory does not grow with the length of
a run: durations go into histograms.
"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from u2cam.core.clock import SYSTEM_CLOCK, Clock

_LOWEST_MS = 0.001
_BINS_PER_DECADE = 200
_BINS = 9 * _BINS_PER_DECADE  # up to 1e6 ms, 1.2 % wide each


class Histogram:
    """Durations in logarithmic bins; percentiles are exact to 1.2 %."""

    def __init__(self) -> None:
        self._counts = np.zeros(_BINS, dtype=np.int64)
        self.total_ms = 0.0
        self.count = 0

    def add(self, duration_ms: float) -> None:
        """Count one duration."""
        position = int(np.log10(max(duration_ms, _LOWEST_MS) / _LOWEST_MS) * _BINS_PER_DECADE)
        self._counts[min(position, _BINS - 1)] += 1
        self.total_ms += duration_ms
        self.count += 1

    @property
    def mean_ms(self) -> float:
        """Mean duration; 0 where nothing was counted."""
        return self.total_ms / self.count if self.count else 0.0

    def percentile_ms(self, percent: float) -> float:
        """Return the duration under which `percent` of all durations lie; 0 where none."""
        if not self.count:
            return 0.0
        rank = np.ceil(percent / 100 * self.count)
        position = int(np.searchsorted(np.cumsum(self._counts), max(rank, 1)))
        return float(_LOWEST_MS * 10 ** ((position + 0.5) / _BINS_PER_DECADE))


@dataclass(frozen=True, slots=True)
class StageTimes:
    """How long a stage worked."""

    ms_mean: float
    ms_p95: float
    busy: float
    """Share of the run's time in which the stage worked, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Window:
    """What was measured in a short while, about a second."""

    fps_in: float
    """Frames per second that the source gave."""
    fps_out: float
    """Composites per second that reached the sink that got the fewest, placeholders not
    counted."""
    latency_p95_ms: float
    """Capture to the slowest sink; 0 where nothing arrived."""


class Metrics:
    """Counters and clocks of one run.

    Args:
        clock: whose seconds frames carry.
    """

    def __init__(self, clock: Clock = SYSTEM_CLOCK) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._started_s = clock.now_s()
        self._ended_s: float | None = None
        self._stages: dict[str, Histogram] = {}
        self._latency: dict[str, Histogram] = {}
        self._matte_age = Histogram()
        self._counts: Counter[str] = Counter()
        self._window_latency: dict[str, Histogram] = {}
        self._window_began = (self._started_s, 0)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time the body as one piece of work of a stage."""
        begin_s = time.perf_counter()
        try:
            yield
        finally:
            duration_ms = (time.perf_counter() - begin_s) * 1000
            with self._lock:
                self._stages.setdefault(stage, Histogram()).add(duration_ms)

    def count(self, what: str, times: int = 1) -> None:
        """Count `in`, `out`, `placeholder`, `matte failed` and the like."""
        with self._lock:
            self._counts[what] += times

    def latency(self, sink: str, captured_at_s: float) -> None:
        """Note that a frame captured then has reached a sink now."""
        with self._lock:
            latency_ms = (self._clock.now_s() - captured_at_s) * 1000
            self._latency.setdefault(sink, Histogram()).add(latency_ms)
            self._window_latency.setdefault(sink, Histogram()).add(latency_ms)

    def matte_age(self, age_ms: float) -> None:
        """Note how much older than its frame a propagated matte was."""
        with self._lock:
            self._matte_age.add(age_ms)

    def window(self, sinks: Iterable[str]) -> Window:
        """Return what was measured at these sinks since the last call; one caller only.

        Args:
            sinks: by name; the one that got the fewest frames and the slowest one count.
        """
        now_s = self._clock.now_s()
        with self._lock:
            latency, self._window_latency = self._window_latency, {}
            counted_in = self._counts["in"]
            since_s, before = self._window_began
            self._window_began = (now_s, counted_in)
        length_s = max(now_s - since_s, 1e-6)
        arrived = [latency.get(sink, Histogram()) for sink in sinks]
        return Window(
            fps_in=(counted_in - before) / length_s,
            fps_out=min((times.count for times in arrived), default=0) / length_s,
            latency_p95_ms=max((times.percentile_ms(95) for times in arrived), default=0.0),
        )

    def end(self) -> None:
        """Stop the clock of the run."""
        self._ended_s = self._clock.now_s()

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, up to the end of the run."""
        ended_s = self._clock.now_s() if self._ended_s is None else self._ended_s
        return ended_s - self._started_s

    def counted(self, what: str) -> int:
        """Return a counter's value."""
        with self._lock:
            return self._counts[what]

    def latency_ms(self, percent: float, sinks: Iterable[str] | None = None) -> float:
        """Percentile of the time from capture to the slowest of these sinks; None: of all."""
        with self._lock:
            names = self._latency if sinks is None else sinks
            arrived = [self._latency.get(name, Histogram()) for name in names]
            return max((times.percentile_ms(percent) for times in arrived), default=0.0)

    def matte_age_ms(self, percent: float) -> float:
        """Percentile of the mattes' age; 0 where every matte was its frame's own."""
        with self._lock:
            return self._matte_age.percentile_ms(percent)

    def stages(self) -> dict[str, StageTimes]:
        """Return the times of every stage, in the order in which they first worked."""
        elapsed_ms = max(self.elapsed_s * 1000, 1e-6)
        with self._lock:
            return {
                name: StageTimes(
                    ms_mean=times.mean_ms,
                    ms_p95=times.percentile_ms(95),
                    busy=min(times.total_ms / elapsed_ms, 1.0),
                )
                for name, times in self._stages.items()
            }
