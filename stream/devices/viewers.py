"""The viewers of the virtual camera: camera and network rest while there are none. Linux only.

The kernel tells of every open and close of the device file (inotify), also of programs whose open
files we may not look at; where it does not, the process list is polled. `follow` runs in a thread
of its own, `viewers`; opening and closing the camera is the capture stage's work.
"""

import contextlib
import ctypes
import logging
import os
import select
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from u2cam.core.clock import SYSTEM_CLOCK, Clock
from u2cam.stream.devices.cameras import Holder, holders

POLL_S = 1.0
"""Where the kernel does not tell: how often the process list is looked through."""
SETTLE_S = 0.3
"""Programs that only list cameras open each for a moment; that wakes nothing."""
LINGER_S = 5.0
"""A page that is loaded again, or a call that switches cameras, is back by then."""

# sys/inotify.h
_IN_OPEN = 0x20
_IN_CLOSE = 0x08 | 0x10
_IN_Q_OVERFLOW = 0x4000
_IN_IGNORED = 0x8000
_EVENT = struct.Struct("iIII")

log = logging.getLogger(__name__)


class Viewers(Protocol):
    """Knows whether another program than this one has the virtual camera open."""

    def wait(self, timeout_s: float) -> bool:
        """Wait for a change, at most so long; return whether there is a viewer now."""

    def close(self) -> None:
        """Stop looking. Idempotent."""


@dataclass(frozen=True, slots=True)
class OnDemand:
    """What a run needs to rest while there is no viewer.

    Camera and network rest while `awake` is not set; the virtual camera then gets a placeholder
    every `REST_PERIOD_S`.
    """

    rest: Callable[[], None]
    """Releases the camera; the source's `reopen` gets it back."""
    watch: Callable[[], Viewers]
    """Called once the sinks are open."""
    awake: threading.Event = field(default_factory=threading.Event)


REST_PERIOD_S = 1.0


def viewers_of(path: str) -> Viewers:
    """Return what this system offers to know the viewers of a device that we have open."""
    try:
        return InotifyViewers(path)
    except OSError as error:
        log.info("%s: polled for viewers, as the kernel does not tell of them (%s)", path, error)
        return PolledViewers(path)


class InotifyViewers:
    """Counts opens and closes from now on, on top of who was there before.

    Our own short looks at the device (`list_devices`) cancel out; our sink's has to be open before
    and closed after the life of this object. The kernel tells two like events in a row as one, so
    the count is held against the programs that can be seen: it is never below their number.

    Raises:
        OSError: the kernel has no inotify for this file.
    """

    def __init__(self, path: str, holders_of: Callable[[str], list[Holder]] = holders) -> None:
        self._path = path
        self._holders_of = holders_of
        self._libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(self._libc, "inotify_init1"):
            raise OSError("no inotify on this system")
        self._fd = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._fd < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        try:
            self._watch()
        except OSError:
            os.close(self._fd)
            raise
        self._count = self._seen = self._others()

    def wait(self, timeout_s: float) -> bool:
        """Wait for an open or close, at most so long; return whether there is a viewer now."""
        if self._fd < 0:
            raise ValueError("viewers: asked after close")
        if self._device_is_gone:
            self._watch_again()
        readable, _, _ = select.select([self._fd], [], [], timeout_s)
        if readable:
            self._take(os.read(self._fd, 64 * 1024))
        return self._count > 0

    def close(self) -> None:
        """Stop looking."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _watch(self) -> None:
        events = _IN_OPEN | _IN_CLOSE
        if self._libc.inotify_add_watch(self._fd, os.fsencode(self._path), events) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), self._path)
        self._device_is_gone = False

    def _watch_again(self) -> None:
        """Watch a device that was made anew, once our sink, which is no viewer, has it open."""
        if any(holder.pid == os.getpid() for holder in self._holders_of(self._path)):
            with contextlib.suppress(OSError):  # gone again: the next call looks again
                self._watch()
                self._count = self._seen = self._others()

    def _take(self, data: bytes) -> None:
        opens = closes = 0
        for mask in _masks(data):
            self._device_is_gone |= bool(mask & _IN_IGNORED)
            if mask & (_IN_Q_OVERFLOW | _IN_IGNORED):
                # Events were lost, or the device was made anew: only who can be seen is known.
                self._count = self._seen = opens = closes = 0
            opens += bool(mask & _IN_OPEN)
            closes += bool(mask & _IN_CLOSE)
        seen = self._others()
        if not opens and self._count <= self._seen:
            # All who were there could be seen, and none came.
            self._count = seen
        else:
            self._count = max(self._count + opens - closes, seen)
        self._seen = seen

    def _others(self) -> int:
        return sum(holder.pid != os.getpid() for holder in self._holders_of(self._path))


def _masks(data: bytes) -> Iterator[int]:
    """Return the mask of each `struct inotify_event`."""
    offset = 0
    while offset + _EVENT.size <= len(data):
        _watch, mask, _cookie, name_length = _EVENT.unpack_from(data, offset)
        offset += _EVENT.size + name_length
        yield mask


class PolledViewers:
    """Looks through the process list; sees only programs of the same user."""

    def __init__(
        self,
        path: str,
        holders_of: Callable[[str], list[Holder]] = holders,
        poll_s: float = POLL_S,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._path = path
        self._holders_of = holders_of
        self._poll_s = poll_s
        self._clock = clock
        self._closed = threading.Event()
        self._watched = self._is_watched()

    def wait(self, timeout_s: float) -> bool:
        """Ask every `poll_s` seconds until something changes, at most so long."""
        deadline_s = self._clock.now_s() + timeout_s
        before = self._watched
        while not self._closed.is_set():
            self._watched = self._is_watched()
            left_s = deadline_s - self._clock.now_s()
            if self._watched != before or left_s <= 0:
                break
            self._clock.wait_set(self._closed, min(self._poll_s, left_s))
        return self._watched

    def close(self) -> None:
        """Stop looking, also in a `wait` of another thread."""
        self._closed.set()

    def _is_watched(self) -> bool:
        return any(holder.pid != os.getpid() for holder in self._holders_of(self._path))


def follow(
    viewers: Viewers,
    awake: threading.Event,
    stop: threading.Event,
    *,
    settle_s: float = SETTLE_S,
    linger_s: float = LINGER_S,
    clock: Clock = SYSTEM_CLOCK,
) -> None:
    """Set `awake` while there are viewers, until `stop`.

    Args:
        viewers: closed at the end.
        awake: set once there have been viewers for `settle_s`; cleared after `linger_s` without.
        stop: ends this within half a second.
        settle_s: patience with programs that only list cameras.
        linger_s: patience with those that come back at once.
        clock: for both.
    """
    try:
        watched, since_s = viewers.wait(0), clock.now_s()
        while not stop.is_set():
            patience_s = settle_s if watched else linger_s
            settled = watched == awake.is_set()
            left_s = since_s + patience_s - clock.now_s()
            if not settled and left_s <= 0:
                if watched:
                    awake.set()
                else:
                    awake.clear()
                log.info("a viewer is there" if watched else "no viewer; camera off")
                continue
            now = viewers.wait(0.5 if settled else min(0.5, left_s))
            if now != watched:
                watched, since_s = now, clock.now_s()
    finally:
        viewers.close()
