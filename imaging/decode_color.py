"""Decoded pictures to RGB, by the colour tags of their file.

Runs in the capture thread. Matrices and ranges are those of ITU-T H.273; the arithmetic is
swscale's. High dynamic range and wide gamuts become BT.709 (`wide_color`); other transfer curves
and primaries are not converted: they are passed on as tags.
"""

import re
from typing import Any

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8
from u2cam.imaging.coded_matrix import Matrix, coded_matrix
from u2cam.imaging.color_tags import HDR_TRANSFERS, PRIMARIES, TRANSFERS, ColorTags
from u2cam.imaging.wide_color import (
    dithered,
    from_bt709,
    is_hdr,
    is_like,
    is_wider,
    to_bt709,
    to_hdr,
)
from u2cam.imaging.yuv420 import decode_420

# Without these flags swscale's luma comes out 1.1 levels too bright on average.
_FLAGS = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)
_WHITE_OF_YUV = 65283
"""What swscale makes of white in YUV where RGB has 16 bits: it counts with 256 for 257."""
_SEMI_PLANAR = {"p010le": ("yuv444p10le", 6), "p016le": ("yuv444p16le", 0)}
"""What hardware gives of deep colours: the planar format with whole chroma, and bits to drop."""
_SUBSAMPLED = re.compile(r"yuv(j?)4(20|22)p((?:1[0246]le)?)")

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

    A file without a matrix tag is taken as players take it (mpv's rule): that of BT.2020 where
    primaries or curve are BT.2020's, else BT.709 from 1280 columns or more than 576 rows, BT.601
    below. Without a range tag it is limited. Pictures coded as RGB have no matrix; in BT.709 they
    get the default tags, which are then those of a file written from them.

    Raises:
        ColorError: coded in a way that cannot be converted.
    """
    primaries = PRIMARIES.get(int(frame.color_primaries), "unknown")
    transfer = TRANSFERS.get(int(frame.color_trc), "unknown")
    if is_rgb(frame):
        wider = primaries not in ("bt709", "unknown") or transfer in HDR_TRANSFERS
        return ColorTags("full", "bt709", primaries, transfer) if wider else ColorTags()
    guessed: Matrix = "bt709" if frame.width >= 1280 or frame.height > 576 else "bt601"
    if primaries == "bt2020" or transfer in HDR_TRANSFERS:
        guessed = "bt2020"
    full = frame.color_range == ColorRange.JPEG or frame.format.name.startswith("yuvj")
    return ColorTags(
        range="full" if full else "limited",
        matrix=coded_matrix(frame, primaries) or guessed,
        primaries=primaries,
        transfer=transfer,
    )


def color_numbers(frame: VideoFrame) -> tuple[int, ...]:
    """Return what a picture says of its colours, to notice that it changes within a stream."""
    return (
        int(frame.color_range),
        int(frame.colorspace),
        int(frame.color_primaries),
        int(frame.color_trc),
    )


class RgbConverter:
    """Converts and scales the decoded pictures of one stream to RGB; keeps swscale's tables.

    Where the size stays, each chroma sample of 4:2:0 and 4:2:2 is repeated over its pixels, and
    not interpolated. `encode_color` averages over the same pixels, so that what no effect touched
    is written with exactly the numbers it was read with.
    """

    def __init__(
        self,
        tags: ColorTags,
        size_wh: tuple[int, int],
        *,
        keep_hdr: bool = False,
        shown: ColorTags | None = None,
    ) -> None:
        """Remember what to convert.

        Args:
            tags: what the coded numbers mean.
            size_wh: width and height of the RGB pictures.
            keep_hdr: leave HLG and PQ as they are coded: RGB of that curve, dithered to 8 bits.
            shown: the space of pictures that these follow, which is kept; then `keep_hdr` says
                nothing. It is BT.709 where it is neither HLG nor PQ.
        """
        self._tags = tags
        self._deep = is_wider(tags)
        if shown is None:
            converts = self._deep and not (keep_hdr and is_hdr(tags))
            shown = ColorTags() if converts else tags
        self._shown = shown
        self._size_wh = size_wh
        self._reformatter = VideoReformatter()

    @property
    def tags(self) -> ColorTags:
        """What the coded numbers mean."""
        return self._tags

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height of the converted pictures."""
        return self._size_wh

    @property
    def shown_tags(self) -> ColorTags:
        """What the converted pictures' colours are: BT.709 where the file's were wider."""
        return self._shown

    def to_rgb(self, frame: VideoFrame) -> ImageU8:
        """Return (H, W, 3) uint8 RGB of the size given at the start, full range; drops alpha."""
        if (frame.width, frame.height) == self._size_wh:
            planes = None if self._deep or is_hdr(self._shown) else _planes_420(frame)
            if planes is not None:
                return decode_420(*planes, self._tags, self._size_wh)
            frame = _with_chroma_repeated(frame)
        if self._deep:
            deep = np.asarray(self._reformat(frame, "rgb48le").to_ndarray(), dtype=np.uint16)
            return self._converted(deep, 65535 if is_rgb(frame) else _WHITE_OF_YUV)
        image = np.asarray(self._reformat(frame, "rgb24").to_ndarray(), dtype=np.uint8)
        return dithered(from_bt709(image, self._shown)) if is_hdr(self._shown) else image

    def _converted(self, deep: NDArray[np.uint16], white: int) -> ImageU8:
        """Bring a picture of a wide space (H, W, 3) into the space that is shown."""
        if not is_hdr(self._shown):
            return to_bt709(deep, self._tags, white)
        if is_like(self._tags, self._shown):
            return dithered(deep, white)
        if is_hdr(self._tags):
            return dithered(to_hdr(deep, self._tags, self._shown, white))
        return dithered(from_bt709(to_bt709(deep, self._tags, white), self._shown))

    def alpha_of(self, frame: VideoFrame) -> NDArray[np.uint8] | None:
        """Return (H, W) uint8 at the size of `to_rgb`, 255 opaque; None for a picture without."""
        if not any(part.is_alpha for part in frame.format.components):
            return None
        rgba = np.asarray(self._reformat(frame, "rgba").to_ndarray(), dtype=np.uint8)
        return np.ascontiguousarray(rgba[..., 3])

    def _reformat(self, frame: VideoFrame, pixel_format: str) -> VideoFrame:
        matrix = COLORSPACES[self._tags.matrix]
        full = self._tags.range == "full" or is_rgb(frame)
        return self._reformatter.reformat(
            frame,
            width=self._size_wh[0],
            height=self._size_wh[1],
            format=pixel_format,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
            dst_color_range=ColorRange.JPEG,
            interpolation=_FLAGS,
        )


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
