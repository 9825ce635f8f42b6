"""The window against a stand-in for OpenCV's HighGUI."""

import sys
import threading
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes import FakeGui, numbered_image
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.sinks import window as sink_window
from u2cam.stream.sinks.base import PictureFormat, QuitRequested
from u2cam.stream.sinks.window import Action, WindowSink

TIME_BASE = Fraction(1, 90_000)
FORMAT = PictureFormat((64, 36), Fraction(30), TIME_BASE)
NO_KEY = -1


def picture(number: int = 0) -> Picture:
    return Picture(numbered_image(number), number, TIME_BASE, 0.0)


def opened(gui: FakeGui) -> tuple[WindowSink, list[Action]]:
    actions: list[Action] = []
    sink = WindowSink(actions.append, gui=gui)
    sink.open(FORMAT)
    return sink, actions


def test_shows_the_picture_in_the_order_that_opencv_wants() -> None:
    gui = FakeGui()
    sink, _actions = opened(gui)
    sink.write(picture(9))
    assert np.array_equal(gui.shown[0], numbered_image(9)[..., ::-1])
    sink.close(failed=False)
    assert gui.windows == set()


@pytest.mark.parametrize(
    ("key", "action"),
    [("b", "next_background"), ("v", "cycle_view"), (" ", "pause"), ("B", "next_background")],
)
def test_a_hot_key_is_told_to_the_program(key: str, action: Action) -> None:
    sink, actions = opened(FakeGui([NO_KEY, ord(key) | 0x100000, NO_KEY, ord("x")]))
    for number in range(4):
        sink.write(picture(number))
    sink.close(failed=False)
    assert actions == [action]


@pytest.mark.parametrize("key", [ord("q"), ord("Q"), 27])
def test_quit_keys_ask_to_quit(key: int) -> None:
    sink, actions = opened(FakeGui([key]))
    with pytest.raises(QuitRequested):
        sink.write(picture())
    sink.close(failed=False)
    assert actions == []


def test_closing_the_window_asks_to_quit() -> None:
    gui = FakeGui(closed_after=1)
    sink, _actions = opened(gui)
    sink.write(picture(0))
    with pytest.raises(QuitRequested):
        sink.write(picture(1))
    gui.windows.clear()
    sink.close(failed=False)


def test_a_display_that_goes_away_is_a_sink_error() -> None:
    gui = FakeGui()
    sink, _actions = opened(gui)

    def broken(_name: str, _image: object) -> None:
        raise cv2.error("the display\nis gone")

    gui.imshow = broken  # type: ignore[method-assign]
    with pytest.raises(SinkError, match="window: lost: the display is gone"):
        sink.write(picture())
    sink.close(failed=True)


def no_window_reason(monkeypatch: pytest.MonkeyPatch) -> str:
    with pytest.raises(SinkError) as caught:
        WindowSink(lambda _action: None).open(FORMAT)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_display_is_said_before_opencv_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert "no display" in no_window_reason(monkeypatch)


@pytest.mark.skipif(sys.platform != "linux", reason="X11")
def test_a_display_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "127.0.0.1:99")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    reason = no_window_reason(monkeypatch)
    assert "127.0.0.1:99 does not open" in reason or "without windows" in reason


@pytest.mark.skipif(sys.platform != "linux", reason="X11")
def test_the_trial_of_a_window_runs_nothing_from_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DISPLAY", "127.0.0.1:99")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cv2.py").write_text("open('ran', 'w')")
    no_window_reason(monkeypatch)
    assert not (tmp_path / "ran").exists()


def test_on_macos_a_window_outside_the_main_thread_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    reasons: list[str | None] = []
    thread = threading.Thread(
        target=lambda: reasons.append(sink_window._why_no_window()), name="sink:window"
    )
    thread.start()
    thread.join(timeout=5)
    assert reasons == ["macOS allows windows in the main thread only"]
