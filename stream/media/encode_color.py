"""Finished pictures to the encoder's pixel format, with colour tags.

Runs in the sink's thread. The reverse of `source_color`: a picture that passes through both comes
out with the numbers it had. Transfer curves and primaries are tagged, not converted.
"""

from typing import Any

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter
from numpy.typing import NDArray

from u2cam.stream.media.decode_color import COLORSPACES, PRIMARIES, TRANSFERS
from u2cam.stream.media.yuv420 import encode_420, warm_up_encoding
from u2cam.stream.sources.base import ColorTags

# Chroma is averaged over its pixels: the inverse of its repetition in `source_color`.
_FLAGS = (
    Interpolation.AREA
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
_QUICK = ("yuv420p", "nv12")
"""Formats for which there is something faster than swscale."""
_PIXELS = {2: "gray", 3: "rgb24", 4: "rgba"}
_RGB, _BT709, _BT470BG, _SMPTE170M, _BT2020 = 0, 1, 5, 6, 9


def premultiply(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (H, W, 4) RGBA with the colours multiplied by alpha, rounded."""
    alpha = image[..., 3:].astype(np.uint16)
    product = image[..., :3].astype(np.uint16) * alpha + 127  # below 2**16
    return np.concatenate([(product // 255).astype(np.uint8), image[..., 3:]], axis=2)


class FrameConverter:
    """Makes encoder frames of one kind; keeps swscale's tables.

    Args:
        tags: what the numbers of YUV pictures shall mean.
        pixel_format: of the encoder, FFmpeg's name.
        size_wh: of the encoded picture; a picture smaller by a pixel has its edge repeated.
    """

    def __init__(self, tags: ColorTags, pixel_format: str, size_wh: tuple[int, int]) -> None:
        self._tags = tags
        self._pixel_format = pixel_format
        self._size_wh = size_wh
        self._reformatter = VideoReformatter()
        shown = VideoFormat(pixel_format, 0, 0)
        is_rgb = shown.is_rgb or shown.has_palette
        is_gray = pixel_format.startswith("gray")
        self._range = (
            ColorRange.JPEG if is_rgb or is_gray or tags.range == "full" else ColorRange.MPEG
        )
        self._space = _RGB if is_rgb else _matrix_number(tags)
        self._primaries = _number(PRIMARIES, tags.primaries)
        self._transfer = _number(TRANSFERS, tags.transfer)
        if pixel_format in _QUICK:
            # Compiled now, on a new computer, and not while the first pictures wait.
            warm_up_encoding()

    def tag(self, context: VideoCodecContext) -> None:
        """Set the encoder's colour tags, which the container repeats."""
        context.color_range = self._range
        context.colorspace = self._space
        context.color_primaries = self._primaries
        context.color_trc = self._transfer

    def to_frame(self, image: NDArray[np.uint8]) -> VideoFrame:
        """Convert a picture (H, W), (H, W, 3) or (H, W, 4) as `core.frame.Picture` holds it."""
        channels = image.shape[2] if image.ndim == 3 else 2
        width, height = self._size_wh
        if image.shape[:2] != (height, width):
            more = [(0, height - image.shape[0]), (0, width - image.shape[1]), (0, 0)]
            image = np.pad(image, more[: image.ndim], mode="edge")
        image = np.ascontiguousarray(image)
        if channels == 3 and self._pixel_format in _QUICK and width % 2 == height % 2 == 0:
            frame = self._to_420(image)
        else:
            frame = self._reformat(VideoFrame.from_ndarray(image, format=_PIXELS[channels]))
        frame.color_range = self._range
        frame.colorspace = self._space
        frame.color_primaries = self._primaries
        frame.color_trc = self._transfer
        return frame

    def _reformat(self, given: VideoFrame) -> VideoFrame:
        matrix = COLORSPACES[self._tags.matrix]
        return self._reformatter.reformat(
            given,
            format=self._pixel_format,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG,
            dst_color_range=self._range,
            interpolation=_FLAGS,
        )

    def _to_420(self, image: NDArray[np.uint8]) -> VideoFrame:
        width, height = self._size_wh
        frame = VideoFrame(width, height, self._pixel_format)
        planes: list[Any] = list(frame.planes)
        luma, *chroma = (
            np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size) for plane in planes
        )
        if len(chroma) == 2:
            encode_420(image, self._tags, luma, *chroma)
            return frame
        u, v = (np.empty((height // 2, width // 2), np.uint8) for _ in range(2))
        encode_420(image, self._tags, luma, u, v)
        chroma[0][:, 0:width:2], chroma[0][:, 1:width:2] = u, v
        return frame


def _matrix_number(tags: ColorTags) -> int:
    """Return H.273's number of a matrix; BT.601 has two, which their primaries tell apart."""
    if tags.matrix == "bt601":
        return _BT470BG if tags.primaries == "bt470bg" else _SMPTE170M
    return _BT2020 if tags.matrix == "bt2020" else _BT709


def _number(names: dict[int, str], name: str) -> int:
    return next((number for number, known in names.items() if known == name), 2)
