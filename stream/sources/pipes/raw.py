"""Raw RGB24 from a pipe: no header, so that size and rate have to be given."""

import logging
import time
from fractions import Fraction
from typing import Self

import numpy as np

from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.stream.media.limits import check_duration, check_size
from u2cam.stream.media.pipes.names import INPUT
from u2cam.stream.media.pipes.reader import PipeReader
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo

_log = logging.getLogger(__name__)

_CHANNELS = 3


class RawSource(Source):
    """Pictures of one size, one after another, as FFmpeg's `-f rawvideo -pix_fmt rgb24` writes.

    Args:
        pipe: where they come from.
        size_wh: of each.
        rate: pictures a second.
        limits: what is refused as too large or too long.
    """

    def __init__(
        self, pipe: PipeReader, size_wh: tuple[int, int], rate: Fraction, limits: LimitsSettings
    ) -> None:
        self._pipe = pipe
        self._limits = limits
        self._index = 0
        self._info = SourceInfo(
            name=INPUT, size_wh=size_wh, rate=rate, live=False, time_base=1 / rate, piped=True
        )

    @property
    def info(self) -> SourceInfo:
        """Facts about the stream."""
        return self._info

    def __enter__(self) -> Self:
        """Check the size.

        Raises:
            TooLargeError: more than the settings allow.
        """
        check_size(INPUT, self.info.size_wh, self._limits)
        self._pipe.forget_head()
        return self

    def read(self) -> Frame:
        """Read the next picture; see `Source.read`. What is cut off within one is left out."""
        width, height = self.info.size_wh
        wanted = width * height * _CHANNELS
        data = self._pipe.read_whole(wanted)
        if len(data) < wanted:
            self._end(len(data), wanted)
        image = np.frombuffer(data, np.uint8).reshape(height, width, _CHANNELS)
        frame = Frame(image, self._index, self._index, self.info.time_base, time.monotonic())
        check_duration(INPUT, frame.time_s, self._limits)
        self._index += 1
        return frame

    def close(self) -> None:
        """Wake a waiting `read`."""
        self._pipe.close()

    def _end(self, left: int, wanted: int) -> None:
        size = "{}x{}".format(*self.info.size_wh)
        if left and not self._index:
            raise SourceError(
                f"{INPUT}: {left} bytes are less than one picture of {size} in RGB24 ({wanted}); "
                "are --width and --height right?"
            )
        if left:
            _log.warning(
                "%s: ends within a picture, after %d of %d bytes; are --width and --height right?",
                INPUT,
                left,
                wanted,
            )
        raise EndOfStream
