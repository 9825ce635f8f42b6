"""A scripted taker of pictures."""

import threading
from collections.abc import Container

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.sinks.base import PictureFormat, QuitRequested


class FakeSink:
    """A scripted Sink that keeps what it was given.

    Args:
        live: whether it has viewers; as `paced` where not given.
        fail_at: number of the picture whose `write` raises `error`.
        lost_at: which calls of `write`, counted from 0, raise SinkLost.
        stall_at: number of the picture whose `write` blocks until `go_on`.
        quit_at: number of the picture whose `write` raises QuitRequested.
        refuse: reason for which `open` raises SinkError.
        write_s: how long every write takes.
        clock: passes while it writes, and says when.
    """

    def __init__(
        self,
        name: str = "fake",
        *,
        paced: bool = False,
        live: bool | None = None,
        fail_at: int | None = None,
        error: Exception | None = None,
        lost_at: Container[int] = (),
        stall_at: int | None = None,
        quit_at: int | None = None,
        refuse: str | None = None,
        write_s: float = 0.0,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._name = name
        self._paced = paced
        self._live = paced if live is None else live
        self.fail_at = fail_at
        self.error = error or SinkError(f"{name}: failed")
        self.lost_at = lost_at
        self.stall_at = stall_at
        self.quit_at = quit_at
        self.refuse = refuse
        self.write_s = write_s
        self.clock = clock
        self.go_on = threading.Event()
        self.format: PictureFormat | None = None
        self.writes = 0
        self.pictures: list[Picture] = []
        self.written_at_s: list[float] = []
        self.tried_at_s: list[float] = []
        self.closes: list[bool] = []
        """The `failed` of each close."""
        self.threads: set[str] = set()

    @property
    def name(self) -> str:
        return self._name

    @property
    def paced(self) -> bool:
        return self._paced

    @property
    def live(self) -> bool:
        return self._live

    def open(self, picture_format: PictureFormat) -> None:
        self.threads.add(threading.current_thread().name)
        if self.refuse is not None:
            raise SinkError(self.refuse)
        self.format = picture_format

    def write(self, picture: Picture) -> None:
        self.threads.add(threading.current_thread().name)
        assert self.format is not None and not self.closes, "write outside open and close"
        number = len(self.pictures)
        attempt = self.writes
        self.writes += 1
        self.tried_at_s.append(self.clock.now_s())
        if attempt in self.lost_at:
            raise SinkLost(f"{self._name}: gone")
        if number == self.stall_at:
            self.go_on.wait(timeout=20)
            self.stall_at = None
        if number == self.fail_at:
            raise self.error
        if number == self.quit_at:
            raise QuitRequested
        self.clock.sleep(self.write_s)
        self.pictures.append(picture)
        self.written_at_s.append(self.clock.now_s())

    def close(self, *, failed: bool) -> None:
        self.threads.add(threading.current_thread().name)
        self.closes.append(failed)
