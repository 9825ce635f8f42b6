"""What a run gets through while a viewer watches, who sees composites and placeholders only."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.device.clients import opencv, unbroken, watch_until
from tests.device.conftest import CAMERA, VIRTUAL
from tests.device.feeder import feed
from tests.device.processes import ready
from tests.device.program import run
from tests.device.scene import Image, is_composite, is_placeholder

GONE_S = 4.5
"""Longer than the camera may stall: the program lets go of it."""


class Watched(NamedTuple):
    """A run with a viewer."""

    camera_pid: int
    program_pid: int
    read: Callable[[], Image]


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    """One run for all tests that it has to survive."""
    with (
        ready(feed, CAMERA) as camera,
        ready(run, CAMERA, VIRTUAL) as program,
        opencv(VIRTUAL) as read,
    ):
        assert camera.pid is not None and program.pid is not None
        yield Watched(camera.pid, program.pid, read)


def test_a_stopped_camera_shows_the_placeholder_and_comes_back(watched: Watched) -> None:
    watch_until(is_composite, watched.read, "no composite")
    os.kill(watched.camera_pid, signal.SIGSTOP)
    try:
        watch_until(is_placeholder, watched.read, "no placeholder")
        until_s = time.monotonic() + GONE_S
        while time.monotonic() < until_s:
            assert is_placeholder(watched.read())
    finally:
        os.kill(watched.camera_pid, signal.SIGCONT)
    watch_until(is_composite, watched.read, "the camera did not come back")


def test_a_stopped_program_goes_on(watched: Watched) -> None:
    watch_until(is_composite, watched.read, "no composite")
    os.kill(watched.program_pid, signal.SIGSTOP)
    time.sleep(GONE_S)
    os.kill(watched.program_pid, signal.SIGCONT)
    watch_until(is_composite, watched.read, "the program did not go on")


def test_suspended_and_resumed_goes_on(watched: Watched) -> None:
    watch_until(is_composite, watched.read, "no composite")
    # The kernel's own rehearsal of a suspend: it stops all processes for five seconds.
    Path("/sys/power/pm_test").write_text("freezer")
    Path("/sys/power/state").write_text("freeze")
    watch_until(is_composite, watched.read, "the program did not go on")


def set_the_clock_a_day(seconds: int) -> None:
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)


@pytest.mark.parametrize("seconds", [86_400, -86_400])
def test_a_clock_that_is_set_by_a_day_is_not_noticed(watched: Watched, seconds: int) -> None:
    assert unbroken(is_composite, watched.read, 15, lambda: set_the_clock_a_day(seconds))
