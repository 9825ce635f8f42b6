"""The thread that takes pictures from a camera's driver: `reader:camera 0`.

It keeps the newest picture for `source_camera` and drops what was not fetched. It alone touches the
capture once it runs, so that no other thread releases a capture under a blocked read.
"""

import threading
import time
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray


class Capture(Protocol):
    """What we use of `cv2.VideoCapture`; tests give a fake."""

    def isOpened(self) -> bool:
        """Tell whether the device is open."""

    def set(self, prop: int, value: float) -> bool:
        """Ask for a property."""

    def get(self, prop: int) -> float:
        """Return a property, 0 where it is not known."""

    def read(self) -> tuple[bool, Any]:
        """Block for the next picture, BGR."""

    def release(self) -> None:
        """Close the device."""


class CameraReader:
    """The thread that reads a capture and keeps its newest picture."""

    def __init__(self, capture: Capture, label: str) -> None:
        self._capture = capture
        self._changed = threading.Condition()
        self._newest: tuple[NDArray[np.uint8], float] | None = None
        self._stopping = False
        self.ended = False
        """True once the device is released."""
        self._taken_once = False
        self.error: Exception | None = None
        """What ended the thread, where reading raised."""
        self.dropped = 0
        # A daemon: a driver that never answers must not keep the program from ending.
        self._thread = threading.Thread(target=self._run, name=f"reader:{label}", daemon=True)
        self._thread.start()

    def peek(self, timeout_s: float, stop: threading.Event) -> NDArray[np.uint8] | None:
        """Wait for a picture and leave it; None where none comes."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while self._newest is None and not self.ended and not stop.is_set():
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    break
                self._changed.wait(min(left_s, 0.1))
            return self._newest[0] if self._newest is not None else None

    def take(self, timeout_s: float) -> tuple[NDArray[np.uint8], float] | None:
        """Wait for a picture and take it; None where none comes."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._newest is not None or self.ended or self._stopping, timeout_s
            )
            taken, self._newest = self._newest, None
            self._taken_once = True
            return taken

    def stop(self) -> None:
        """Have the thread release the device; it may be waiting in the driver."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread is not threading.current_thread():
            # Long enough for one picture of any healthy camera.
            self._thread.join(timeout=0.5)

    def _run(self) -> None:
        try:
            while not self._stopping:
                if not self._read_one():
                    break
        except Exception as error:
            # The thread that calls `take` raises it.
            self.error = error
        finally:
            # Here and nowhere else: releasing a capture while another thread reads it crashes.
            self._capture.release()
            with self._changed:
                self.ended = True
                self._changed.notify_all()

    def _read_one(self) -> bool:
        ok, image_bgr = self._capture.read()
        captured_at_s = time.monotonic()
        if not ok or image_bgr is None or image_bgr.size == 0:
            return False
        with self._changed:
            self.dropped += self._newest is not None and self._taken_once
            self._newest = (image_bgr, captured_at_s)
            self._changed.notify_all()
        return True
