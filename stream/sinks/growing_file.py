"""A file that is worth keeping at every moment: for recordings of what cannot be seen again.

FFmpeg writes through it. What is written goes to the disk about once a second, and after the first
failure (a full disk) nothing is written any more: an end that fails half-way, such as MP4's
index, would spoil what is there.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

_log = logging.getLogger(__name__)

SYNC_S = 1.0
"""How much a power cut may cost, beside what the encoder still holds."""


class GrowingFile:
    """An opened file, with what PyAV calls: `write`, `seek`, `tell`, `flush` and `close`.

    Args:
        path: of the file, which is made anew.
        clock: seconds, growing.
        sync: brings a file descriptor's data to the disk; runs in a thread of its own, because a
            slow disk must not hold up the pictures.
    """

    def __init__(
        self,
        path: Path,
        clock: Callable[[], float] = time.monotonic,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self._file = path.open("wb", buffering=0)
        self._clock = clock
        self._sync = sync
        self._synced_s = clock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="sync")
        self._running: Future[None] | None = None
        self.failed: OSError | None = None
        """The first error; whatever came after was not written."""

    def write(self, data: bytes) -> int:
        """Write all of the data, or, after a failure, nothing.

        Raises:
            OSError: the first failure, once.
        """
        if self.failed is not None:
            return len(data)
        left = memoryview(data)
        try:
            while left:
                left = left[self._file.write(left) or 0 :]
        except OSError as error:
            self.failed = error
            raise
        self._sync_now_and_then()
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move to a place in the file."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def flush(self) -> None:
        """Nothing is held here."""

    def close(self) -> None:
        """Bring the rest to the disk and close. Idempotent."""
        if self._file.closed:
            return
        self._pool.submit(self._sync_quietly)
        self._pool.shutdown(wait=True)
        self._file.close()

    def _sync_now_and_then(self) -> None:
        now_s = self._clock()
        busy = self._running is not None and not self._running.done()
        if not busy and now_s - self._synced_s >= SYNC_S:
            self._synced_s = now_s
            self._running = self._pool.submit(self._sync_quietly)

    def _sync_quietly(self) -> None:
        try:
            self._sync(self._file.fileno())
        except OSError as error:  # a pipe, or a disk whose next write will fail
            _log.debug("not synchronised: %s", error)
