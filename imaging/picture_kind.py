"""What kind of picture a file is: found by its first bytes, never by its name."""

from pathlib import Path
from typing import Literal

Kind = Literal["jpeg", "png", "webp", "gif", "heif", "avif", "jxl", "other"]
"""`other`: what OpenCV may know (TIFF, BMP, JPEG 2000, Netpbm), or no picture at all."""

HEAD_BYTES = 2**16
_PNG = b"\x89PNG\r\n\x1a\n"
_HEIF = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2"}
_SEQUENCES = {b"avis", b"hevc", b"hevx", b"msf1"}
_OTHER = (b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")
_VIDEO_BOXES = (b"ftyp", b"moov", b"mdat")
_VIDEO_STARTS = (b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"FLV", b"\0\0\1\xba", b"\x06\x0e+4")
"""Matroska, AVI, Ogg, Flash, MPEG's program stream, MXF."""
_ANIMATION_FLAG = 0x02
"""Of WebP's VP8X chunk (RFC 9649)."""


def picture_kind(head: bytes) -> Kind:
    """Tell the kind by the first bytes of a file."""
    if head.startswith(b"\xff\xd8"):
        return "jpeg"
    if head.startswith(_PNG):
        return "png"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")):
        return "jxl"
    if head[4:8] == b"ftyp":
        brands = _brands(head)
        if b"avif" in brands or b"avis" in brands:
            return "avif"
        if brands & _HEIF:
            return "heif"
    return "other"


def is_still(head: bytes) -> bool:
    """True for a picture that does not move, of a kind that cannot be taken for a video's."""
    kind = picture_kind(head)
    if kind == "other":
        return head.startswith(_OTHER) or (head[:1] == b"P" and head[1:2] in b"123456")
    if kind in ("heif", "avif"):
        return head[8:12] not in _SEQUENCES  # the major brand
    return kind != "gif" and not is_animation(head)


def is_animation(head: bytes) -> bool:
    """True for an animated WebP, PNG or AVIF, and for every GIF."""
    kind = picture_kind(head)
    if kind == "png":
        return b"acTL" in head.partition(b"IDAT")[0]
    if kind == "webp":
        return head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & _ANIMATION_FLAG)
    return kind == "gif" or (kind == "avif" and head[8:12] == b"avis")


def is_video(head: bytes) -> bool:
    """True where the first bytes are those of a container of video, and no picture's."""
    boxed = head[4:8] in _VIDEO_BOXES or head.startswith(_VIDEO_STARTS)
    return boxed and picture_kind(head) == "other"


def read_head(path: Path) -> bytes:
    """Return a file's first bytes; none for what cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _brands(head: bytes) -> set[bytes]:
    box = head[: int.from_bytes(head[:4], "big")][:256]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}
