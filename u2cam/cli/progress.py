"""What is shown during a run on a terminal: a bar with rate and ETA offline, one line live."""

import contextlib
import logging
import sys
import time
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from u2cam.adaptation import Adaptation
from u2cam.core.plural import counted
from u2cam.report import dropped
from u2cam.stream.metrics import Metrics
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sources.base import Source

log = logging.getLogger(__name__)


class ProgressDisplay:
    """Follows a run; entered before and left after it. `tick` may come ten times a second.

    Only `tick` writes, not a thread of rich: its errors are then ours to catch.

    Args:
        pipeline: the run.
        source: where its frames come from, open.
        live: whether to show the live line instead of the bar.
        quiet: show nothing.
        adaptation: what keeps the run within its latency budget, if anything does.
        console: where to; stderr, so that stdout stays for results.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        source: Source,
        *,
        live: bool,
        quiet: bool,
        adaptation: Adaptation | None = None,
        console: Console | None = None,
    ) -> None:
        self._pipeline = pipeline
        self._source = source
        self._adaptation = adaptation
        self._live = live
        self._console = console or Console(stderr=True)
        self._shown = not quiet and self._console.is_terminal
        self._display: Progress | Live | None = None
        self._rate = _Rate(pipeline.metrics)

    def __enter__(self) -> Self:
        if self._shown:
            live = Live(console=self._console, auto_refresh=False, transient=True)
            self._display = live if self._live else self._bar()
            self._display.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._end()

    def tick(self) -> None:
        """Show how far the run is; where the terminal is gone, no longer."""
        try:
            self._show()
        except OSError as error:
            log.debug("nothing is shown any more: %s", error)
            self._end()

    def _end(self) -> None:
        display, self._display = self._display, None
        if display is not None:
            with contextlib.suppress(OSError):  # the terminal was closed
                display.stop()

    def _show(self) -> None:
        if isinstance(self._display, Progress):
            self._display.update(
                self._display.task_ids[0],
                completed=self._pipeline.metrics.counted("out"),
                rate=f"{self._rate.fps():.1f} fps",
                refresh=True,
            )
        elif self._display is not None:
            level = "" if self._adaptation is None else f", {self._adaptation.level}"
            line = status_line(self._pipeline, self._source, self._rate.fps())
            self._display.update(Text(line + level), refresh=True)

    def _bar(self) -> Progress:
        progress = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=self._console,
            auto_refresh=False,
            transient=True,
        )
        progress.add_task("frames", total=self._source.info.frames, rate="")
        return progress


class _Rate:
    """Pictures per second over the last second or so."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._since_s = time.monotonic()
        self._count = 0
        self._fps = 0.0

    def fps(self) -> float:
        now_s, count = time.monotonic(), self._metrics.counted("out")
        if now_s - self._since_s >= 1.0:
            self._fps = (count - self._count) / (now_s - self._since_s)
            self._since_s, self._count = now_s, count
        return self._fps


def status_line(pipeline: Pipeline, source: Source, fps: float) -> str:
    """Return the live line: rate, latency, drops, and what the viewer sees instead if anything."""
    metrics = pipeline.metrics
    lost = sum(sum(reasons.values()) for reasons in dropped(pipeline, source).values())
    latency_ms = metrics.latency_ms(50, pipeline.watched_sinks)
    line = f"{fps:.1f} fps, latency {latency_ms:.0f} ms, {lost} dropped"
    if metrics.counted("placeholder"):
        line += f", {counted(metrics.counted('placeholder'), 'placeholder')}"
    if pipeline.resting:
        line += ", no viewer: camera off"
    if pipeline.screen.is_set():
        line += ", PRIVACY SCREEN ON"
    return line


def say(text: str) -> None:
    """Write one line to stderr, if that is still there: the terminal may have been closed."""
    with contextlib.suppress(OSError):
        print(text, file=sys.stderr, flush=True)
