"""The camera source against a scripted `cv2.VideoCapture`."""

import logging
import os
import threading
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest

import u2cam.stream.sources.camera
from tests.fakes import FakeCapture, numbered_image
from u2cam.core.errors import SourceError, SourceLost
from u2cam.stream.devices.cameras import Camera
from u2cam.stream.settings import CaptureSettings
from u2cam.stream.sources.camera import CameraSource

linux_only = pytest.mark.skipif(os.name != "posix", reason="V4L2 paths")


class Opener:
    """Gives one fake after another, and remembers what was asked for."""

    def __init__(self, *captures: FakeCapture) -> None:
        self.captures = list(captures)
        self.devices: list[int | str] = []

    def __call__(self, device: int | str, _backend: int) -> FakeCapture:
        self.devices.append(device)
        return self.captures.pop(0)


def source_of(*captures: FakeCapture, **settings: object) -> CameraSource:
    return CameraSource(0, CaptureSettings(**settings), Opener(*captures))


def wait_until(true: Callable[[], bool], timeout_s: float = 5.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline_s, "waited in vain"
        time.sleep(0.002)


def test_asks_for_720p_at_30_and_mjpg_before_the_size() -> None:
    capture = FakeCapture()
    with source_of(capture):
        pass
    asked = [prop for prop, _value in capture.asked]
    values = dict(capture.asked)
    assert values[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert values[cv2.CAP_PROP_FRAME_HEIGHT] == 720
    assert values[cv2.CAP_PROP_FPS] == 30
    assert values[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")
    assert asked.index(cv2.CAP_PROP_FOURCC) < asked.index(cv2.CAP_PROP_FRAME_WIDTH)


def test_does_not_ask_for_mjpg_at_vga() -> None:
    capture = FakeCapture()
    with source_of(capture, width=640, height=480):
        pass
    assert cv2.CAP_PROP_FOURCC not in dict(capture.asked)


def test_asks_for_the_pixel_format_that_is_set() -> None:
    capture = FakeCapture()
    with source_of(capture, width=640, height=480, fourcc="YUYV"):
        pass
    assert dict(capture.asked)[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"YUYV")


def test_one_side_alone_asks_for_16_to_9() -> None:
    capture = FakeCapture()
    with source_of(capture, height=1080):
        pass
    assert dict(capture.asked)[cv2.CAP_PROP_FRAME_WIDTH] == 1920


def test_size_is_that_of_the_pictures_and_not_what_the_driver_says() -> None:
    capture = FakeCapture(image=lambda n: numbered_image(n, (48, 32)))
    with source_of(capture) as source:
        assert source.info.size_wh == (48, 32)
        assert source.read().size_wh == (48, 32)


def test_says_once_what_it_got_and_which_settings_to_change(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with source_of(FakeCapture(offered_wh=(640, 360), fps=15.0), width=1920, height=1080) as source:
        source.read()
    lines = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(lines) == 1
    assert "camera 0: asked 1920x1080 30 fps, got 640x360 15 fps" in lines[0]
    assert "capture.width, capture.height, capture.fps" in lines[0]


def test_says_nothing_when_it_got_what_it_asked(caplog: pytest.LogCaptureFixture) -> None:
    capture = FakeCapture(sizes=[(64, 48)])
    with source_of(capture, width=64, height=48) as source:
        assert source.info.size_wh == (64, 48)
    assert not [r for r in caplog.records if r.levelno >= logging.WARNING]


def test_a_rate_that_the_driver_does_not_know_is_the_asked_one() -> None:
    with source_of(FakeCapture(fps=0.0), fps=25) as source:
        assert source.info.rate == 25


def test_pixels_come_in_rgb() -> None:
    with source_of(FakeCapture()) as source:
        image = source.read().image
    assert np.array_equal(image[..., 1:], numbered_image(0)[..., 1:])


def test_gray_cameras_give_rgb() -> None:
    capture = FakeCapture(image=lambda _n: np.full((36, 64), 90, np.uint8))
    with source_of(capture) as source:
        assert (source.read().image == 90).all()


def test_pts_follow_the_time_of_capture() -> None:
    with source_of(FakeCapture(frame_s=0.02)) as source:
        first, second = source.read(), source.read()
    elapsed_s = second.captured_at_s - first.captured_at_s
    assert first.pts == 0
    assert second.time_s - first.time_s == pytest.approx(elapsed_s, abs=0.02)


def test_a_slow_reader_gets_the_newest_picture_and_the_others_are_counted() -> None:
    capture = FakeCapture(frame_s=0.002)
    with source_of(capture) as source:
        first = source.read().image[0, 0, 0]
        wait_until(lambda: capture.reads > int(first) + 12)
        second = source.read().image[0, 0, 0]
        assert int(second) >= int(first) + 10
        assert source.dropped >= 8


def test_pictures_missed_while_the_program_gets_ready_are_not_counted() -> None:
    capture = FakeCapture(frame_s=0.001)
    with source_of(capture) as source:
        wait_until(lambda: capture.reads > 20)
        assert source.dropped == 0


@pytest.mark.parametrize("how", ["fail", "empty", "raise"])
def test_a_camera_that_stops_is_lost_after_its_last_picture_and_released(how: str) -> None:
    capture = FakeCapture(["frame", how])
    with source_of(capture) as source:
        wait_until(lambda: capture.released == 1)
        source.read()
        with pytest.raises(SourceLost) as caught:
            source.read()
        assert "camera 0 is gone" in str(caught.value)
        assert "\n" not in str(caught.value)
        with pytest.raises(SourceLost):
            source.read()


def test_a_stalled_camera_is_lost_after_stall_s() -> None:
    capture = FakeCapture(["frame", "stall"])
    with source_of(capture, stall_s=0.05) as source:
        source.read()
        with pytest.raises(SourceLost, match=r"no picture for 0\.05 s"):
            source.read()
        capture.go_on.set()
        wait_until(lambda: capture.released == 1)


def test_a_mistake_of_ours_in_the_reader_thread_is_raised_as_it_is() -> None:
    def broken(number: int) -> np.ndarray:
        if number:
            raise AttributeError("a bug")
        return numbered_image(0)

    with (
        source_of(FakeCapture(image=broken)) as source,
        pytest.raises(AttributeError, match="a bug"),
    ):
        for _ in range(3):
            source.read()


def test_comes_back_where_it_was_and_counts_on() -> None:
    opener = Opener(FakeCapture(["frame", "fail"]), FakeCapture(opens=False), FakeCapture())
    source = CameraSource(0, CaptureSettings(), opener)
    with source:
        first = source.read()
        with pytest.raises(SourceLost):
            source.read()
        assert source.reopen() is False
        assert source.reopen() is True
        second = source.read()
    assert second.index == first.index + 1
    assert second.pts > first.pts


@pytest.mark.parametrize("back_wh", [(128, 72), (32, 32), (200, 36), (16, 9)])
def test_a_camera_that_comes_back_with_another_size_is_fitted(
    back_wh: tuple[int, int], caplog: pytest.LogCaptureFixture
) -> None:
    again = FakeCapture(offered_wh=back_wh, image=lambda _n: np.full((*back_wh[::-1], 3), 77, "u1"))
    with source_of(FakeCapture(["frame", "fail"]), again) as source:
        source.read()
        with pytest.raises(SourceLost):
            source.read()
        assert source.reopen()
        image = source.read().image
    assert image.shape == (36, 64, 3)
    assert (image == 77).all(), "filled, without bars"
    assert f"came back with {back_wh[0]}x{back_wh[1]}" in caplog.text


def test_fitting_keeps_the_middle_and_the_proportions() -> None:
    # A disc stays round and in the middle when 4:3 becomes 16:9.
    disc = np.zeros((240, 320, 3), np.uint8)
    cv2.circle(disc, (160, 120), 40, (255, 255, 255), -1)
    fitted = u2cam.stream.sources.camera._fit(disc, (640, 360))
    ys, xs = np.nonzero(fitted[..., 0] > 127)
    assert abs((xs.max() - xs.min()) - (ys.max() - ys.min())) <= 2
    assert abs((xs.max() + xs.min()) / 2 - 319.5) <= 2
    assert abs((ys.max() + ys.min()) / 2 - 179.5) <= 2


@linux_only
def test_comes_back_under_another_index_by_name_and_place(monkeypatch: pytest.MonkeyPatch) -> None:
    here = Camera(0, "Cam A", "/dev/video0", bus="usb-1")
    other = Camera(0, "Cam B", "/dev/video0", bus="usb-2")
    moved = Camera(3, "Cam A", "/dev/video3", bus="usb-1")
    cameras = [here]
    monkeypatch.setattr(u2cam.stream.sources.camera, "list_cameras", lambda: cameras)
    opener = Opener(FakeCapture(["frame", "fail"]), FakeCapture())
    with CameraSource(0, CaptureSettings(), opener) as source:
        assert source.info.name == "camera 0 (Cam A)"
        source.read()
        with pytest.raises(SourceLost):
            source.read()
        cameras[:] = []
        assert source.reopen() is False
        cameras[:] = [other]
        assert source.reopen() is False, "another camera is never opened in its place"
        cameras[:] = [other, moved]
        assert source.reopen() is True
        source.read()
    assert opener.devices == ["/dev/video0", "/dev/video3"]


def test_close_wakes_a_read_that_waits_for_a_stalled_camera() -> None:
    capture = FakeCapture(["frame", "stall"])
    outcome: list[BaseException] = []

    def read_on() -> None:
        try:
            while True:
                source.read()
        except SourceError as error:
            outcome.append(error)

    with source_of(capture, stall_s=30) as source:
        thread = threading.Thread(target=read_on, name="capture")
        thread.start()
        wait_until(lambda: capture.reads == 2)
        started_s = time.monotonic()
        source.close()
        thread.join(timeout=5)
        assert not thread.is_alive()
        assert time.monotonic() - started_s < 3, "waits neither for the driver nor for stall_s"
        assert capture.released == 0, "a capture is not released under its reader"
        capture.go_on.set()
        wait_until(lambda: capture.released == 1)
    assert not isinstance(outcome[0], SourceLost)


def test_a_camera_that_opens_and_gives_nothing_is_released_and_reported() -> None:
    capture = FakeCapture(endless=False)
    with pytest.raises(SourceError), source_of(capture):
        pass
    assert capture.released == 1


def test_the_next_backend_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(u2cam.stream.sources.camera, "camera_backends", lambda: (1, 2))
    closed, mute, good = FakeCapture(opens=False), FakeCapture(endless=False), FakeCapture()
    with source_of(closed, good) as source:
        source.read()
    assert closed.released == 1
    with source_of(mute, FakeCapture()) as source:
        source.read()
    assert mute.released == 1


def test_a_camera_that_rests_is_released_and_comes_back_as_it_was() -> None:
    first, second = FakeCapture(), FakeCapture()
    source = source_of(first, second)
    with source:
        number = source.read().index
        source.rest()
        wait_until(lambda: first.released == 1)
        with pytest.raises(SourceLost):
            source.read()
        source.rest()
        assert source.reopen()
        assert source.read().index == number + 1
