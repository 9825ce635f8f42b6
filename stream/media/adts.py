"""Whether AAC in ADTS frames, as MPEG-TS carries it, keeps its rate and layout to the end.

MP4 and Matroska write both once, at the start: frames that follow with others would be noise to
every player. ADTS (ISO/IEC 13818-7, 6.2) tells them in each frame's header.
"""

from __future__ import annotations  # PyAV's streams are generic for type checkers only

from pathlib import Path

import av
from av.audio.stream import AudioStream
from av.stream import Discard

_SYNC = 0xFFF0
_SYNC_MASK = 0xFFF6
"""Twelve bits of sync word and two that are 0."""
_HEADER_BYTES = 7
_CARRIERS = ("mpegts", "aac")
"""FFmpeg's names of the formats whose AAC is ADTS."""


def changes_within(path: Path, stream: AudioStream) -> bool:
    """True where a track of a file is AAC in ADTS frames whose rate or layout changes.

    Reads the file to the first change, or to its end.

    Args:
        path: of the file.
        stream: of the open file.
    """
    if stream.container.format.name not in _CARRIERS or stream.codec_context.name != "aac":
        return False
    first: int | None = None
    try:
        with av.open(str(path), metadata_errors="replace") as media:
            track = media.streams[stream.index]
            for other in media.streams:
                if other.index != stream.index:
                    other.discard = Discard.all
            for packet in media.demux(track):
                layout = _layout_of(bytes(packet)) if packet.size >= _HEADER_BYTES else None
                if layout is not None and first is not None and layout != first:
                    return True
                first = layout if first is None else first
    except av.FFmpegError:
        return False  # whoever copies the track says that the file is damaged
    return False


def _layout_of(frame: bytes) -> int | None:
    """Return profile, rate and layout of a frame as one number; None where it has no header."""
    if int.from_bytes(frame[:2], "big") & _SYNC_MASK != _SYNC:
        return None
    # Two bits of profile, four of rate, one that is private, three of layout.
    return int.from_bytes(frame[2:4], "big") >> 6 & 0b11_1111_0_111
