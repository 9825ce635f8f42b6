"""An animated WebP, PNG or AVIF as a source: every frame with its time.

Runs in the capture thread. Frames are complete pictures in sRGB; transparent parts are black, and
the frame's coverage lets the background show there.
"""

import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Self

from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.imaging.animations import AnimatedPicture
from u2cam.imaging.pictures import PictureError, StillPicture
from u2cam.stream.media.limits import check_duration, check_size
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.images import read_picture_file

_MS = Fraction(1, 1000)
_BLACK = (0, 0, 0)


class AnimationSource(Source):
    """An animation, played once. Opened by entering the context.

    Args:
        path: of the file.
        limits: what is refused as too large or too long.
        data: what is in the file, where it has been read.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        limits: LimitsSettings | None = None,
        data: bytes | None = None,
    ) -> None:
        self._path = Path(path)
        self._data = data
        self._limits = limits or LimitsSettings()
        self._info: SourceInfo | None = None
        self._frames: Iterator[tuple[StillPicture, int]] | None = None
        self._first: tuple[StillPicture, int] | None = None
        self._index = 0
        self._pts = 0

    @property
    def info(self) -> SourceInfo:
        """Facts about the open animation."""
        if self._info is None:
            raise SourceError(f"{self._path}: not open")
        return self._info

    def __enter__(self) -> Self:
        """Read the file and its first frame.

        Raises:
            FileNotFoundError: there is nothing at the path.
            TooLargeError: more than the settings allow.
            SourceError: it is no animation, or damaged.
        """
        name = self._path.name
        data = self._data or read_picture_file(self._path, self._limits)
        try:
            animation = AnimatedPicture(data, lambda wh: check_size(name, wh, self._limits))
            self._frames = animation.frames()
            self._first = next(self._frames)
        except PictureError as error:
            raise SourceError(f"{self._path}: {error}") from error
        picture, duration_ms = self._first
        durations_ms = animation.durations_ms or [duration_ms] * animation.count
        length_s = sum(durations_ms) / 1000
        check_duration(name, length_s, self._limits)
        self._index = self._pts = 0
        self._info = SourceInfo(
            name=name,
            size_wh=(picture.image.shape[1], picture.image.shape[0]),
            rate=Fraction(1000 * len(durations_ms), sum(durations_ms)),
            live=False,
            time_base=_MS,
            frames=animation.count,
            duration_s=length_s,
            icc=picture.icc,
        )
        return self

    def read(self) -> Frame:
        """Decode the next frame; see `Source.read`."""
        if self._frames is None:
            raise SourceError(f"{self._path}: read while it was not open")
        shown, self._first = self._first, None
        if shown is None:
            shown = next(self._frames, None)
        if shown is None:
            raise EndOfStream
        picture, duration_ms = shown
        frame = Frame(
            image=picture.over(_BLACK),
            index=self._index,
            pts=self._pts,
            time_base=_MS,
            captured_at_s=time.monotonic(),
            coverage=picture.coverage,
        )
        self._index += 1
        self._pts += duration_ms
        return frame

    def close(self) -> None:
        """Let go of the file; later reads are refused."""
        self._frames = self._first = None
