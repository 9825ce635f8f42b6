"""Signals that act on a run: SIGHUP reloads, SIGUSR1 next background, SIGUSR2 privacy screen.

A handler only notes its signal; `tick`, which the main thread calls again and again during a run,
acts on it, so that no handler interrupts another and no frame waits for either. Windows has none of
these signals.
"""

import logging
import signal
import threading
from collections import deque
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

log = logging.getLogger(__name__)


class Screened(Protocol):
    """What is needed of a pipeline."""

    @property
    def screen(self) -> threading.Event:
        """While set, the viewer sees the placeholder."""


class Signals:
    """Entered for the length of a run, in the main thread.

    Args:
        pipeline: its privacy screen.
        next_background: takes the next background; returns its `-b` value.
        reload: reads settings and background again; what it raises is logged, the run goes on.
    """

    def __init__(
        self,
        pipeline: Screened,
        next_background: Callable[[], str],
        reload: Callable[[], None],
    ) -> None:
        self._pipeline = pipeline
        self._take_next = next_background
        self._reload = reload
        self._came: deque[int] = deque()
        self._before: dict[int, Any] = {}
        self._actions: dict[int, Callable[[], None]] = {}
        wanted = {"SIGHUP": reload, "SIGUSR1": self._next_background, "SIGUSR2": self._screen}
        for name, action in wanted.items():
            number = getattr(signal, name, None)
            if number is not None:
                self._actions[int(number)] = action

    def __enter__(self) -> Self:
        """Take the signals over."""
        for number in self._actions:
            self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give the signals back."""
        while self._before:
            number, before = self._before.popitem()
            # None: the handler was not set from Python and cannot be.
            signal.signal(number, signal.SIG_DFL if before is None else before)

    def tick(self) -> None:
        """Act on the signals that came since the last call."""
        while self._came:
            number = self._came.popleft()
            try:
                self._actions[number]()
            except (ValueError, OSError) as error:
                said = " ".join(str(error).split())
                log.error("%s: %s; the run goes on as it was", signal.Signals(number).name, said)

    def _note(self, number: int, stack: FrameType | None) -> None:
        self._came.append(number)

    def _next_background(self) -> None:
        log.info("background: %s", self._take_next())

    def _screen(self) -> None:
        screen = self._pipeline.screen
        if screen.is_set():
            screen.clear()
        else:
            screen.set()
        log.info("privacy screen %s", "on" if screen.is_set() else "off")
