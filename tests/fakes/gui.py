"""OpenCV's windows."""

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray


class FakeGui:
    """Stands in for OpenCV's windows; `keys` are what the viewer presses, one per picture."""

    def __init__(self, keys: Sequence[int] = (), *, closed_after: int | None = None) -> None:
        self.keys = list(keys)
        self.closed_after = closed_after
        self.shown: list[NDArray[np.uint8]] = []
        self.windows: set[str] = set()

    def namedWindow(self, winname: str, flags: int) -> None:
        self.windows.add(winname)

    def resizeWindow(self, winname: str, width: int, height: int) -> None:
        assert winname in self.windows

    def imshow(self, winname: str, mat: Any) -> None:
        assert winname in self.windows
        self.shown.append(np.array(mat))

    def waitKey(self, delay: int) -> int:
        return self.keys.pop(0) if self.keys else -1

    def getWindowProperty(self, winname: str, prop_id: int) -> float:
        gone = self.closed_after is not None and len(self.shown) > self.closed_after
        return 0.0 if gone or winname not in self.windows else 1.0

    def destroyWindow(self, winname: str) -> None:
        if winname not in self.windows:
            raise cv2.error("NULL window")
        self.windows.remove(winname)
