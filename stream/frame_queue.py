"""The queue between two stages: bounded, closable from any thread, and it counts what it drops."""

import threading
from collections import Counter, deque
from typing import Generic, Literal, TypeAlias, TypeVar

from u2cam.core.clock import SYSTEM_CLOCK, Clock

Item = TypeVar("Item")
WhenFull: TypeAlias = Literal["drop_oldest", "wait"]


class QueueClosed(Exception):
    """The queue was closed or has ended: nothing more goes in, or comes out."""


class FrameQueue(Generic[Item]):
    """A bounded first-in-first-out queue, named for what it holds.

    Two ways to finish: `end()` lets the consumer drain what is there, `close()` throws it away and
    wakes everybody now.

    Args:
        name: of the contents, for statistics: `captured`, `matted`.
        depth: how many items may wait, at least 1.
        when_full: `drop_oldest` (live: the newest counts) or `wait` (offline: each counts).
        clock: for the waiting of `get`.
    """

    def __init__(
        self, name: str, depth: int, when_full: WhenFull, clock: Clock = SYSTEM_CLOCK
    ) -> None:
        if depth < 1:
            raise ValueError(f"queue {name}: depth must be at least 1, got {depth}")
        self.name = name
        self.dropped: Counter[str] = Counter()
        """Items lost, by reason: `full`, `closed`, and what callers of `count_drop` named."""
        self._depth = depth
        self._when_full = when_full
        self._clock = clock
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._closed = False

    def put(self, item: Item) -> bool:
        """Add an item; drops the oldest or waits where the queue is full.

        Returns:
            True where an item was dropped for this one.

        Raises:
            QueueClosed: it will never be taken.
        """
        with self._changed:
            if self._when_full == "wait":
                self._changed.wait_for(self._has_room_or_is_over)
            if self._closed or self._ended:
                self.dropped["closed"] += 1
                raise QueueClosed(self.name)
            full = len(self._items) >= self._depth
            if full:
                self._items.popleft()
                self.dropped["full"] += 1
            self._items.append(item)
            self._changed.notify_all()
            return full

    def _has_room_or_is_over(self) -> bool:
        return self._closed or self._ended or len(self._items) < self._depth

    def get(self, timeout_s: float | None = None) -> Item:
        """Take the oldest item, waiting for one.

        Raises:
            QueueClosed: closed, or ended and drained.
            TimeoutError: nothing came within `timeout_s` seconds.
        """
        deadline_s = None if timeout_s is None else self._clock.now_s() + timeout_s
        with self._changed:
            while True:
                if self._items and not self._closed:
                    item = self._items.popleft()
                    self._changed.notify_all()
                    return item
                if self._closed or self._ended:
                    raise QueueClosed(self.name)
                left_s = None if deadline_s is None else deadline_s - self._clock.now_s()
                if left_s is not None and left_s <= 0:
                    raise TimeoutError(f"queue {self.name}: nothing within {timeout_s} s")
                self._clock.wait_notified(self._changed, left_s)

    def count_drop(self, reason: str) -> None:
        """Count an item that was lost on its way out of this queue."""
        with self._changed:
            self.dropped[reason] += 1

    def end(self) -> None:
        """Take no more items; the consumer still gets those that wait."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Throw away what waits and wake every thread that waits here."""
        with self._changed:
            if not self._closed:
                self._closed = True
                self.dropped["closed"] += len(self._items)
                self._items.clear()
            self._changed.notify_all()

    def __len__(self) -> int:
        """Items that wait now."""
        with self._changed:
            return len(self._items)
