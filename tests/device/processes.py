"""Processes of the tests: forked from one that has imported everything, because importing is slow.

The processors of the guest are emulated; a fresh Python takes many seconds to import OpenCV.
"""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from typing import Any

START_S = 60.0
NOBODY = 65534
"""The user who may do nothing."""
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    ["tests.device.feeder", "tests.device.program", "tests.device.clients"]
)


@contextmanager
def started(work: Callable[..., Any], *arguments: Any) -> Iterator[ForkServerProcess]:
    """Start a process, and end it hard where it still runs afterwards."""
    process = FORKS.Process(target=work, args=arguments, daemon=True)
    process.start()
    try:
        yield process
    finally:
        if process.is_alive():
            process.kill()
        process.join(20)


@contextmanager
def ready(work: Callable[..., Any], *before: Any, **after: Any) -> Iterator[ForkServerProcess]:
    """Start a process whose work takes an event after its positional arguments; wait for it."""
    event = FORKS.Event()
    with started(_call, work, (*before, event), after) as process:
        for _ in range(round(START_S * 10)):
            if event.wait(0.1):
                break
            assert process.is_alive(), f"{work.__name__} ended with {process.exitcode}"
        assert event.is_set(), f"{work.__name__} did not get ready"
        yield process


def until(condition: Callable[[], bool], what: str, patience_s: float = START_S) -> None:
    """Wait for something; fails with `what` where it does not come."""
    deadline_s = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline_s, what
        time.sleep(0.1)


def _call(work: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
    # pytest may have been started with Ctrl-C ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    work(*arguments, **named)


def interrupt(process: ForkServerProcess, patience_s: float = 20.0) -> int | None:
    """Press Ctrl-C; returns the exit code."""
    assert process.pid is not None
    os.kill(process.pid, signal.SIGINT)
    process.join(patience_s)
    assert not process.is_alive(), "does not end after Ctrl-C"
    return process.exitcode
