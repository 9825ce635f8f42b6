"""Live matting: each frame waits for its own matte, or gets the newest one, carried along.

Two threads: `propagate` takes every captured frame and offers it to `inference`, which works on the
newest whenever it is free. Synchronous, the frames go on from `inference`, each with its own matte.
Asynchronous, they go on from `propagate`, each with the newest matte moved along the motion since
then, so output runs at the camera's rate however slow the network is. The mode may change any time.
"""

import threading

from u2cam.core.frame import Frame, MattedFrame
from u2cam.core.protocols import Propagator, ReadyFrame
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics


def carry(
    newest: MattedFrame | None, frame: Frame, propagator: Propagator, max_age_s: float
) -> MattedFrame | None:
    """Give a frame the newest matte, moved to fit; None where there is no valid one.

    Raises:
        MatteError: the propagator gave something that is no valid matte.
    """
    if newest is None or newest.frame.scene != frame.scene:
        return None
    # The matte of a later frame than this one is as good as one of an earlier frame.
    age_s = abs(frame.captured_at_s - newest.frame.captured_at_s)
    if age_s > max_age_s or newest.frame.image.shape != frame.image.shape:
        return None
    if newest.frame is frame:
        return newest
    alpha = propagator.propagate(newest, frame)
    if alpha is None:
        return None
    return MattedFrame(frame, alpha, newest.matte_wh, age_s)


class LiveMatting:
    """The loop between the queues `captured` and `ready`, beside inference, and the mode it is in.

    Args:
        captured: where frames come from.
        ready: where frames go that have a valid matte.
        propagator: moves mattes.
        metrics: counts and times.
        max_age_s: asynchronous: frames without a younger matte are withheld and counted.
    """

    def __init__(
        self,
        captured: FrameQueue[Frame],
        ready: FrameQueue[ReadyFrame],
        propagator: Propagator,
        metrics: Metrics,
        max_age_s: float,
    ) -> None:
        self.asynchronous = threading.Event()
        """Set while frames go on with the newest matte instead of their own; for any thread."""
        self.every = 1
        """Only each n-th frame is worked on, the others are dropped; for any thread."""
        self.wanted = FrameQueue[Frame]("wanted", 1, "drop_oldest")
        """What the inference stage takes its frames from."""
        self._captured = captured
        self._ready = ready
        self._propagator = propagator
        self._metrics = metrics
        self._max_age_s = max_age_s
        self._newest: MattedFrame | None = None
        self._in_order = threading.Lock()
        self._passed_on = -1

    def propagate(self) -> None:
        """Offer every frame to the network; asynchronous, pass it on with the newest matte."""
        while True:
            try:
                frame = self._captured.get()
                if frame.index % self.every:
                    self._captured.count_drop("latency budget")
                    continue
                replaced = self.wanted.put(frame)
                if self.asynchronous.is_set():
                    self._pass_on(self._carried(frame))
                elif replaced:
                    self._captured.count_drop("full")
            except QueueClosed:
                break
        self.wanted.end()

    def keep(self, ready: ReadyFrame) -> None:
        """Take a frame from the inference stage; synchronous, pass it on.

        Raises:
            QueueClosed: the run is over.
        """
        if isinstance(ready, MattedFrame):  # the matte of others is not in this computer's memory
            self._newest = ready
        if not self.asynchronous.is_set():
            self._pass_on(ready)

    def withheld(self) -> None:
        """Count a frame whose matte failed; asynchronous, it went on with another matte."""
        if not self.asynchronous.is_set():
            self._captured.count_drop("matte failed")

    def _carried(self, frame: Frame) -> MattedFrame | None:
        with self._metrics.timed("propagate"):
            carried = carry(self._newest, frame, self._propagator, self._max_age_s)
        if carried is None:
            self._captured.count_drop("no valid matte")
        return carried

    def _pass_on(self, ready: ReadyFrame | None) -> None:
        # When the mode changes both threads come here, and a frame that was shown may come again.
        # The lock is held until the frame is in the queue, so that none overtakes it on the way.
        with self._in_order:
            if ready is not None and ready.frame.index > self._passed_on:
                self._passed_on = ready.frame.index
                self._ready.put(ready)
