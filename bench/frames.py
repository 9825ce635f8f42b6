"""Frames for the benchmarks: of a clip, or a moving portrait, at any size, from memory."""

import time
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np

from u2cam.core.frame import Frame, ImageU8
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.video import FileSource

TIME_BASE = Fraction(1, 90_000)


def load_frames(clip: Path | None, size_wh: tuple[int, int], count: int) -> list[ImageU8]:
    """Decode frames and fit them to a size, cropped in the middle; the demo where no clip is."""
    source: Source = DemoSource() if clip is None else FileSource(str(clip))
    frames: list[ImageU8] = []
    with source:
        while len(frames) < count:
            try:
                frames.append(_cover(source.read().image, size_wh))
            except EndOfStream:
                break
    return frames


def _cover(image: ImageU8, size_wh: tuple[int, int]) -> ImageU8:
    width, height = size_wh
    scale = max(width / image.shape[1], height / image.shape[0])
    big_wh = (max(width, round(image.shape[1] * scale)), max(height, round(image.shape[0] * scale)))
    big = cv2.resize(image, big_wh, interpolation=cv2.INTER_LINEAR)
    left, top = (big_wh[0] - width) // 2, (big_wh[1] - height) // 2
    return np.ascontiguousarray(big[top : top + height, left : left + width], np.uint8)


class MemorySource:
    """Plays frames from memory, over and over, as fast as they are read or at a rate.

    Args:
        frames: (H, W, 3) uint8 RGB each, all of one size.
        count: frames to deliver.
        live_fps: deliver at this rate against the clock; None as fast as they are read.
    """

    dropped = 0

    def __init__(self, frames: list[ImageU8], count: int, live_fps: float | None = None) -> None:
        self._frames = frames
        self._count = count
        self._live_fps = live_fps
        self._next = 0
        self._began_s = 0.0
        rate = Fraction(live_fps or 30).limit_denominator(1001)
        height, width = frames[0].shape[:2]
        self.info = SourceInfo("memory", (width, height), rate, live_fps is not None, TIME_BASE)

    def read(self) -> Frame:
        """Return the next frame; waits for its time where there is a rate."""
        number = self._next
        if number == self._count:
            raise EndOfStream
        self._next += 1
        captured_at_s = time.monotonic()
        if self._live_fps is not None:
            self._began_s = self._began_s or captured_at_s
            # A frame is as old as its light, however late it is fetched.
            captured_at_s = self._began_s + number / self._live_fps
            time.sleep(max(captured_at_s - time.monotonic(), 0))
        pts = round(number / self.info.rate / TIME_BASE)
        image = self._frames[number % len(self._frames)]
        return Frame(image, number, pts, TIME_BASE, captured_at_s)

    def reopen(self) -> bool:
        """Return False: it is never lost."""
        return False

    def close(self) -> None:
        """Nothing to release."""

    def __enter__(self) -> Self:
        self._next = 0
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
