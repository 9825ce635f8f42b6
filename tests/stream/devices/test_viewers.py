"""Watchers of a device, on ordinary files, which the kernel watches alike."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from u2cam.stream.devices import viewers as watchers
from u2cam.stream.devices.cameras import Holder
from u2cam.stream.devices.viewers import (
    InotifyWatchers,
    PolledWatchers,
    Watchers,
    follow,
    watchers_of,
)

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux only")


def nobody(path: str) -> list[Holder]:
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
    watching = InotifyWatchers(str(device), nobody)
    try:
        assert not watching.wait(0)
        with device.open("rb"), device.open("rb"):
            assert watching.wait(5)
        assert not watching.wait(5)
    finally:
        watching.close()


def test_one_of_two_that_goes_leaves_one_who_watches(device: Path) -> None:
    watching = InotifyWatchers(str(device), nobody)
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
    watching = InotifyWatchers(str(device), lambda path: here)
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
    only_us = InotifyWatchers(str(device), lambda path: [ours])
    with_other = InotifyWatchers(str(device), lambda path: [ours, Holder(1, "call")])
    try:
        assert not only_us.wait(0)
        assert with_other.wait(0)
    finally:
        only_us.close()
        with_other.close()


def test_lost_events_lead_to_a_new_count(device: Path) -> None:
    here: list[Holder] = []
    watching = InotifyWatchers(str(device), lambda path: here)
    try:
        here.append(Holder(1, "call"))
        watching._take(watchers._EVENT.pack(-1, watchers._IN_Q_OVERFLOW, 0, 0))
        assert watching.wait(0)
    finally:
        watching.close()


def test_a_device_that_was_made_anew_is_watched_again_once_we_have_it_open(device: Path) -> None:
    import os

    here: list[Holder] = []
    watching = InotifyWatchers(str(device), lambda path: here)
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
    watching = InotifyWatchers(str(device), nobody)
    watching.close()
    watching.close()
    with pytest.raises(ValueError, match="after close"):
        watching.wait(0)


def test_polling_stands_in_where_the_kernel_does_not_tell(
    device: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise OSError("too many watches")

    monkeypatch.setattr(watchers, "InotifyWatchers", refuse)
    chosen = watchers_of(str(device))
    assert isinstance(chosen, PolledWatchers)
    chosen.close()


def test_a_missing_device_is_polled_rather_than_an_error(tmp_path: Path) -> None:
    chosen = watchers_of(str(tmp_path / "gone"))
    assert isinstance(chosen, PolledWatchers) and not chosen.wait(0)
    chosen.close()


def test_polling_sees_who_comes_and_goes() -> None:
    here: list[Holder] = []
    polled = PolledWatchers("/dev/video10", lambda path: here, poll_s=0.001)
    assert not polled.wait(0.01)
    here.append(Holder(1, "call"))
    assert polled.wait(5)
    here.clear()
    assert not polled.wait(5)


class ScriptedWatchers:
    """Says what the test says."""

    def __init__(self) -> None:
        self.watched = False
        self.closed = 0

    def wait(self, timeout_s: float) -> bool:
        time.sleep(min(timeout_s, 0.002))
        return self.watched

    def close(self) -> None:
        self.closed += 1


class Following:
    """`follow` in a thread."""

    def __init__(self, watching: Watchers, settle_s: float, linger_s: float) -> None:
        self.awake, self.stop = threading.Event(), threading.Event()
        self.thread = threading.Thread(
            target=follow,
            args=(watching, self.awake, self.stop),
            kwargs={"settle_s": settle_s, "linger_s": linger_s},
            name="watchers",
        )
        self.thread.start()

    def end(self) -> None:
        self.stop.set()
        self.thread.join(5)
        assert not self.thread.is_alive()


def test_awake_follows_the_watchers_and_ends_with_stop() -> None:
    watching = ScriptedWatchers()
    following = Following(watching, 0.01, 0.01)
    try:
        assert not following.awake.is_set()
        watching.watched = True
        until(following.awake.is_set)
        watching.watched = False
        until(lambda: not following.awake.is_set())
    finally:
        following.end()
    assert watching.closed == 1


def test_a_short_look_wakes_nobody() -> None:
    watching = ScriptedWatchers()
    following = Following(watching, 30, 0)
    try:
        watching.watched = True
        time.sleep(0.05)
        watching.watched = False
        time.sleep(0.05)
        assert not following.awake.is_set()
    finally:
        following.end()


def test_who_comes_back_at_once_never_turns_the_camera_off() -> None:
    watching = ScriptedWatchers()
    watching.watched = True
    following = Following(watching, 0, 30)
    try:
        until(following.awake.is_set)
        watching.watched = False
        time.sleep(0.05)
        watching.watched = True
        time.sleep(0.05)
        assert following.awake.is_set()
    finally:
        following.end()


def test_a_real_file_wakes_and_rests(device: Path) -> None:
    following = Following(InotifyWatchers(str(device), nobody), 0.02, 0.02)
    try:
        with device.open("rb"):
            until(following.awake.is_set)
        until(lambda: not following.awake.is_set())
    finally:
        following.end()
