"""Asynchronous matting: every frame gets the newest matte, carried along the motion since then.

Thread `propagate` sits between capture and composite; thread `inference` works beside it, on the
newest frame whenever it is free. Output then runs at the camera's rate however slow the network.
"""

import threading

from stream.frame import Frame, MattedFrame
from stream.frame_queue import FrameQueue, QueueClosed
from stream.metrics import Metrics
from stream.stage import Propagator


class NewestMatte:
    """Holds the newest frame that has its own matte; set and read by different threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._matted: MattedFrame | None = None

    def set(self, matted: MattedFrame) -> None:
        """Replace what is held."""
        with self._lock:
            self._matted = matted

    def get(self) -> MattedFrame | None:
        """Return what is held; None before the first matte."""
        with self._lock:
            return self._matted


def carry(
    newest: MattedFrame | None, frame: Frame, propagator: Propagator, max_age_s: float
) -> MattedFrame | None:
    """Give a frame the newest matte, moved to fit; None where there is no valid one.

    Raises:
        MatteError: the propagator gave something that is no valid matte.
    """
    if newest is None:
        return None
    # The matte of a later frame than this one is as good as one of an earlier frame.
    age_s = abs(frame.captured_at_s - newest.frame.captured_at_s)
    if age_s > max_age_s or newest.frame.image.shape != frame.image.shape:
        return None
    if newest.frame is frame:
        return newest
    alpha = propagator.propagate(newest.alpha, newest.frame.image, frame.image)
    if alpha is None:
        return None
    return MattedFrame(frame, alpha, newest.matte_wh, age_s)


def propagate_loop(
    captured: FrameQueue[Frame],
    wanted: FrameQueue[Frame],
    matted: FrameQueue[MattedFrame],
    newest: NewestMatte,
    propagator: Propagator,
    metrics: Metrics,
    max_age_s: float,
) -> None:
    """Pass every frame on with a matte, and offer it to the network.

    Args:
        captured: where frames come from.
        wanted: frames for the network; one deep, it always works on the newest.
        matted: where frames go that have a valid matte.
        newest: where the network leaves its mattes.
        propagator: moves mattes.
        metrics: counts and times.
        max_age_s: frames without a younger matte are withheld and counted.
    """
    while True:
        try:
            frame = captured.get()
            wanted.put(frame)
            with metrics.timed("propagate"):
                carried = carry(newest.get(), frame, propagator, max_age_s)
            if carried is None:
                metrics.count("matte missing")
                captured.count_drop("no valid matte")
                continue
            matted.put(carried)
        except QueueClosed:
            break
    wanted.end()
    matted.end()
