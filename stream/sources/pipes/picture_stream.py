"""One picture from a pipe, or any number of PNGs and JPEGs, as FFmpeg's `-f image2pipe` writes."""

import time
from collections.abc import Callable
from fractions import Fraction
from typing import Self

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.stream.media.limits import check_duration, check_image
from u2cam.stream.media.pipes.names import INPUT
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.images import decode_still

_BLACK = (0, 0, 0)


class PictureStream(Source):
    """Pictures that come one by one at a fixed rate; transparent parts show black.

    Args:
        first: the first one's file.
        following: returns the next one's; None at the end.
        single: there is no other.
        rate: pictures a second.
        limits: what is refused as too large or too long.
        close: wakes whoever waits in `following`.
    """

    def __init__(
        self,
        first: bytes,
        following: Callable[[], bytes | None],
        *,
        single: bool,
        rate: Fraction,
        limits: LimitsSettings,
        close: Callable[[], None],
    ) -> None:
        self._first: bytes | None = first
        self._first_image: ImageU8 | None = None
        self._following = following
        self._single = single
        self._rate = rate
        self._limits = limits
        self._close = close
        self._info: SourceInfo | None = None
        self._index = 0

    @property
    def info(self) -> SourceInfo:
        """Facts about the open stream."""
        if self._info is None:
            raise SourceError(f"{INPUT}: not open")
        return self._info

    def __enter__(self) -> Self:
        """Decode the first picture, which sets the size.

        Raises:
            TooLargeError: more than the settings allow.
            SourceError: it is damaged.
        """
        assert self._first is not None
        check_image(INPUT, self._first, len(self._first), self._limits)
        picture = decode_still(INPUT, self._first, self._limits)
        self._first = None
        self._first_image = picture.over(_BLACK)
        height, width = self._first_image.shape[:2]
        self._info = SourceInfo(
            name=INPUT,
            size_wh=(width, height),
            rate=self._rate,
            live=False,
            time_base=1 / self._rate,
            frames=1 if self._single else None,
            duration_s=float(1 / self._rate) if self._single else None,
            icc=picture.icc,
            piped=True,
        )
        return self

    def read(self) -> Frame:
        """Read the next picture; see `Source.read`.

        Raises:
            SourceError: it is damaged, or of another size than the first.
        """
        image, self._first_image = self._first_image, None
        if image is None:
            image = self._decode_following()
        frame = Frame(image, self._index, self._index, self.info.time_base, time.monotonic())
        check_duration(INPUT, frame.time_s, self._limits)
        self._index += 1
        return frame

    def close(self) -> None:
        """Wake a waiting `read`."""
        self._close()

    def _decode_following(self) -> ImageU8:
        data = None if self._single else self._following()
        if data is None:
            raise EndOfStream
        name = f"{INPUT}, picture {self._index + 1}"
        check_image(name, data, len(data), self._limits)
        image = decode_still(name, data, self._limits).over(_BLACK)
        if image.shape[1::-1] != self.info.size_wh:
            raise SourceError(
                "{}: is {}x{}, but the stream began with {}x{}; bring all to one size, or give "
                "them as files in a folder".format(name, *image.shape[1::-1], *self.info.size_wh)
            )
        return image
