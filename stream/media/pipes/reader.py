"""A pipe that is read once, from its beginning to its end."""

import os
import select
import sys
import threading

_WAKE_S = 0.1
"""How long a read may still wait after `close`."""
_PIECE_BYTES = 2**16
_MOST_HEAD_BYTES = 32 * 2**20
"""More than FFmpeg reads to find out what a stream holds (5 MB)."""


class PipeReader:
    """The bytes of a pipe, in order. Used by one thread at a time; `close` by any.

    What was read is kept until `forget_head`, so that more than one reader can find out what the
    stream holds.

    Args:
        descriptor: of the pipe; it stays open.
    """

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._peeked = bytearray()
        self._head: bytearray | None = bytearray()
        self._closed = threading.Event()
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(descriptor, os.O_BINARY)

    @property
    def head(self) -> bytes:
        """What was read so far; nothing after `forget_head`."""
        return bytes(self._head or b"")

    def forget_head(self) -> None:
        """Keep no more of what is read."""
        self._head = None

    def peek(self, count: int, skip: int = 0) -> bytes:
        """Return the next `count` bytes but for the first ones, without taking any.

        Fewer at the end.
        """
        while len(self._peeked) < count:
            piece = self._wait_for_piece(_PIECE_BYTES)
            if not piece:
                break
            self._peeked += piece
        return bytes(self._peeked[skip:count])

    def read(self, count: int) -> bytes:
        """Return what is there, at most so many bytes; nothing at the end. FFmpeg calls this.

        Raises:
            OSError: the system's.
        """
        if self._peeked:
            piece = bytes(self._peeked[:count])
            del self._peeked[:count]
        else:
            piece = self._wait_for_piece(count)
        if self._head is not None and len(self._head) < _MOST_HEAD_BYTES:
            self._head += piece
        return piece

    def read_whole(self, count: int) -> bytes:
        """Return so many bytes; fewer only at the end."""
        pieces: list[bytes] = []
        while count > 0:
            piece = self.read(count)
            if not piece:
                break
            pieces.append(piece)
            count -= len(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Let this and every later read find the end. Idempotent."""
        self._closed.set()

    def _wait_for_piece(self, count: int) -> bytes:
        while not self._closed.is_set():
            # Windows cannot wait for a pipe: there a read ends with the program that writes.
            if (
                sys.platform != "win32"
                and not select.select([self._descriptor], [], [], _WAKE_S)[0]
            ):
                continue
            try:
                return os.read(self._descriptor, count)
            except BlockingIOError:  # another program made it so, and was quicker to read
                continue
        return b""
