"""Pictures without a container to standard output: YUV4MPEG, raw RGB24, or PNGs in a row.

None of these knows times or sound: pictures come at a constant rate.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.standard_range import StandardRange
from u2cam.stream.media.encode_color import FrameConverter, premultiply
from u2cam.stream.media.encode_picture import encode_picture
from u2cam.stream.media.pipes.names import OUTPUT, PipeFormat, check_pipe_kind
from u2cam.stream.media.pipes.writer import StandardOutput
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.picture_gate import require_format
from u2cam.stream.sinks.pipes.constant_rate import ConstantRate

_Coder = Callable[[NDArray[np.uint8]], bytes]
_HD_WH = (1280, 577)
"""From this width or height on readers take BT.709 where nothing tells: mpv's rule, and ours."""


class UncodedPipeSink:
    """Writes each picture as it comes, complete.

    Args:
        kind: `y4m`, `rgb24` or `png`.
        settings: bits of y4m, alpha and ICC profile of PNGs.
    """

    name = OUTPUT
    paced = False
    live = True

    def __init__(self, kind: PipeFormat, settings: OutputSettings) -> None:
        self._kind = kind
        self._settings = settings
        self._pipe: StandardOutput | None = None
        self._format: PictureFormat | None = None
        self._rate: ConstantRate | None = None
        self._code: _Coder = bytes
        self._standard = StandardRange()
        self._before: bytes | None = None

    def open(self, picture_format: PictureFormat) -> None:
        """Take standard output over.

        Raises:
            SinkError: it is closed, or its reader has gone.
            ValueError: the format cannot hold this kind of picture.
        """
        check_pipe_kind(OUTPUT, self._kind, picture_format.kind)
        source = picture_format.source
        self._standard = StandardRange(None if source is None else source.color)
        self._before = None
        sound = source is not None and source.media is not None
        self._rate = ConstantRate(picture_format.rate, picture_format.time_base, from_zero=sound)
        header = b""
        if self._kind == "y4m":
            header, self._code = y4m_coder(picture_format, bits=self._settings.bits)
        elif self._kind == "rgb24":
            self._code = _rgb24
        else:
            self._code = self._png_coder(picture_format)
        self._pipe, self._format = StandardOutput(), picture_format
        self._pipe.write(header)

    def write(self, picture: Picture) -> None:
        """Write one picture, and again the one before where time has passed without any.

        Raises:
            SinkError: not open, or the reader has gone.
            ValueError: the picture is not of the opened format.
        """
        if self._format is None or self._pipe is None or self._rate is None:
            raise SinkError(f"{OUTPUT}: not open")
        require_format(picture, self._format, OUTPUT)
        repeats, shown = self._rate.repeats(picture.pts)
        if not shown:
            return
        coded = self._code(self._standard(picture.image))
        before, self._before = self._before or coded, coded
        for _ in range(repeats):
            self._pipe.write(before)
        self._pipe.write(coded)

    def close(self, *, failed: bool) -> None:
        """Give standard output back; what was written cannot be taken back."""
        pipe, self._pipe = self._pipe, None
        self._format = self._before = None
        if pipe is not None:
            pipe.close()

    def _png_coder(self, picture_format: PictureFormat) -> _Coder:
        source, settings = picture_format.source, self._settings
        profile = source.icc if source is not None and settings.icc == "keep" else None
        premultiplied = settings.alpha == "premultiplied" and picture_format.kind == "rgba"

        def code(image: NDArray[np.uint8]) -> bytes:
            return encode_picture(premultiply(image) if premultiplied else image, ".png", profile)

        return code


def y4m_coder(picture_format: PictureFormat, *, bits: int) -> tuple[bytes, _Coder]:
    """Return the header of a YUV4MPEG2 stream, and what makes a picture of it.

    4:2:0 with chroma in the middle of its pixels, limited range. The stream cannot tell its matrix:
    it is the one that players take for the size.

    Args:
        picture_format: `rgb` or `gray`.
        bits: 8 or 10.
    """
    width, height = (side + side % 2 for side in picture_format.size_wh)
    matrix = "bt709" if width >= _HD_WH[0] or height >= _HD_WH[1] else "bt601"
    converter = FrameConverter(
        ColorTags("limited", "bt709" if matrix == "bt709" else "bt601"),
        "yuv420p" if bits == 8 else "yuv420p10le",
        (width, height),
    )
    rate = picture_format.rate.limit_denominator(100_000)
    chroma = "C420jpeg" if bits == 8 else "C420p10 XYSCSS=420P10"
    header = (
        f"YUV4MPEG2 W{width} H{height} F{rate.numerator}:{rate.denominator} Ip A1:1 {chroma} "
        "XCOLORRANGE=LIMITED\n"
    )

    def code(image: NDArray[np.uint8]) -> bytes:
        return b"".join([b"FRAME\n", *_planes(converter.to_frame(image), bits // 9 + 1)])

    return header.encode(), code


def _planes(frame: VideoFrame, sample_bytes: int) -> Iterator[bytes]:
    """Yield a frame's planes without the padding of their rows."""
    planes: list[Any] = list(frame.planes)
    for plane in planes:
        rows = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        yield rows[: plane.height, : plane.width * sample_bytes].tobytes()


def _rgb24(image: NDArray[np.uint8]) -> bytes:
    if image.ndim == 2:
        image = np.repeat(image[..., None], 3, axis=2)
    return image.tobytes()
