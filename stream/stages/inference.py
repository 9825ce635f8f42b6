"""The inference stage: gives each frame its valid matte, or withholds it. Thread `inference`.

Offline, `Compositor.ahead` batches may be worked on while the next is read, so that neither side
waits; live, each frame is waited for, because what counts is its age.
"""

from collections.abc import Callable, Sequence

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.frame import Frame
from u2cam.core.protocols import Compositor, ReadyFrame
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.stages.failure_policy import FailurePolicy

STALE_S = 5.0
"""Live: after a frame that took so long, what was learnt of the frames before is out of date."""


def inference_loop(
    frames: FrameQueue[Frame],
    deliver: Callable[[ReadyFrame], object],
    compositor: Compositor,
    metrics: Metrics,
    failures: FailurePolicy,
    *,
    live: bool,
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """Matte every frame that waits. A frame whose matte fails goes no further.

    Args:
        frames: where frames come from.
        deliver: takes each frame that is ready; may raise QueueClosed to end the loop.
        compositor: the network, and what else the computing of a frame takes.
        metrics: counts and times.
        failures: which failures are survived.
        live: one frame at a time, each waited for.
        clock: for the time that a frame takes.

    Raises:
        Exception: what the compositor raised, when it has failed once more than is survived.
    """
    in_flight = 0
    ended = False
    while not ended or in_flight:
        batch = [] if ended else _take(frames, 1 if live else compositor.batch)
        ended = not batch
        ready: Sequence[ReadyFrame] = ()
        begin_s = clock.now_s()
        try:
            with metrics.timed("inference"):
                if batch:
                    compositor.submit(batch)
                    in_flight += 1
                if in_flight > (0 if live or ended else compositor.ahead):
                    in_flight -= 1
                    ready = compositor.collect()
        except Exception as error:
            if not failures.survives(error):
                raise
            compositor.reset()
            in_flight = 0
            continue
        if ready:
            failures.succeeded()
        if live and clock.now_s() - begin_s > STALE_S:
            compositor.reset()
        try:
            for frame in ready:
                deliver(frame)
        except QueueClosed:
            compositor.reset()
            break


def _take(frames: FrameQueue[Frame], most: int) -> list[Frame]:
    """Wait for the frames of one batch; fewer at the end, none when there are no more."""
    batch: list[Frame] = []
    try:
        while len(batch) < most:
            batch.append(frames.get())
    except QueueClosed:
        pass
    return batch
