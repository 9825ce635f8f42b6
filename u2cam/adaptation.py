"""Keeps a live run within its latency budget; called again and again by the main thread."""

import logging
from typing import Any, Literal

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.protocols import Compositor
from u2cam.stream.latency_budget import LatencyBudget, Level, levels_for
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import LiveSettings

log = logging.getLogger(__name__)

WINDOW_S = 1.0
WARM_UP_S = 2.0
"""Time that caches, clocks and the first frames get before anything is held against a level."""


class Adaptation:
    """Measures, asks the budget, and lets network and matting follow.

    Args:
        pipeline: the run, live.
        compositor: its network.
        settings: what is wanted.
        mode: `auto` may carry mattes where nothing else helps; `sync` never, `async` always.
        rate: the source's frames per second.
        slow: begin with carried mattes, because the network is known to be slower than the source.
        clock: that of the pipeline.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        compositor: Compositor,
        settings: LiveSettings,
        *,
        mode: Literal["auto", "sync", "async"],
        rate: float,
        slow: bool,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._pipeline = pipeline
        self._compositor = compositor
        levels = levels_for(compositor.input_sizes_wh, can_carry=mode != "sync")
        if mode == "async":
            levels = [level for level in levels if level.asynchronous]
        carried = [number for number, level in enumerate(levels) if level.asynchronous]
        self._budget = LatencyBudget(
            levels,
            settings.target_fps or rate,
            settings.max_latency_ms,
            start=carried[0] if slow and carried else 0,
        )
        self._adapts = settings.adapt
        self._clock = clock
        self._began_s = self._measured_s = clock.now_s()
        self.history: list[dict[str, Any]] = []
        """Every change: {at_s, level}, the first level included."""
        self._take(self._budget.level)

    @property
    def level(self) -> str:
        """Name of the present level, for the status line."""
        return self._budget.level.name

    def tick(self) -> None:
        """Measure once per window; cheap in between.

        Nothing is held against a level whose pictures have no viewer: while the run rests, behind
        the privacy screen, or while the output is lost.
        """
        now_s = self._clock.now_s()
        if not self._adapts or now_s - self._measured_s < WINDOW_S:
            return
        self._measured_s = now_s
        pipeline = self._pipeline
        sinks = pipeline.watched_sinks
        window = pipeline.metrics.window(sinks)
        unseen = pipeline.resting or pipeline.screen.is_set() or not sinks
        if unseen or now_s - self._began_s < WARM_UP_S:
            return
        before = self._budget.level
        level = self._budget.update(window)
        if level is not before:
            log.info(
                "%.1f fps, %.0f ms: from %s to %s",
                window.fps_out,
                window.latency_p95_ms,
                before.name,
                level.name,
            )
            self._take(level)

    def _take(self, level: Level) -> None:
        matting = self._pipeline.matting
        if level.input_size_wh is not None:
            self._compositor.use_input_size(level.input_size_wh)
        if matting is not None:
            matting.every = level.every
            if level.asynchronous:
                matting.asynchronous.set()
            else:
                matting.asynchronous.clear()
        at_s = round(self._clock.now_s() - self._began_s, 1)
        self.history.append({"at_s": at_s, "level": level.name})
