"""Decoded pictures to RGB, by the colour tags of their file.

Runs in the capture thread. Matrices and ranges are those of ITU-T H.273; the arithmetic is
swscale's. Transfer curves and primaries are not converted: they are passed on as tags.
"""

import re
from typing import Any, Literal

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8
from u2cam.stream.media.yuv420 import decode_420
from u2cam.stream.sources.base import ColorTags

# Without these flags swscale's luma comes out 1.1 levels too bright on average.
_FLAGS = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
_SEMI_PLANAR = {"p010le": ("yuv444p10le", 6), "p016le": ("yuv444p16le", 0)}
"""What hardware gives of deep colours: the planar format with whole chroma, and bits to drop."""
_SUBSAMPLED = re.compile(r"yuv(j?)4(20|22)p((?:1[0246]le)?)")

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
    """Converts and scales the decoded pictures of one stream to RGB; keeps swscale's tables.

    Where the size stays, each chroma sample of 4:2:0 and 4:2:2 is repeated over its pixels, and
    not interpolated. `sink_color` averages over the same pixels, so that what no effect touched
    is written with exactly the numbers it was read with.
    """

    def __init__(self, tags: ColorTags, size_wh: tuple[int, int]) -> None:
        self._tags = tags
        self._size_wh = size_wh
        self._reformatter = VideoReformatter()

    def to_rgb(self, frame: VideoFrame) -> ImageU8:
        """Return (H, W, 3) uint8 RGB of the size given at the start, full range; drops alpha."""
        matrix = COLORSPACES[self._tags.matrix]
        full = self._tags.range == "full" or is_rgb(frame)
        if (frame.width, frame.height) == self._size_wh:
            planes = _planes_420(frame)
            if planes is not None:
                return decode_420(*planes, self._tags, self._size_wh)
            frame = _with_chroma_repeated(frame)
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


def _planes_420(frame: VideoFrame) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]] | None:
    """View the planes of an 8-bit 4:2:0 picture with their padding; None for any other."""
    kind = np.dtype(np.uint8)
    if frame.format.name in ("yuv420p", "yuvj420p"):
        luma, u, v = (_rows(plane, kind) for plane in frame.planes)
        return luma, u, v
    if frame.format.name == "nv12":
        chroma = _rows(frame.planes[1], kind)
        chroma = chroma[:, : chroma.shape[1] // 2 * 2]
        u, v = (np.ascontiguousarray(chroma[:, start::2]) for start in (0, 1))
        return _rows(frame.planes[0], kind), u, v
    return None


def _with_chroma_repeated(frame: VideoFrame) -> VideoFrame:
    """Return a 4:4:4 picture for a 4:2:0 or 4:2:2 one; any other as it is."""
    if frame.format.name in _SEMI_PLANAR:
        return _from_semi_planar(frame)
    match = _SUBSAMPLED.fullmatch(frame.format.name)
    if match is None:
        return frame
    whole = VideoFrame(frame.width, frame.height, f"yuv{match[1]}444p{match[3]}")
    kind = np.dtype(np.uint16 if match[3] else np.uint8)
    across, down = 2, 2 if match[2] == "20" else 1
    for number, (plane, repeated) in enumerate(zip(frame.planes, whole.planes, strict=True)):
        samples, room = _samples(plane, kind), _samples(repeated, kind)
        if number == 0:
            room[:] = samples
            continue
        wide = (samples.shape[1] * across, samples.shape[0] * down)
        # With whole factors OpenCV's nearest neighbour is plain repetition.
        pixels = cv2.resize(samples, wide, interpolation=cv2.INTER_NEAREST)
        room[:] = pixels[: room.shape[0], : room.shape[1]]
    return whole


def _from_semi_planar(frame: VideoFrame) -> VideoFrame:
    """Return a planar 4:4:4 picture for one whose two chromas alternate in one plane (4:2:0)."""
    name, shift = _SEMI_PLANAR[frame.format.name]
    whole = VideoFrame(frame.width, frame.height, name)
    kind = np.dtype(np.uint16)
    _samples(whole.planes[0], kind)[:] = _samples(frame.planes[0], kind) >> shift
    chroma: Any = frame.planes[1]
    both = _rows(chroma, kind)[: chroma.height, : 2 * chroma.width].reshape(
        chroma.height, chroma.width, 2
    )
    for number, repeated in enumerate(whole.planes[1:]):
        room = _samples(repeated, kind)
        wide = (2 * chroma.width, 2 * chroma.height)
        one = np.ascontiguousarray(both[..., number] >> shift)
        pixels = cv2.resize(one, wide, interpolation=cv2.INTER_NEAREST)
        room[:] = pixels[: room.shape[0], : room.shape[1]]
    return whole


def _samples(plane: Any, kind: np.dtype[Any]) -> NDArray[Any]:
    """View a plane as (H, W) without its padding."""
    return _rows(plane, kind)[: plane.height, : plane.width]


def _rows(plane: Any, kind: np.dtype[Any]) -> NDArray[Any]:
    """View a plane as (H or more, W or more), contiguous."""
    rows: NDArray[Any] = np.frombuffer(plane, kind).reshape(-1, plane.line_size // kind.itemsize)
    return rows
