"""Live matting: each frame waits for its own matte, or gets the newest one, carried along.

Two threads: `propagate` takes every captured frame and offers it to `inference`, which works on the
newest whenever it is free. Synchronous, the frames go on from `inference`, each with its own matte.
Asynchronous, they go on from `propagate`, each with the newest matte moved along the motion since
then, so output runs at the camera's rate however slow the network is. The mode may change any time.
"""

import threading

from u2cam.core.frame import ComposedFrame, Frame, MattedFrame
from u2cam.core.protocols import BeginsScene, Matter, Propagator
from u2cam.stream.frame_queue import FrameQueue, QueueClosed
from u2cam.stream.metrics import Metrics
from u2cam.stream.stages.inference import inference_loop


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


class LiveMatting:
    """The two loops between the queues `captured` and `matted`, and the mode they work in.

    Args:
        captured: where frames come from.
        matted: where frames go that have a valid matte.
        matter: the network.
        propagator: moves mattes.
        metrics: counts and times.
        max_age_s: asynchronous: frames without a younger matte are withheld and counted.
        max_failures: failures of the network in a row that are survived.
        begins_scene: at a new scene the matter forgets what it saw before.
    """

    def __init__(
        self,
        captured: FrameQueue[Frame],
        matted: FrameQueue[MattedFrame | ComposedFrame],
        matter: Matter,
        propagator: Propagator,
        metrics: Metrics,
        max_age_s: float,
        max_failures: int,
        begins_scene: BeginsScene | None = None,
    ) -> None:
        self.asynchronous = threading.Event()
        """Set while frames go on with the newest matte instead of their own; for any thread."""
        self.every = 1
        """Only each n-th frame is worked on, the others are dropped; for any thread."""
        self.wanted = FrameQueue[Frame]("wanted", 1, "drop_oldest")
        self._captured = captured
        self._matted = matted
        self._matter = matter
        self._propagator = propagator
        self._metrics = metrics
        self._max_age_s = max_age_s
        self._max_failures = max_failures
        self._begins_scene = begins_scene
        self._newest: MattedFrame | None = None
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

    def infer(self) -> None:
        """Matte the newest frame again and again; synchronous, pass it on with its matte."""
        inference_loop(
            self.wanted,
            self._keep,
            self._matter,
            self._metrics,
            self._max_failures,
            self._begins_scene,
        )
        self._matted.end()

    def _keep(self, matted_frame: MattedFrame) -> None:
        self._newest = matted_frame
        if not self.asynchronous.is_set():
            self._pass_on(matted_frame)

    def _carried(self, frame: Frame) -> MattedFrame | None:
        with self._metrics.timed("propagate"):
            carried = carry(self._newest, frame, self._propagator, self._max_age_s)
        if carried is None:
            self._captured.count_drop("no valid matte")
        return carried

    def _pass_on(self, matted_frame: MattedFrame | None) -> None:
        # When the mode changes, a frame that was shown already may come again; not twice.
        if matted_frame is not None and matted_frame.frame.index > self._passed_on:
            self._passed_on = matted_frame.frame.index
            self._matted.put(matted_frame)
