"""Decoded pictures to RGB, by the colour tags of their file.

Runs in the capture thread. Matrices and ranges are those of ITU-T H.273; the arithmetic is
swscale's. Transfer curves and primaries are not converted: they are passed on as tags.
"""

from typing import Literal

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from stream.frame import ImageU8
from stream.source import ColorTags

# Bicubic with accurate rounding and full chroma interpolation: YUV -> RGB -> YUV returns luma
# exactly and chroma to 0.1 level on average; swscale's default is off by 1.1 levels of luma.
_FLAGS = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)

_MATRICES: dict[int, Literal["bt709", "bt601", "bt2020"]] = {
    1: "bt709",
    4: "bt601",
    5: "bt601",
    6: "bt601",
    7: "bt709",
    9: "bt2020",
    10: "bt2020",
}

PRIMARIES = {
    1: "bt709",
    2: "unknown",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
"""H.273 numbers of colour primaries and FFmpeg's names."""

TRANSFERS = {
    1: "bt709",
    2: "unknown",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
    18: "arib-std-b67",
}
"""H.273 numbers of transfer characteristics and FFmpeg's names."""

COLORSPACES = {
    "bt709": Colorspace.ITU709,
    "bt601": Colorspace.ITU601,
    "bt2020": Colorspace.BT2020,
}
"""swscale's names of the matrices."""


def is_rgb(frame: VideoFrame) -> bool:
    """True where the coded picture is RGB or has an RGB palette, so that no matrix applies."""
    return frame.format.is_rgb or frame.format.has_palette


def read_color_tags(frame: VideoFrame) -> ColorTags:
    """Tell what a decoded picture's numbers mean.

    A file without a matrix tag is taken as players take it (mpv's rule): BT.709 from 1280 columns
    or more than 576 rows, BT.601 below. Without a range tag it is limited. Pictures coded as RGB
    get the default tags, which are then those of a file written from them.
    """
    if is_rgb(frame):
        return ColorTags()
    guessed: Literal["bt709", "bt601"] = (
        "bt709" if frame.width >= 1280 or frame.height > 576 else "bt601"
    )
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return ColorTags(
        range="full" if full else "limited",
        matrix=_MATRICES.get(int(frame.colorspace), guessed),
        primaries=PRIMARIES.get(int(frame.color_primaries), "unknown"),
        transfer=TRANSFERS.get(int(frame.color_trc), "unknown"),
    )


class RgbConverter:
    """Converts and scales the decoded pictures of one stream to RGB; keeps swscale's tables."""

    def __init__(self, tags: ColorTags, size_wh: tuple[int, int]) -> None:
        self._tags = tags
        self._size_wh = size_wh
        self._reformatter = VideoReformatter()

    def to_rgb(self, frame: VideoFrame) -> ImageU8:
        """Return (H, W, 3) uint8 RGB of the size given at the start, full range; drops alpha."""
        matrix = COLORSPACES[self._tags.matrix]
        full = self._tags.range == "full" or is_rgb(frame)
        rgb = self._reformatter.reformat(
            frame,
            width=self._size_wh[0],
            height=self._size_wh[1],
            format="rgb24",
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_FLAGS,
        )
        return np.asarray(rgb.to_ndarray(), dtype=np.uint8)
