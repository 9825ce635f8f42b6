"""`--live` on a file: its frames come at their own rate, and are lost if not fetched in time."""

import threading
from dataclasses import replace

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.stream.sources.base import Source, SourceInfo
from u2cam.stream.sources.wrappers.wrapped import WrappedSource

MAX_GAP_S = 0.25
"""A source that cannot keep its rate still shows a frame this often: dropping more would not help
it, as it costs as much to read a frame as to show it."""


class PacedSource(WrappedSource):
    """An offline source, played against the clock as a camera would.

    A frame is due at its pts after the first `read`. Early readers wait; a reader up to one frame
    late gets the frame at once; older frames are dropped and counted. The capture thread reads.

    Args:
        inner: the source to play; entering and closing this one enters and closes it.
        clock: says when a frame is due.
    """

    def __init__(self, inner: Source, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(inner)
        self._clock = clock
        self._late = 0
        self._closed = threading.Event()
        self._start_s: float | None = None
        self._delivered_at_s = 0.0
        self._index = 0

    @property
    def info(self) -> SourceInfo:
        """The inner source's facts, but live."""
        return replace(self.inner.info, live=True)

    @property
    def dropped(self) -> int:
        """Frames that were not fetched in time."""
        return self._late

    def read(self) -> Frame:
        """Wait until the next frame is due.

        Raises:
            EndOfStream: after the last frame.
            SourceError: closed, or the inner source failed.
        """
        period_s = float(1 / self.inner.info.rate)
        while True:
            frame = self.inner.read()
            now_s = self._clock.now_s()
            if self._start_s is None:
                self._start_s = now_s - frame.time_s
                self._delivered_at_s = now_s
            due_s = self._start_s + frame.time_s
            if now_s - due_s <= period_s:
                break
            if now_s - self._delivered_at_s > MAX_GAP_S:
                # The clock cannot be caught up with: from here on it is this late.
                self._start_s += now_s - due_s
                due_s = now_s
                break
            self._late += 1
        if self._clock.wait_set(self._closed, max(0.0, due_s - now_s)):
            raise SourceError(f"{self.inner.info.name} was closed while it was read")
        self._delivered_at_s = self._clock.now_s()
        paced = replace(frame, index=self._index, captured_at_s=due_s)
        self._index += 1
        return paced

    def close(self) -> None:
        """Wake a waiting `read` and close the inner source."""
        self._closed.set()
        self.inner.close()
