"""What a live run gives once it is under way: start-up is left out, lateness of capture is not."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from u2cam.build import build_pipeline
from u2cam.core.frame import Picture
from u2cam.core.protocols import Matter
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.inputs import InputPlan
from u2cam.settings import Settings
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sources.base import Source


@dataclass(frozen=True)
class Steady:
    """One live run, its first seconds left out."""

    fps: float
    """Composites a second that reached the sink; placeholders do not count."""
    latency_median_ms: float
    latency_p95_ms: float
    """From the moment a frame was due at the source to its composite in the sink; 0 without any."""
    longest_gap_ms: float
    """Between two composites."""
    matte_age_p95_ms: float
    """How much older than its frame a carried matte was; 0 where each frame had its own."""
    cores: float
    """Processor seconds per second, of all threads."""
    dropped: int
    """Frames lost in queues, start-up included."""


class TimingSink(NullSink):
    """Notes when each composite came and how old its frame was then."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[float, float]] = []
        """Monotonic time of arrival and age of the frame, seconds."""

    def write(self, picture: Picture) -> None:
        """Note a composite; a placeholder is none."""
        super().write(picture)
        if not picture.placeholder:
            now_s = time.monotonic()
            self.seen.append((now_s, now_s - picture.captured_at_s))


def live_pipeline(
    source: Source, matter: Matter, sinks: list[Sink], background: str = "#00b140"
) -> Pipeline:
    """Build the program's own live pipeline with its default effects, for an open source."""
    compositor = CpuCompositor(matter, CpuRenderer(Presentation(background)))
    return build_pipeline(InputPlan(source, "own", live=True), compositor, sinks, Settings(), None)


def run_steady(
    build: Callable[[list[Sink]], Pipeline],
    *,
    asynchronous: bool,
    seconds: float,
    warm_up_s: float = 2.0,
    further_sinks: int = 0,
) -> Steady:
    """Run for so many seconds after a warm-up and stop.

    Args:
        build: makes the live pipeline for the sinks that are handed in; its source must last.
        asynchronous: carry the newest matte to every frame.
        seconds: that are measured.
        warm_up_s: seconds before, left out.
        further_sinks: null sinks beside the one that measures.
    """
    sink = TimingSink()
    pipeline = build([sink, *(NullSink() for _ in range(further_sinks))])
    matting = pipeline.matting
    if asynchronous and matting is not None:
        matting.asynchronous.set()
    began_s = time.monotonic()
    busy_s: list[float] = []

    def measure() -> None:
        now_s = time.monotonic()
        if not busy_s and now_s >= began_s + warm_up_s:
            busy_s.append(time.process_time())
        if len(busy_s) == 1 and now_s >= began_s + warm_up_s + seconds:
            busy_s.append(time.process_time())
            pipeline.stop()

    pipeline.run(measure, tick_s=0.02)
    end_s = began_s + warm_up_s + seconds
    window = [(at, age) for at, age in sink.seen if began_s + warm_up_s <= at < end_s]
    if len(busy_s) < 2:
        raise RuntimeError("the source ended within the time to be measured")
    ages_ms = [age * 1000 for _, age in window] or [0.0]
    return Steady(
        fps=len(window) / seconds,
        latency_median_ms=float(np.median(ages_ms)),
        latency_p95_ms=float(np.percentile(ages_ms, 95)),
        longest_gap_ms=float(np.diff([at for at, _ in window]).max(initial=0)) * 1000,
        matte_age_p95_ms=pipeline.metrics.matte_age_ms(95),
        cores=(busy_s[1] - busy_s[0]) / seconds,
        dropped=sum(reasons.total() for reasons in pipeline.dropped().values()),
    )
