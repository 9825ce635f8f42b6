"""Time as it is handed to everything that paces, holds, retries or keeps a budget.

Tests hand in a clock of their own, in which time passes only where something waits for it.
"""

import threading
import time
from typing import Protocol


class Clock(Protocol):
    """Monotonic time and the ways to wait for it. Used by several threads at once."""

    def now_s(self) -> float:
        """Monotonic seconds, comparable with `Frame.captured_at_s`."""

    def sleep(self, duration_s: float) -> None:
        """Wait for so many seconds; not at all where that is not positive."""

    def wait_set(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait until an event is set, at most so long; return whether it is set."""

    def wait_notified(self, condition: threading.Condition, timeout_s: float | None) -> None:
        """Wait until a held condition is notified, at most so long; None waits for ever."""


class SystemClock:
    """The computer's own monotonic clock."""

    def now_s(self) -> float:
        """`time.monotonic()`."""
        return time.monotonic()

    def sleep(self, duration_s: float) -> None:
        """Wait for so many seconds; not at all where that is not positive."""
        if duration_s > 0:
            time.sleep(duration_s)

    def wait_set(self, event: threading.Event, timeout_s: float) -> bool:
        """Wait until an event is set, at most so long; return whether it is set."""
        return event.wait(timeout_s)

    def wait_notified(self, condition: threading.Condition, timeout_s: float | None) -> None:
        """Wait until a held condition is notified, at most so long; None waits for ever."""
        condition.wait(timeout_s)


SYSTEM_CLOCK = SystemClock()
"""For whoever is handed no other."""
