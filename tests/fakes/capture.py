"""A camera as OpenCV opens it."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.fakes.image import numbered_image

Step = Literal["frame", "fail", "stall", "raise", "empty"]
"""What one `read` of FakeCapture does; `stall` blocks until `go_on` is set or the fake released."""


class FakeCapture:
    """Stands in for an opened `cv2.VideoCapture`.

    Gives BGR pictures of `offered_wh` unless asked for a size in `sizes`. After the steps it goes
    on with frames for ever, or fails if `endless` is False.
    """

    def __init__(
        self,
        steps: Sequence[Step] = (),
        *,
        offered_wh: tuple[int, int] = (64, 36),
        sizes: Sequence[tuple[int, int]] = (),
        fps: float = 30.0,
        opens: bool = True,
        endless: bool = True,
        frame_s: float = 0.005,
        image: Callable[[int], NDArray[np.uint8]] | None = None,
    ) -> None:
        self.steps = list(steps)
        self.offered_wh = offered_wh
        self.sizes = list(sizes)
        self.fps = fps
        self.opens = opens
        self.endless = endless
        self.frame_s = frame_s
        self.image = image
        self.asked: list[tuple[int, float]] = []
        self.reads = 0
        self.released = 0
        self.go_on = threading.Event()
        self._in_read = threading.Lock()

    def isOpened(self) -> bool:
        return self.opens and not self.released

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        asked = dict(self.asked)
        wanted = (
            int(asked.get(cv2.CAP_PROP_FRAME_WIDTH, 0)),
            int(asked.get(cv2.CAP_PROP_FRAME_HEIGHT, 0)),
        )
        if wanted in self.sizes:
            self.offered_wh = wanted
        return True

    def get(self, prop: int) -> float:
        width, height = self.offered_wh
        known = {
            cv2.CAP_PROP_FPS: self.fps,
            cv2.CAP_PROP_FRAME_WIDTH: width,
            cv2.CAP_PROP_FRAME_HEIGHT: height,
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV")),
        }
        return float(known.get(prop, 0.0))

    def read(self) -> tuple[bool, Any]:
        assert not self.released, "read after release crashes the real one"
        with self._in_read:
            number = self.reads
            self.reads += 1
            default: Step = "frame" if self.endless else "fail"
            step = self.steps[number] if number < len(self.steps) else default
            if step == "stall":
                self.go_on.wait(timeout=10)
                step = "fail"
            if step == "raise":
                raise cv2.error("select() failed")
            if step == "fail":
                return False, None
            if step == "empty":
                return True, np.empty((0, 0, 3), np.uint8)
            time.sleep(self.frame_s)
            if self.image is not None:
                return True, self.image(number)
            return True, numbered_image(number, self.offered_wh)[..., ::-1].copy()

    def release(self) -> None:
        assert not self._in_read.locked(), "release while another thread reads crashes the real one"
        self.released += 1
