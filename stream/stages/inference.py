"""The inference stage: gives each frame its matte, or nothing at all. Thread `inference`."""

from collections.abc import Callable

from u2cam.core.frame import Frame, MattedFrame
from u2cam.core.protocols import BeginsScene, Matter
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.stages.failure_policy import Trouble


def matte_frame(matter: Matter, frame: Frame) -> MattedFrame:
    """Compute the matte of one frame.

    Raises:
        MatteError: the matter gave something that is no valid matte of this frame.
    """
    return MattedFrame(frame, matter.matte(frame.image), matter.matte_size(frame.size_wh))


def inference_loop(
    captured: FrameQueue[Frame],
    deliver: Callable[[MattedFrame], object],
    matter: Matter,
    metrics: Metrics,
    max_failures: int,
    begins_scene: BeginsScene | None = None,
) -> None:
    """Matte every frame that waits. A frame whose matte fails goes no further.

    Args:
        captured: where frames come from.
        deliver: takes each frame with its valid matte; may raise QueueClosed to end the loop.
        matter: the network.
        metrics: counts and times.
        max_failures: failures in a row that are survived; 0 offline, where each frame counts.
        begins_scene: at a new scene the matter forgets what it saw before.

    Raises:
        Exception: what the matter raised, when it has failed once more than is survived.
    """
    trouble = Trouble(captured, metrics, max_failures)
    while True:
        try:
            frame = captured.get()
        except QueueClosed:
            break
        try:
            with metrics.timed("inference"):
                if begins_scene is not None and begins_scene(frame.image):
                    matter.reset()
                matted_frame = matte_frame(matter, frame)
        except Exception as error:
            if not trouble.survives(error):
                raise
            matter.reset()
            continue
        trouble.over()
        try:
            deliver(matted_frame)
        except QueueClosed:
            break
