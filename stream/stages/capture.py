"""The capture stage: reads the source and finds it again when it is lost. Thread `capture`."""

import logging
import threading

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.errors import SourceError, SourceLost
from u2cam.core.frame import Frame
from u2cam.stream.devices.viewers import OnDemand
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.settings import CaptureSettings
from u2cam.stream.sources.base import EndOfStream, Source
from u2cam.stream.stages.scenes import SceneCounter

log = logging.getLogger(__name__)


def capture_loop(
    source: Source,
    captured: FrameQueue[Frame],
    metrics: Metrics,
    stop: threading.Event,
    settings: CaptureSettings,
    scenes: SceneCounter,
    max_frames: int | None = None,
    on_demand: OnDemand | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """Move frames from the source to the queue until the source ends or the run is stopped.

    While a lost source is looked for, nothing is put: the composite stage then shows the
    placeholder by itself.

    Raises:
        SourceError: the source failed for good.
    """
    while not stop.is_set() and (max_frames is None or metrics.counted("in") < max_frames):
        if on_demand is not None and not on_demand.awake.is_set():
            if not _rest(source, on_demand, stop, settings, clock):
                break
            scenes.gap()
            continue
        try:
            with metrics.timed("capture"):
                frame = scenes.described(source.read())
        except EndOfStream:
            break
        except SourceLost as lost:
            log.warning("%s; looking for it again", lost)
            metrics.count("source lost")
            if not _find_again(source, stop, settings, clock):
                break
            scenes.gap()
            log.warning("%s is back", source.info.name)
            continue
        except SourceError:
            # Closed by `Pipeline.stop` to wake a read that would not return.
            if stop.is_set():
                break
            raise
        metrics.count("in")
        try:
            captured.put(frame)
        except QueueClosed:
            break
    captured.end()


def _rest(
    source: Source,
    on_demand: OnDemand,
    stop: threading.Event,
    settings: CaptureSettings,
    clock: Clock,
) -> bool:
    """Release the source until there is a viewer; False where the run was stopped meanwhile."""
    on_demand.rest()
    while not clock.wait_set(on_demand.awake, 0.1):
        if stop.is_set():
            return False
    return source.reopen() or _find_again(source, stop, settings, clock)


def _find_again(
    source: Source, stop: threading.Event, settings: CaptureSettings, clock: Clock
) -> bool:
    """Look for a lost source with growing pauses; False where the run was stopped meanwhile."""
    pause_s = settings.reconnect_min_s
    while not clock.wait_set(stop, pause_s):
        if source.reopen():
            return True
        pause_s = min(pause_s * 2, settings.reconnect_max_s)
    return False
