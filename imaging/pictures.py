"""One still picture of any kind to sRGB: for inputs and backgrounds alike.

Turned upright as EXIF or HEIF say; 16 bits are scaled to 8, gray and palettes expanded; ICC
profiles and wide gamuts converted. OpenCV decodes what it knows, libheif HEIC (with its tiles),
libavif AVIF, and Pillow what has four inks.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps

from u2cam.core.arrays import ImageU8
from u2cam.imaging import icc
from u2cam.imaging.color_tags import PRIMARIES, TRANSFERS, ColorTags
from u2cam.imaging.picture_kind import picture_kind
from u2cam.imaging.wide_color import is_wider, to_bt709

_PNG = b"\x89PNG\r\n\x1a\n"
_ORIENTATION = 0x0112
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, RuntimeError, LookupError, struct.error)
"""What Pillow and libheif raise for damaged files."""


class PictureError(ValueError):
    """A file that is no picture, or a damaged one; says why, not which."""


@dataclass(frozen=True, slots=True, eq=False)
class StillPicture:
    """A picture as it is worked on."""

    image: ImageU8
    """(H, W, 3) sRGB; straight where there is alpha, so hidden pixels may hold anything."""
    alpha: NDArray[np.uint8] | None = None
    """(H, W), 255 is opaque; None where all of it is."""
    icc: bytes | None = None
    """The profile that the file came with, if a picture can be written in it again."""

    @property
    def coverage(self) -> NDArray[np.uint8] | None:
        """`alpha`; None where all of it is opaque."""
        return None if self.alpha is None or self.alpha.min() == 255 else self.alpha

    def over(self, rgb: tuple[int, int, int]) -> ImageU8:
        """Return the picture on a colour."""
        return self.image if self.alpha is None else over_color(self.image, self.alpha, rgb)


def over_color(image: NDArray[Any], alpha: NDArray[Any], rgb: tuple[int, int, int]) -> ImageU8:
    """Blend straight colours (H, W, 3) by alpha (H, W) over one colour, gamma-encoded."""
    share = alpha[..., None].astype(np.float32) / 255
    shown = image * share + np.asarray(rgb, np.float32) * (1 - share)
    return np.asarray(np.rint(shown), dtype=np.uint8)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Pillow's warnings of damaged files away: they would surround our one line."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def decode_picture(data: bytes, check_size: Callable[[tuple[int, int]], None]) -> StillPicture:
    """Decode a picture file.

    Args:
        data: the whole file.
        check_size: called with width and height before they are decoded, where a decoder tells
            them; raises what the caller wants to see.

    Raises:
        PictureError: it cannot be read.
    """
    kind = picture_kind(data[:256])
    if kind == "jxl":
        raise PictureError("a JPEG XL picture, which cannot be read here; convert it to PNG")
    if kind == "heif":
        return _decode_heif(data, check_size)
    header = header_of(data)
    if kind in ("avif", "gif"):
        if header is None:
            raise PictureError(f"a damaged {kind.upper()} picture")
        check_size(header.size)
        return _decode_by_pillow(header, nclx_tags(data))
    profile = _profile(header)
    if header is not None and header.mode == "CMYK" and profile:
        return _decode_cmyk(header, profile)
    if header is not None and header.format == "TIFF" and header.mode in ("RGBA", "LA"):
        return _decode_by_pillow(header, None)  # OpenCV multiplies colours by alpha
    pixels = _decode_by_opencv(data)
    if pixels is None:
        raise PictureError("not an image that can be read, or it is damaged")
    image, alpha = pixels
    if alpha is not None and header is not None:
        turn = _orientation(header)
        image, alpha = _turned(image, turn), _turned(alpha, turn)
    if profile and icc.color_space(profile) == "GRAY":
        return StillPicture(icc.to_srgb(np.ascontiguousarray(image[..., 0]), profile), alpha)
    return in_srgb(image, alpha, profile, _cicp(data) if kind == "png" else None)


def in_srgb(
    image: ImageU8, alpha: NDArray[np.uint8] | None, profile: bytes | None, tags: ColorTags | None
) -> StillPicture:
    """Convert (H, W, 3) uint8 by its ICC profile, or else by H.273's tags of full range."""
    if profile:
        usable = icc.color_space(profile) == "RGB"
        if usable:
            image = icc.to_srgb(image, profile)
        return StillPicture(image, alpha, profile if usable else None)
    if tags is not None and is_wider(tags):
        image = to_bt709(image.astype(np.uint16) * 257, tags)
    return StillPicture(image, alpha)


def _decode_heif(data: bytes, check_size: Callable[[tuple[int, int]], None]) -> StillPicture:
    damaged = "a HEIC picture that is damaged, or of a kind that is not known"
    try:
        opened = pillow_heif.open_heif(data, convert_hdr_to_8bit=False)
        size_wh = opened.size
    except UNREADABLE as error:
        raise PictureError(damaged) from error
    check_size(size_wh)
    try:
        pixels = np.asarray(opened)
    except UNREADABLE as error:
        raise PictureError(damaged) from error
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    alpha = None
    if opened.mode.startswith(("RGBA", "RGBa")):
        alpha = _to_8_bit(pixels[..., 3])
    colors = np.ascontiguousarray(pixels[..., :3])
    profile, nclx = opened.info.get("icc_profile"), opened.info.get("nclx_profile")
    tags = _tags(nclx["color_primaries"], nclx["transfer_characteristics"]) if nclx else None
    if colors.dtype == np.uint16 and not profile and tags is not None and is_wider(tags):
        return StillPicture(to_bt709(colors, tags), alpha)
    return in_srgb(_to_8_bit(colors), alpha, profile, tags)


def _decode_by_pillow(header: Image.Image, tags: ColorTags | None) -> StillPicture:
    profile = header.info.get("icc_profile")
    try:
        with quiet():
            upright = ImageOps.exif_transpose(header)
        has_alpha = "A" in upright.getbands() or "transparency" in upright.info
        pixels = np.asarray(upright.convert("RGBA" if has_alpha else "RGB"))
    except UNREADABLE as error:
        raise PictureError("a damaged picture") from error
    alpha = np.ascontiguousarray(pixels[..., 3]) if has_alpha else None
    return in_srgb(np.ascontiguousarray(pixels[..., :3]), alpha, profile, tags)


def _decode_cmyk(header: Image.Image, profile: bytes) -> StillPicture:
    try:
        with quiet():
            upright = ImageOps.exif_transpose(header)
        if icc.color_space(profile) != "CMYK":
            return StillPicture(np.asarray(upright.convert("RGB")))
        return StillPicture(icc.to_srgb(np.asarray(upright), profile))
    except UNREADABLE as error:
        raise PictureError("a damaged picture") from error


def _decode_by_opencv(data: bytes) -> tuple[ImageU8, NDArray[np.uint8] | None] | None:
    """Return (H, W, 3) RGB, turned upright, and no alpha; or stored upright with alpha (H, W)."""
    # OpenCV's and libpng's own messages would surround our one line.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    coded = np.frombuffer(data, np.uint8)
    if coded.size == 0 or not _is_whole(data):
        return None
    try:
        if not data.startswith(b"\xff\xd8"):
            raw = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
            if raw is not None and raw.ndim == 3 and raw.shape[2] == 4:
                image = _to_8_bit(cv2.cvtColor(raw, cv2.COLOR_BGRA2RGBA))
                return np.ascontiguousarray(image[..., :3]), np.ascontiguousarray(image[..., 3])
        bgr = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    except cv2.error as error:
        reason = " ".join(str(error.err).split())
        raise PictureError(f"OpenCV cannot decode this image ({reason})") from error
    if bgr is None:
        return None
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8), None


def _to_8_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    full = float(np.iinfo(pixels.dtype).max) if pixels.dtype.kind == "u" else 1.0
    scaled = np.clip(pixels.astype(np.float32) * (255 / full), 0, 255)
    return np.asarray(np.rint(scaled), dtype=np.uint8)


def header_of(data: bytes) -> Image.Image | None:
    """Let Pillow look at a file without decoding it; None for what it does not know."""
    try:
        with quiet():
            return Image.open(io.BytesIO(data))
    except (*UNREADABLE, Image.DecompressionBombError):
        return None


def _profile(header: Image.Image | None) -> bytes | None:
    found = None if header is None else header.info.get("icc_profile")
    return found if isinstance(found, bytes) and found else None


def _orientation(header: Image.Image) -> int:
    try:
        with quiet():
            turn = header.getexif().get(_ORIENTATION, 1)
    except UNREADABLE:
        return 1
    return turn if isinstance(turn, int) else 1


def _turned(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Turn as EXIF says: 1 to 8 are the ways in which a picture can lie."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return np.ascontiguousarray(pixels)


def _tags(primaries: int, transfer: int) -> ColorTags:
    return ColorTags(
        "full", "bt709", PRIMARIES.get(primaries, "unknown"), TRANSFERS.get(transfer, "unknown")
    )


def nclx_tags(data: bytes) -> ColorTags | None:
    """Return what an AVIF's colour box says (ISO 14496-12: colr), if there is one."""
    if data[4:8] != b"ftyp":
        return None
    at = data.find(b"colrnclx", 0, 2**16)
    if at < 0:
        return None
    return _tags(*struct.unpack_from(">HH", data, at + 8))


def _cicp(data: bytes) -> ColorTags | None:
    """Return what a PNG's cICP chunk says, if there is one."""
    at = data.partition(b"IDAT")[0].find(b"cICP")
    return _tags(data[at + 4], data[at + 5]) if at >= 0 and at + 5 < len(data) else None


def _is_whole(data: bytes) -> bool:
    """Check a PNG's chunks, because libpng prints what it finds wrong; other formats pass."""
    if data[:8] != _PNG:
        return True
    start = 8
    while start + 12 <= len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4], "big")
        if end > len(data):
            return False
        if zlib.crc32(data[start + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
        if data[start + 4 : start + 8] == b"IEND":
            return True
        start = end
    return False
