"""Threads and queues from source to sinks: `capture`, `inference`, `composite`, one per sink.

    source -> capture -> [captured] -> inference -> [ready] -> composite -> [sink queues] -> sinks

With a propagator there is a thread more, `propagate`: see `stream/stages/propagation.py`.

    capture -> [captured] -> propagate -> [wanted] -> inference -> [ready] -> composite
                                 '---- with the newest matte --------^

Live, queues are one or two deep and drop their oldest; offline they wait and lose nothing.
The first exception of any thread closes every queue, and `run` raises it with its own traceback.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame, Picture
from u2cam.core.protocols import BeginsScene, Compositor, Propagator, ReadyFrame
from u2cam.stream.devices.viewers import OnDemand, follow
from u2cam.stream.frame_queue import FrameQueue, WhenFull
from u2cam.stream.metrics import Metrics
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.sinks.base import PictureFormat, Sink
from u2cam.stream.sources.base import Source
from u2cam.stream.stages.capture import capture_loop
from u2cam.stream.stages.composite import composite_loop
from u2cam.stream.stages.failure_policy import FailurePolicy
from u2cam.stream.stages.inference import inference_loop
from u2cam.stream.stages.output_shape import OutputShape
from u2cam.stream.stages.propagation import LiveMatting
from u2cam.stream.stages.scenes import SceneCounter
from u2cam.stream.stages.sink_thread import Output, distinct
from u2cam.stream.stages.stage_thread import StageThread

log = logging.getLogger(__name__)

_STOP_PATIENCE_S = 0.4
"""How long a stage may take to notice a stop before its source is closed under it."""
_READY_PERIOD_S = 0.1
_RECORDING_DEPTH = 8
"""Pictures that may wait for a recording of a live run: it rides out hiccups."""


class Pipeline:
    """One run from an open source to its sinks.

    Args:
        source: open; the caller closes it.
        compositor: network and effects.
        sinks: at least one.
        live: drop rather than wait.
        settings: depths and patience.
        capture: how a lost source is looked for.
        max_frames: stop after this many captured frames.
        propagator: live only: lets `matting` carry the newest matte to every frame; without it
            each frame waits for its own. For a compositor whose mattes are in this computer's
            memory.
        max_matte_age_s: with a propagator, the oldest matte that is still valid.
        on_demand: live only: rest while there is no viewer.
        begins_scene: recognises cuts; None: only gaps begin a new scene.
        clock: for all that is paced, held or tried again.
        shape: size and rate at which pictures go out; None: as they are made.
    """

    def __init__(
        self,
        source: Source,
        compositor: Compositor,
        sinks: Sequence[Sink],
        *,
        live: bool,
        settings: PipelineSettings,
        capture: CaptureSettings,
        max_frames: int | None = None,
        propagator: Propagator | None = None,
        max_matte_age_s: float = 1.0,
        on_demand: OnDemand | None = None,
        begins_scene: BeginsScene | None = None,
        clock: Clock = SYSTEM_CLOCK,
        shape: OutputShape | None = None,
    ) -> None:
        info = source.info
        self.metrics = Metrics(clock)
        self.screen = threading.Event()
        """While set, the viewer sees the placeholder: the privacy screen."""
        self.discarded = False
        """True once the run was ended without waiting for its sinks."""
        self._on_demand = on_demand
        self._over = threading.Event()
        self._clock = clock
        self._source = source
        self._stop = threading.Event()
        self._first_error: BaseException | None = None
        self._sink_threads: list[StageThread] = []
        self._stage_threads: list[StageThread] = []
        self._watch_threads: list[StageThread] = []
        self._lock = threading.Lock()
        self._format = PictureFormat(
            size_wh=compositor.presentation.picture_size(info.size_wh),
            rate=info.rate,
            time_base=info.time_base,
            kind=compositor.presentation.picture_kind,
            source=info,
        )
        depth = settings.live_depth if live else settings.offline_depth
        when_full: WhenFull = "drop_oldest" if live else "wait"
        self._captured = FrameQueue[Frame]("captured", depth, when_full, clock)
        self._ready = FrameQueue[ReadyFrame]("ready", depth, when_full, clock)
        self.matting: LiveMatting | None = None
        """The mode of live matting; None without a propagator."""
        if propagator is not None:
            self.matting = LiveMatting(
                self._captured, self._ready, propagator, self.metrics, max_matte_age_s
            )
        awake = None if on_demand is None else on_demand.awake
        self._outputs: list[Output] = []
        for sink, name in zip(sinks, distinct([sink.name for sink in sinks]), strict=True):
            sink_depth = _RECORDING_DEPTH if live and not sink.live else depth
            queue = FrameQueue[Picture](f"sink:{name}", sink_depth, when_full, clock)
            patience_s = settings.sink_patience_s if live else 0.0
            self._outputs.append(
                Output(
                    sink, queue, self._format, self.metrics, awake, patience_s, name, clock, shape
                )
            )

        # A slow source is not silent: two of its frames apart is a gap at the earliest.
        silence_s = max(settings.hold_after_s, 2 / float(info.rate)) if live else None
        scenes = SceneCounter(begins_scene, silence_s)
        self._stages: dict[str, Callable[[], None]] = {
            "capture": lambda: capture_loop(
                source,
                self._captured,
                self.metrics,
                self._stop,
                capture,
                scenes,
                max_frames,
                on_demand,
                clock,
            ),
            **({} if self.matting is None else {"propagate": self.matting.propagate}),
            "inference": lambda: self._infer(
                compositor, settings.max_failures if live else 0, live=live
            ),
            "composite": lambda: composite_loop(
                self._ready,
                compositor,
                self._deliver,
                self._format,
                self.metrics,
                frame_size_wh=info.size_wh,
                hold_after_s=settings.hold_after_s if live else None,
                screen=self.screen,
                awake=awake,
                clock=clock,
            ),
        }

    def _infer(self, compositor: Compositor, max_failures: int, *, live: bool) -> None:
        matting, captured = self.matting, self._captured
        failures = FailurePolicy(
            self.metrics,
            max_failures,
            (lambda: captured.count_drop("matte failed")) if matting is None else matting.withheld,
        )
        inference_loop(
            captured if matting is None else matting.wanted,
            self._ready.put if matting is None else matting.keep,
            compositor,
            self.metrics,
            failures,
            live=live,
            clock=self._clock,
        )
        self._ready.end()

    def run(self, on_tick: Callable[[], None] | None = None, tick_s: float = 0.1) -> None:
        """Run once: to the end of the source, to `stop`, or to the first error.

        The first Ctrl-C, whenever it comes, stops the source; what was made by then still goes
        into the sinks, and they are finished. However a run ends, its threads have ended and its
        sinks are closed, except after a second Ctrl-C, which does not wait: what is not finished
        then is discarded.

        Args:
            on_tick: called about every `tick_s` seconds from this thread, for a status line. What
                it raises ends the run as an error of a thread does.
            tick_s: seconds between two calls.

        Raises:
            KeyboardInterrupt: after a clean stop by Ctrl-C; at once at the second Ctrl-C.
            Exception: the first error of any thread, with the stage's name as a note.
        """
        interrupted = failed = False
        try:
            while True:
                try:
                    if interrupted:
                        self.stop()  # here, so that a second Ctrl-C while it works counts as one
                    self._go_on(on_tick, tick_s)
                    break
                except KeyboardInterrupt as error:
                    if interrupted:
                        self.discard(error)
                        raise
                    interrupted = True
                except BaseException as error:
                    self._fail(error)
                    if failed:
                        raise
                    failed, on_tick = True, None
        finally:
            self.metrics.end()
        if self._first_error is not None:
            raise self._first_error
        if interrupted:
            raise KeyboardInterrupt

    @property
    def resting(self) -> bool:
        """True while there is no viewer and the camera is off."""
        return self._on_demand is not None and not self._on_demand.awake.is_set()

    def stop(self) -> None:
        """End the run soon, keeping what was written. From any thread, any number of times."""
        self._stop.set()
        for queue in self._stage_queues():
            queue.close()

    def discard(self, error: BaseException) -> None:
        """End the run at once, for this error: no thread is waited for, no part file stays."""
        while True:
            try:
                self.discarded = True
                self._fail(error)
                for output in self._outputs:
                    output.discard()
                return
            except KeyboardInterrupt:
                continue  # pressed a third time; this takes milliseconds

    def dropped(self) -> dict[str, Counter[str]]:
        """Return the losses of every queue that lost something: {queue: {reason: count}}."""
        skipped = None if self.matting is None else self.matting.wanted
        queues = [queue for queue in self._queues() if queue is not skipped]
        return {q.name: Counter(q.dropped) for q in queues if q.dropped.total()}

    @property
    def failed_sinks(self) -> dict[str, Exception]:
        """Sinks that failed while others went on."""
        return {o.name: o.error for o in self._outputs if o.error is not None}

    @property
    def sink_names(self) -> list[str]:
        """Names of all sinks, each different: for `metrics` and the statistics."""
        return [output.name for output in self._outputs]

    @property
    def watched_sinks(self) -> list[str]:
        """Names of the sinks whose rate and latency count now; none where none takes pictures.

        Those with viewers; where there is none, the recordings.
        """
        going = [output for output in self._outputs if output.error is None]
        counted = [output for output in going if output.sink.live] or going
        return [output.name for output in counted if output.works]

    def _deliver(self, picture: Picture) -> None:
        for output in self._outputs:
            output.deliver(picture)
        self.metrics.count("out")

    def _go_on(self, on_tick: Callable[[], None] | None, tick_s: float) -> None:
        """Take the run to its end; after an interruption called again, with `_stop` set."""
        if not self._stop.is_set():
            self._start_sinks()
        if not self._stop.is_set():
            self._start_stages()
        while not self._stop.is_set() and _alive(self._stage_threads):
            self._tick(self._stage_threads, on_tick, tick_s)
        self._join_stages()
        self._over.set()
        while _alive(self._watch_threads):
            self._tick(self._watch_threads, None, tick_s)
        if not self._stop.is_set() and not self.metrics.counted("in"):
            name = self._source.info.name
            self._fail(SourceError(f"{name}: no frame came; is the file damaged or empty?"))
        for output in self._outputs:
            output.queue.end()
        while _alive(self._sink_threads):
            self._tick(self._sink_threads, on_tick, tick_s)

    def _start_sinks(self) -> None:
        """Open all sinks, each in its thread; the first that cannot fails the run."""
        for output in self._outputs:
            self._start(f"sink:{output.name}", self._sink_body(output), self._sink_threads)
        for output in self._outputs:
            # In short waits: on Windows, Ctrl-C does not end a long one.
            while not output.ready.wait(_READY_PERIOD_S):
                pass
            if output.error is not None:
                self._fail(output.error)

    def _start_stages(self) -> None:
        demand = self._on_demand
        if demand is not None:
            self._start(
                "viewers",
                lambda: follow(demand.watch(), demand.awake, self._over, clock=self._clock),
                self._watch_threads,
            )
        for name, body in self._stages.items():
            self._start(name, body, self._stage_threads)

    def _sink_body(self, output: Output) -> Callable[[], None]:
        def body() -> None:
            output.run(lambda: self._first_error is not None, self.stop)
            if output.error is None:
                return
            if all(other.error is not None for other in self._outputs):
                raise output.error
            log.error("%s; the other outputs go on", output.error)

        return body

    def _start(self, name: str, body: Callable[[], None], threads: list[StageThread]) -> None:
        """Start a thread whose error ends the run, and note it in `threads`."""

        def guarded() -> None:
            try:
                body()
            except BaseException as error:
                if not getattr(error, "__notes__", None):
                    error.add_note(f"in stage '{name}'")
                self._fail(error)

        thread = StageThread(name, guarded)
        threads.append(thread)  # first: an interruption must not leave one that is not waited for
        thread.start()

    def _fail(self, error: BaseException) -> None:
        with self._lock:
            if self._first_error is None:
                self._first_error = error
        self._stop.set()
        for queue in self._queues():
            queue.close()

    def _stage_queues(self) -> list[FrameQueue[Any]]:
        wanted = [] if self.matting is None else [self.matting.wanted]
        return [self._captured, self._ready, *wanted]

    def _queues(self) -> list[FrameQueue[Any]]:
        return [*self._stage_queues(), *(output.queue for output in self._outputs)]

    def _tick(
        self,
        threads: Sequence[StageThread],
        on_tick: Callable[[], None] | None,
        tick_s: float,
    ) -> None:
        for thread in _alive(threads)[:1]:
            thread.wait(tick_s)
        if on_tick is not None:
            on_tick()

    def _join_stages(self) -> None:
        """Wait for the stages; close a live source or a pipe whose read does not come back.

        A file's reader always comes back, and must not lose its file while it decodes.
        """
        deadline_s = time.monotonic() + _STOP_PATIENCE_S
        for thread in _alive(self._stage_threads):
            thread.wait(max(deadline_s - time.monotonic(), 0))
        info, waiting = self._source.info, bool(_alive(self._stage_threads))
        # What a sink still wants of a pipe, its sound, must not keep a run that was stopped.
        if (info.live and waiting) or (info.piped and (waiting or self._stop.is_set())):
            self._source.close()
        for thread in _alive(self._stage_threads):
            thread.wait(_STOP_PATIENCE_S)
            if thread.alive:
                log.warning("thread %s does not end; left behind", thread.name)


def _alive(threads: Sequence[StageThread]) -> list[StageThread]:
    return [thread for thread in threads if thread.alive]
