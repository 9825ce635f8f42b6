"""Standard output for pictures alone: whatever else writes there goes to standard error."""

import errno
import os
import select
import sys

from u2cam.core.errors import SinkError
from u2cam.stream.media.pipes.names import OUTPUT, fault_of

_STDOUT, _STDERR = 1, 2
_GONE = {errno.EPIPE, errno.EINVAL} if sys.platform == "win32" else {errno.EPIPE}


def check_standard_output() -> None:
    """Make sure that standard output leads to a program or a file.

    Raises:
        SinkError: it is a terminal, or closed.
    """
    fault = fault_of(_STDOUT)
    if fault is not None:
        raise SinkError(f"{OUTPUT} is {fault}; pipe it into a program or into a file")


class StandardOutput:
    """Takes standard output over, from its making to `close`. Used by one thread.

    Raises:
        SinkError: it is a terminal, or closed.
    """

    def __init__(self) -> None:
        check_standard_output()
        if sys.stdout is not None:
            sys.stdout.flush()
        self._descriptor = os.dup(_STDOUT)
        self._is_open = True
        self._failed: SinkError | None = None
        if sys.platform == "win32":
            import msvcrt

            msvcrt.setmode(self._descriptor, os.O_BINARY)
        _lead(_STDERR, _STDOUT)

    @property
    def failed(self) -> bool:
        """True once something could not be written; nothing is written after that."""
        return self._failed is not None

    def write(self, data: bytes | memoryview) -> int:
        """Write all of the data; wait where the reader is slow. FFmpeg calls this.

        Raises:
            SinkError: the reader has gone, or the disk behind it is full.
        """
        if self._failed is not None:
            raise self._failed
        left = memoryview(data).cast("B")
        size = len(left)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # another program made it so
                select.select([], [self._descriptor], [])
            except OSError as error:
                reason = f"{OUTPUT}: cannot be written ({error.strerror})"
                if error.errno in _GONE:
                    reason = f"{OUTPUT}: who read it has gone; the rest was not written"
                self._failed = SinkError(reason)
                raise self._failed from error
        return size

    def close(self) -> None:
        """Give standard output back. Idempotent."""
        if not self._is_open:
            return
        self._is_open = False
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
        os.dup2(self._descriptor, _STDOUT)
        os.close(self._descriptor)


def _lead(source: int, target: int) -> None:
    """Let what is written to `target` go where `source` leads; nowhere where that is closed."""
    try:
        os.dup2(source, target)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, target)
        os.close(nowhere)
