"""Time that passes only where something waits for it."""

import heapq
import itertools
import math
import threading
from collections.abc import Callable


class FakeClock:
    """A clock for one thread: who waits gets there at once, and what was planned happens between.

    `at` plans an action, for example the arrival of a frame. A wait runs the actions that lie in
    it, each at its time, and ends early where one sets the event or notifies the condition.

    Args:
        now_s: the time at the beginning.
    """

    def __init__(self, now_s: float = 0.0) -> None:
        self._now_s = now_s
        self._planned: list[tuple[float, int, Callable[[], object]]] = []
        self._count = itertools.count()

    def now_s(self) -> float:
        return self._now_s

    def at(self, time_s: float, action: Callable[[], object]) -> None:
        """Plan an action for a time; for the next wait where that is over."""
        heapq.heappush(self._planned, (time_s, next(self._count), action))

    def sleep(self, duration_s: float) -> None:
        self._pass_until(self._now_s + duration_s, lambda: False)

    def wait_set(self, event: threading.Event, timeout_s: float) -> bool:
        self._pass_until(self._now_s + timeout_s, event.is_set)
        return event.is_set()

    def wait_notified(self, condition: threading.Condition, timeout_s: float | None) -> None:
        """Return after the next action, which may have notified: who waits here looks again."""
        assert timeout_s is not None or self._planned, "waits for ever, and nothing is planned"
        self._pass_one(math.inf if timeout_s is None else self._now_s + timeout_s)

    def _pass_until(self, end_s: float, over: Callable[[], bool]) -> None:
        while not over() and (self._now_s < end_s or self._is_due(end_s)):
            self._pass_one(end_s)

    def _pass_one(self, end_s: float) -> None:
        if self._is_due(end_s):
            time_s, _, action = heapq.heappop(self._planned)
            self._now_s = max(self._now_s, time_s)
            action()
        else:
            self._now_s = max(self._now_s, end_s)

    def _is_due(self, end_s: float) -> bool:
        return bool(self._planned) and self._planned[0][0] <= end_s
