"""A thread of a run whose end can be waited for, also while Ctrl-C is pressed."""

import threading
from collections.abc import Callable


class StageThread:
    """A daemon thread, because a blocked device read must not keep the program from ending.

    Its end is an event, since `Thread.join` cannot bear a KeyboardInterrupt (seen in CPython 3.11):
    from then on it takes a thread for ended that still runs.

    Args:
        name: of the stage.
        body: what it does; must not raise.
    """

    def __init__(self, name: str, body: Callable[[], None]) -> None:
        self.name = name
        self._body = body
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start it.

        Raises:
            RuntimeError: this computer gives no more threads.
        """
        self._thread.start()

    @property
    def alive(self) -> bool:
        """True from its start to its end."""
        return self._thread.ident is not None and not self._over.is_set()

    def wait(self, timeout_s: float) -> None:
        """Wait for its end, at most so long."""
        if self._over.wait(timeout_s):
            self._thread.join()  # what is left of it are microseconds

    def _run(self) -> None:
        try:
            self._body()
        finally:
            self._over.set()
