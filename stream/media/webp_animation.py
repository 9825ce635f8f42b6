"""An animated WebP (RFC 9649), put together from complete pictures as they come.

Runs in the sink's thread. Every frame is a whole picture that replaces the one before, so its
alpha is its own, and each shows for exactly as long as it should.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_FRAME_CHUNKS = (b"ALPH", b"VP8 ", b"VP8L")
_PROFILE, _ALPHA, _ANIMATION = 0x20, 0x10, 0x02
"""Flags of VP8X."""
_NO_BLENDING = 0x02
_LONGEST_MS = 2**24 - 1


class WebpAnimation:
    """A file that grows by a frame at a time.

    Args:
        path: of the file; it is no WebP before `finish`.
        size_wh: of every frame.
        profile: ICC profile of every frame, if they have one.
    """

    def __init__(self, path: Path, size_wh: tuple[int, int], profile: bytes | None) -> None:
        self._size_wh = size_wh
        self._flags = _ANIMATION | (_PROFILE if profile else 0)
        self._file: BinaryIO = path.open("wb")
        self._file.write(b"RIFF\0\0\0\0WEBP" + self._header())
        if profile:
            self._file.write(_chunk(b"ICCP", profile))
        self._file.write(_chunk(b"ANIM", bytes(6)))  # on a clear ground, for ever

    def add(self, coded: bytes, duration_ms: int) -> None:
        """Append a frame.

        Args:
            coded: a still WebP of the size given.
            duration_ms: how long it shows.
        """
        chunks = [part for part in _chunks(coded) if part[:4] in _FRAME_CHUNKS]
        if any(part[:4] == b"ALPH" or _has_alpha(part) for part in chunks):
            self._flags |= _ALPHA
        width, height = self._size_wh
        place = _u24(0) + _u24(0) + _u24(width - 1) + _u24(height - 1)
        time = _u24(min(max(duration_ms, 1), _LONGEST_MS))
        body = b"".join((place, time, bytes([_NO_BLENDING]), *chunks))
        self._file.write(_chunk(b"ANMF", body))

    def finish(self) -> None:
        """Write what the header tells of the whole, and close."""
        with self._file as file:
            size = file.tell() - 8
            if size >= 2**32:
                raise ValueError("an animation of more than 4 GB is too large for WebP")
            file.seek(4)
            file.write(struct.pack("<I", size) + b"WEBP" + self._header())

    def abandon(self) -> None:
        """Close; the file is to be removed."""
        self._file.close()

    def _header(self) -> bytes:
        width, height = self._size_wh
        return _chunk(b"VP8X", bytes([self._flags, 0, 0, 0]) + _u24(width - 1) + _u24(height - 1))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def _chunks(coded: bytes) -> Iterator[bytes]:
    at = 12
    while at + 8 <= len(coded):
        size = int.from_bytes(coded[at + 4 : at + 8], "little")
        end = at + 8 + size + size % 2
        yield coded[at:end]
        at = end


def _has_alpha(chunk: bytes) -> bool:
    """True for a lossless frame that says that it uses alpha."""
    return chunk[:4] == b"VP8L" and bool(chunk[12] & 0x10)


def _u24(value: int) -> bytes:
    return value.to_bytes(3, "little")
