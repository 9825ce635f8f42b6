"""Signals that act on a run: SIGHUP reloads, SIGUSR1 next background, SIGUSR2 privacy screen.

With a terminal, SIGHUP says that it was closed: the run then ends as after Ctrl-C and releases the
camera. Without one, or under nohup, it asks for the settings to be read again, as of any service.

A handler only notes its signal; `tick`, which the main thread calls again and again during a run,
acts on it, so that no handler interrupts another and no frame waits for either. Windows has none of
these signals.
"""

import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

from u2cam.hotkeys import try_change

log = logging.getLogger(__name__)


class Run(Protocol):
    """What is needed of a pipeline."""

    @property
    def screen(self) -> threading.Event:
        """While set, the viewer sees the placeholder."""

    def stop(self) -> None:
        """End soon, keeping what was written."""


class Signals:
    """Entered for the length of a run, in the main thread.

    Args:
        pipeline: the run.
        next_background: takes the next background; returns its `-b` value.
        reload: reads settings and background again; what it raises is logged, the run goes on.
    """

    def __init__(
        self, pipeline: Run, next_background: Callable[[], str], reload: Callable[[], None]
    ) -> None:
        self.hung_up = False
        """True once the terminal was closed, which ends the run."""
        self._pipeline = pipeline
        self._take_next = next_background
        self._came: deque[int] = deque()
        self._before: dict[int, Any] = {}
        self._actions: dict[int, Callable[[], None]] = {}
        hang_up = self._hang_up if _ends_at_hang_up() else reload
        wanted = {"SIGHUP": hang_up, "SIGUSR1": self._next_background, "SIGUSR2": self._screen}
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
            try_change(signal.Signals(number).name, self._actions[number])

    def _note(self, number: int, stack: FrameType | None) -> None:
        self._came.append(number)

    def _hang_up(self) -> None:
        # Not as a Ctrl-C: shell and kernel may both send this signal, and a second Ctrl-C is rude.
        self.hung_up = True
        self._pipeline.stop()

    def _next_background(self) -> None:
        log.info("background: %s", self._take_next())

    def _screen(self) -> None:
        screen = self._pipeline.screen
        if screen.is_set():
            screen.clear()
        else:
            screen.set()
        log.info("privacy screen %s", "on" if screen.is_set() else "off")


def has_terminal() -> bool:
    """Tell whether this process has a terminal that could be closed. False on Windows."""
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except (OSError, AttributeError):
        return False
    os.close(terminal)
    return True


def _ends_at_hang_up() -> bool:
    """Tell whether SIGHUP means that the terminal was closed. nohup has it ignored, to go on."""
    number = getattr(signal, "SIGHUP", None)
    return number is not None and has_terminal() and signal.getsignal(number) != signal.SIG_IGN
