"""The size of a still picture, read from its header: known before anything is decoded.

Formats are recognised by their first bytes, never by the file's name. What is not understood gives
None, and the decoder decides. Layouts: PNG (ISO 15948), JPEG (T.81), BMP, GIF89a, WebP (RFC 9649),
TIFF 6.0, Netpbm, JPEG 2000 (T.800), HEIF and AVIF (ISO 23008-12).
"""

import re
import struct

from u2cam.imaging.picture_kind import picture_kind

_FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG's start-of-frame markers; the three left out are tables."""
_BARE_MARKERS = frozenset((0x01, *range(0xD0, 0xD9)))
"""JPEG markers that no length follows."""
_TIFF_FORMS = {3: "H", 4: "I"}
_NETPBM = re.compile(rb"P[1-6](?:\s|#[^\n]*\n)+(\d{1,9})(?:\s|#[^\n]*\n)+(\d{1,9})\s")


def image_size(coded: bytes) -> tuple[int, int] | None:
    """Return width and height as stored (before any EXIF turn); None where they are not there.

    Args:
        coded: the file's bytes; the first 64 KiB are enough for most files.
    """
    try:
        if coded.startswith(b"\x89PNG\r\n\x1a\n"):
            return _unpack(">II", coded, 16)
        if coded.startswith(b"\xff\xd8"):
            return _jpeg(coded)
        if coded.startswith(b"BM"):
            return _bmp(coded)
        if coded.startswith((b"GIF87a", b"GIF89a")):
            return _unpack("<HH", coded, 6)
        if coded[:4] == b"RIFF" and coded[8:12] == b"WEBP":
            return _webp(coded)
        if coded.startswith((b"II*\0", b"MM\0*")):
            return _tiff(coded)
        if coded[4:8] == b"ftyp" and picture_kind(coded[:256]) in ("heif", "avif"):
            return _heif(coded)
        if coded[4:8] == b"jP  " and (at := coded.find(b"ihdr", 0, 4096)) >= 0:
            height, width = _unpack(">II", coded, at + 4)
            return width, height
    except (struct.error, IndexError):
        return None  # cut off within its header
    found = _NETPBM.match(coded[:4096])
    return (int(found[1]), int(found[2])) if found else None


def _unpack(form: str, coded: bytes, at: int) -> tuple[int, int]:
    first, second = struct.unpack_from(form, coded, at)
    return first, second


def _jpeg(coded: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(coded):
        if coded[at] != 0xFF:
            return None
        marker = coded[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _BARE_MARKERS:
            at += 2
        elif marker in _FRAME_MARKERS:
            height, width = _unpack(">HH", coded, at + 5)
            return width, height
        else:
            at += 2 + int.from_bytes(coded[at + 2 : at + 4], "big")
    return None


def _bmp(coded: bytes) -> tuple[int, int]:
    if coded[14] == 12:  # OS/2
        return _unpack("<HH", coded, 18)
    width, height = _unpack("<ii", coded, 18)
    return abs(width), abs(height)  # negative: from the top down


def _webp(coded: bytes) -> tuple[int, int] | None:
    kind = coded[12:16]
    if kind == b"VP8X":
        return _u24(coded, 24) + 1, _u24(coded, 27) + 1
    if kind == b"VP8 ":
        width, height = _unpack("<HH", coded, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", coded, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _u24(coded: bytes, at: int) -> int:
    low, high = struct.unpack_from("<HB", coded, at)
    return int(low) | int(high) << 16


def _heif(coded: bytes) -> tuple[int, int] | None:
    """Return the largest of the sizes (`ispe`) of an HEIF file: a grid is larger than its tiles."""
    sizes = []
    at = coded.find(b"ispe", 0, 2**16)
    while at >= 0:
        sizes.append(_unpack(">II", coded, at + 8))
        at = coded.find(b"ispe", at + 4, 2**16)
    return max(sizes, key=lambda wh: wh[0] * wh[1], default=None)


def _tiff(coded: bytes) -> tuple[int, int] | None:
    order = "<" if coded.startswith(b"II") else ">"
    (at,) = struct.unpack_from(order + "I", coded, 4)
    (entries,) = struct.unpack_from(order + "H", coded, at)
    sides: dict[int, int] = {}
    for number in range(min(entries, 512)):
        tag, kind = _unpack(order + "HH", coded, at + 2 + 12 * number)
        if tag in (256, 257) and kind in _TIFF_FORMS:
            (sides[tag],) = struct.unpack_from(
                order + _TIFF_FORMS[kind], coded, at + 10 + 12 * number
            )
    return (sides[256], sides[257]) if len(sides) == 2 else None
