"""A scripted source of frames."""

import threading
import time
from collections.abc import Sequence
from fractions import Fraction
from types import TracebackType
from typing import Self

from u2cam.core.errors import SourceError, SourceLost
from u2cam.core.frame import Frame, ImageU8
from u2cam.stream.sources.base import EndOfStream, SourceInfo

TIME_BASE = Fraction(1, 90_000)


class FakeSource:
    """A scripted Source.

    Args:
        images: the frames' pictures, each delivered once.
        rate: nominal rate, also of the pts.
        live: whether frames come at their rate and SourceLost is possible.
        fail_at: index at which `read` raises `error`, once.
        stall_at: index at which `read` blocks until `close` or `go_on`.
        reopens: what `reopen` answers, one after another; then True.
        pts: of each frame in 1/90000 s; at the rate where not given.
    """

    dropped = 0
    """None: it waits for its reader."""

    def __init__(
        self,
        images: Sequence[ImageU8],
        *,
        rate: Fraction = Fraction(30),
        live: bool = False,
        fail_at: int | None = None,
        error: Exception | None = None,
        stall_at: int | None = None,
        reopens: Sequence[bool] = (),
        pts: Sequence[int] | None = None,
    ) -> None:
        self.images = list(images)
        self.fail_at = fail_at
        self.error = error or (SourceLost("fake: lost") if live else SourceError("fake: failed"))
        self.stall_at = stall_at
        self.reopens = list(reopens)
        self.pts = pts
        self.go_on = threading.Event()
        self.opened = 0
        self.closed = 0
        self.reopened = 0
        self._next = 0
        height, width = self.images[0].shape[:2]
        self._info = SourceInfo(
            name="fake",
            size_wh=(width, height),
            rate=rate,
            live=live,
            time_base=TIME_BASE,
            frames=None if live else len(self.images),
        )

    @property
    def info(self) -> SourceInfo:
        return self._info

    def __enter__(self) -> Self:
        self.opened += 1
        return self

    def read(self) -> Frame:
        if self.closed:
            raise SourceError("fake: closed")
        if self._next == self.stall_at:
            self.go_on.wait(timeout=20)
            self.stall_at = None
            if self.closed:
                raise SourceError("fake: closed while it was read")
        if self._next == self.fail_at:
            self.fail_at = None
            raise self.error
        if self._next == len(self.images):
            raise EndOfStream
        if self._info.live:
            time.sleep(float(1 / self._info.rate))
        number = self._next
        self._next += 1
        pts = self.pts[number] if self.pts else round(number / self._info.rate / TIME_BASE)
        return Frame(self.images[number], number, pts, TIME_BASE, time.monotonic())

    def reopen(self) -> bool:
        self.reopened += 1
        return self.reopens.pop(0) if self.reopens else True

    def close(self) -> None:
        self.closed += 1
        self.go_on.set()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
