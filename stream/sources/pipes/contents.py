"""What standard input holds: known by its first bytes, no more of them than are needed."""

from typing import Literal

from u2cam.core.errors import NotAVideoError, SourceError
from u2cam.imaging.picture_kind import HEAD_BYTES, is_still, is_video, picture_kind
from u2cam.stream.media.pipes.names import INPUT
from u2cam.stream.media.pipes.reader import PipeReader

Contents = Literal["pictures", "picture", "video", "unknown"]
"""`pictures`: PNG or JPEG, of which any number may follow one another; `picture`: one of another
kind, which ends with the stream; `unknown`: nothing with a header that is known."""

_FEW_BYTES = 32
_Y4M = b"YUV4MPEG2 "
_GIF = (b"GIF87a", b"GIF89a")
_TS_PACKET_BYTES, _TS_SYNC = 188, 0x47
_TS_PACKETS = 5
_BOX_BYTES = 8


def contents_of(pipe: PipeReader) -> Contents:
    """Tell what a pipe holds; waits for its first bytes and takes none.

    Raises:
        SourceError: nothing came, or what came can be read from a file only.
    """
    head = pipe.peek(_FEW_BYTES)
    if not head:
        raise NotAVideoError(f"{INPUT}: nothing came; is the program before the pipe at work?")
    if picture_kind(head) in ("png", "jpeg"):
        return "pictures" if head[:2] != b"\xff\xd8" or head[2:3] == b"\xff" else "unknown"
    if head.startswith((_Y4M, *_GIF)) or _is_transport_stream(pipe):
        return "video"
    if head[4:8] == b"ftyp":
        _check_boxes(pipe)
    if is_video(head):
        return "video"
    if picture_kind(head) == "other" and head[:1] == b"P":
        return "unknown"  # Netpbm, of which others may follow: FFmpeg knows that
    return "picture" if is_still(head) or picture_kind(head) != "other" else "unknown"


def _is_transport_stream(pipe: PipeReader) -> bool:
    """True where packets of MPEG-TS (ISO 13818-1) follow one another; gray pixels are none."""
    if pipe.peek(1)[0] != _TS_SYNC:
        return False
    data = pipe.peek(_TS_PACKETS * _TS_PACKET_BYTES)
    starts = range(0, len(data) - 3, _TS_PACKET_BYTES)
    return all(data[at] == _TS_SYNC and data[at + 3] & 0x30 for at in starts)


def _check_boxes(pipe: PipeReader) -> None:
    """Raise SourceError where an MP4 has its index behind its pictures: it cannot be read yet."""
    at = 0
    while at < HEAD_BYTES:
        box = pipe.peek(at + _BOX_BYTES, at)
        if len(box) < _BOX_BYTES or box[4:] in (b"moov", b"moof", b"meta"):
            return
        if box[4:] == b"mdat":
            raise SourceError(
                f"{INPUT}: an MP4 or MOV with its index at the end, which no pipe can carry; give "
                "the file itself, or send Matroska (ffmpeg -i FILE -c copy -f matroska -)"
            )
        size = int.from_bytes(box[:4], "big")
        if size < _BOX_BYTES:
            return
        at += size
