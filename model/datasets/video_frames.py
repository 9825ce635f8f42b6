"""Reads the frames of a video with OpenCV."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.datasets.photo import Image


def video_frames(path: Path, every: int = 1) -> Iterator[tuple[int, Image]]:
    """Yield (index, (H, W, 3) uint8 RGB) for every `every`-th frame of a video.

    The file is released when the last frame was read, or the iterator is closed or collected.

    Raises:
        FileNotFoundError: it cannot be opened as a video.
    """
    capture = cv2.VideoCapture(str(path))
    try:
        if not capture.isOpened():
            raise FileNotFoundError(f"{path}: cannot be opened as video")
        index = 0
        while True:
            got, frame_bgr = capture.read()
            if not got:
                return
            if index % every == 0:
                yield index, np.asarray(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB), np.uint8)
            index += 1
    finally:
        capture.release()
