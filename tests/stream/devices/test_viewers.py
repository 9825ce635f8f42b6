"""Viewers of a device, on ordinary files, which the kernel watches alike."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from u2cam.stream.devices import viewers as viewers_module
from u2cam.stream.devices.cameras import Holder
from u2cam.stream.devices.viewers import (
    InotifyViewers,
    PolledViewers,
    Viewers,
    follow,
    viewers_of,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


def no_holders(path: str) -> list[Holder]:
    return []


def until(condition: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.005)


@pytest.fixture
def device(tmp_path: Path) -> Path:
    path = tmp_path / "video10"
    path.touch()
    return path


def test_open_and_close_are_told_at_once(device: Path) -> None:
    watching = InotifyViewers(str(device), no_holders)
    try:
        assert not watching.wait(0)
        with device.open("rb"), device.open("rb"):
            assert watching.wait(5)
        assert not watching.wait(5)
    finally:
        watching.close()


def test_one_of_two_that_goes_leaves_one_who_watches(device: Path) -> None:
    watching = InotifyViewers(str(device), no_holders)
    try:
        with device.open("rb"):
            assert watching.wait(5)
            with device.open("rb"):
                assert watching.wait(5)
            assert watching.wait(5)
        assert not watching.wait(5)
    finally:
        watching.close()


def test_two_at_once_whom_the_kernel_tells_as_one_are_both_counted(device: Path) -> None:
    here: list[Holder] = []
    watching = InotifyViewers(str(device), lambda path: here)
    try:
        with device.open("rb"):
            with device.open("rb"):
                here += [Holder(1, "one"), Holder(2, "two")]
                assert watching.wait(5)
            here.pop()
            assert watching.wait(5)
            with device.open("rb"):
                here.append(Holder(3, "three"))
                assert watching.wait(5)
            here.clear()
        assert not watching.wait(5)
    finally:
        watching.close()


def test_who_was_there_before_counts_and_we_do_not(device: Path) -> None:
    import os

    ours = Holder(os.getpid(), "python")
    only_us = InotifyViewers(str(device), lambda path: [ours])
    with_other = InotifyViewers(str(device), lambda path: [ours, Holder(1, "call")])
    try:
        assert not only_us.wait(0)
        assert with_other.wait(0)
    finally:
        only_us.close()
        with_other.close()


def test_lost_events_lead_to_a_new_count(device: Path) -> None:
    here: list[Holder] = []
    watching = InotifyViewers(str(device), lambda path: here)
    try:
        here.append(Holder(1, "call"))
        watching._take(viewers_module._EVENT.pack(-1, viewers_module._IN_Q_OVERFLOW, 0, 0))
        assert watching.wait(0)
    finally:
        watching.close()


def test_a_device_that_was_made_anew_is_watched_again_once_we_have_it_open(device: Path) -> None:
    import os

    here: list[Holder] = []
    watching = InotifyViewers(str(device), lambda path: here)
    try:
        device.unlink()
        assert not watching.wait(0.2)
        device.touch()
        with device.open("rb"):
            assert not watching.wait(0.05), "our sink's own opening is not yet past"
        here.append(Holder(os.getpid(), "python"))
        assert not watching.wait(0.05)
        with device.open("rb"):
            assert watching.wait(5)
        assert not watching.wait(5)
    finally:
        watching.close()


def test_closing_twice_is_allowed_and_asking_afterwards_is_not(device: Path) -> None:
    watching = InotifyViewers(str(device), no_holders)
    watching.close()
    watching.close()
    with pytest.raises(ValueError, match="after close"):
        watching.wait(0)


def test_polling_stands_in_where_the_kernel_does_not_tell(
    device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise OSError("too many watches")

    monkeypatch.setattr(viewers_module, "InotifyViewers", refuse)
    chosen = viewers_of(str(device))
    assert isinstance(chosen, PolledViewers)
    chosen.close()


def test_a_missing_device_is_polled_rather_than_an_error(tmp_path: Path) -> None:
    chosen = viewers_of(str(tmp_path / "gone"))
    assert isinstance(chosen, PolledViewers) and not chosen.wait(0)
    chosen.close()


def test_polling_sees_who_comes_and_goes() -> None:
    here: list[Holder] = []
    polled = PolledViewers("/dev/video10", lambda path: here, poll_s=0.001)
    assert not polled.wait(0.01)
    here.append(Holder(1, "call"))
    assert polled.wait(5)
    here.clear()
    assert not polled.wait(5)


class PlannedViewers:
    """Come and go at the times that the test planned on its clock."""

    def __init__(self, clock: FakeClock, *changes_s: float) -> None:
        self.clock = clock
        self.watched = False
        self.closed = 0
        self._changed = threading.Event()
        for at_s in changes_s:
            clock.at(at_s, self._change)

    def _change(self) -> None:
        self.watched = not self.watched
        self._changed.set()

    def wait(self, timeout_s: float) -> bool:
        self.clock.wait_set(self._changed, timeout_s)
        self._changed.clear()
        return self.watched

    def close(self) -> None:
        self.closed += 1


def awake_at(clock: FakeClock, viewers: Viewers, *times_s: float) -> list[bool]:
    """Follow viewers with 0.3 s to settle and 5 s to linger; return the state at some times."""
    awake, stop = threading.Event(), threading.Event()
    seen: list[bool] = []
    for at_s in times_s:
        clock.at(at_s, lambda: seen.append(awake.is_set()))
    clock.at(times_s[-1], stop.set)
    follow(viewers, awake, stop, settle_s=0.3, linger_s=5.0, clock=clock)
    return seen


def test_awake_follows_the_viewers_and_ends_with_stop() -> None:
    clock = FakeClock()
    viewers = PlannedViewers(clock, 1.0, 10.0)
    seen = awake_at(clock, viewers, 0.9, 1.29, 1.31, 14.9, 15.1, 20.0)
    assert seen == [False, False, True, True, False, False]
    assert viewers.closed == 1
    assert clock.now_s() <= 20.5


def test_a_program_that_only_lists_cameras_wakes_nothing() -> None:
    clock = FakeClock()
    assert awake_at(clock, PlannedViewers(clock, 1.0, 1.2), 1.1, 1.4, 9.0) == [False] * 3


def test_who_comes_back_at_once_never_turns_the_camera_off() -> None:
    clock = FakeClock()
    viewers = PlannedViewers(clock, 1.0, 3.0, 7.9)
    assert awake_at(clock, viewers, 2.0, 7.8, 8.5, 60.0) == [True] * 4


class Following:
    """`follow` in a thread."""

    def __init__(self, viewers: Viewers, settle_s: float, linger_s: float) -> None:
        self.awake, self.stop = threading.Event(), threading.Event()
        self.thread = threading.Thread(
            target=follow,
            args=(viewers, self.awake, self.stop),
            kwargs={"settle_s": settle_s, "linger_s": linger_s},
            name="viewers",
        )
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


def test_a_real_file_wakes_and_rests(device: Path) -> None:
    following = Following(InotifyViewers(str(device), no_holders), 0.02, 0.02)
    try:
        with device.open("rb"):
            until(following.awake.is_set)
        until(lambda: not following.awake.is_set())
    finally:
        following.end()
