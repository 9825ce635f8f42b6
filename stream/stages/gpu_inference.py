"""The inference stage where frames stay on a device: composites instead of mattes.

Thread `inference`. Offline, one batch is on the device while the next is read and uploaded, so that
neither side waits; live, each frame is waited for, because what counts is its age. Either way every
composite passes `ComposedFrame`, and one whose matte was not valid goes no further.
"""

from collections import deque
from collections.abc import Callable

from u2cam.core.frame import ComposedFrame, Frame
from u2cam.core.protocols import BeginsScene, Compositor
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.stages.failure_policy import Trouble

AHEAD = 1
"""Batches on the device while the next is prepared, offline."""


class _InFlight:
    """Frames on the device, in the order in which they were submitted."""

    def __init__(self, compositor: Compositor, metrics: Metrics) -> None:
        self._compositor = compositor
        self._metrics = metrics
        self._batches: deque[tuple[list[Frame], tuple[int, int]]] = deque()

    def __len__(self) -> int:
        """Batches on the device."""
        return len(self._batches)

    def submit(self, frames: list[Frame]) -> None:
        """Send frames of one size on their way."""
        with self._metrics.timed("submit"):
            self._compositor.submit(frames)
        promised_wh = self._compositor.matte_size(frames[0].size_wh)
        self._batches.append((frames, promised_wh))

    def collect(self) -> list[ComposedFrame]:
        """Wait for the first batch.

        Raises:
            MatteError: a matte was not valid.
        """
        frames, promised_wh = self._batches.popleft()
        with self._metrics.timed("collect"):
            composites = self._compositor.collect()
        return [
            ComposedFrame(frame, composite, promised_wh)
            for frame, composite in zip(frames, composites, strict=True)
        ]

    def abandon(self) -> None:
        """Give all of them up."""
        self._batches.clear()
        self._compositor.abandon()


def resident_loop(
    captured: FrameQueue[Frame],
    deliver: Callable[[ComposedFrame], object],
    compositor: Compositor,
    metrics: Metrics,
    max_failures: int,
    *,
    live: bool,
    begins_scene: BeginsScene | None = None,
) -> None:
    """Composite every frame that waits. A frame whose matte fails goes no further.

    Args:
        captured: where frames come from.
        deliver: takes each composed frame; may raise QueueClosed to end the loop.
        compositor: network and effects on a device.
        metrics: counts and times.
        max_failures: failures in a row that are survived; 0 offline, where each frame counts.
        live: one frame at a time, each waited for.
        begins_scene: where a batch begins with a new scene, the compositor forgets what it saw
            before. Within a batch there is nothing to forget but smoothing, which ends by itself:
            a network with a memory takes one frame at a time.

    Raises:
        Exception: what the compositor raised, when it has failed once more than is survived.
    """
    flying = _InFlight(compositor, metrics)
    trouble = Trouble(captured, metrics, max_failures)
    ended = False
    while not ended or flying:
        frames = [] if ended else _take(captured, 1 if live else compositor.batch)
        ended = ended or not frames
        composed: list[ComposedFrame] = []
        try:
            if frames:
                cuts = [begins_scene is not None and begins_scene(f.image) for f in frames]
                if cuts[0]:
                    compositor.reset()
                flying.submit(frames)
            if len(flying) > (0 if live or ended else AHEAD):
                composed = flying.collect()
        except Exception as error:
            if not trouble.survives(error):
                raise
            flying.abandon()
            continue
        if composed:
            trouble.over()
        try:
            for frame in composed:
                deliver(frame)
        except QueueClosed:
            flying.abandon()
            break


def _take(captured: FrameQueue[Frame], most: int) -> list[Frame]:
    """Wait for frames of one batch; fewer at the end, none when there are no more."""
    frames: list[Frame] = []
    try:
        while len(frames) < most:
            frames.append(captured.get())
    except QueueClosed:
        pass
    return frames
