"""The virtual camera against a backend that records."""

import platform
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvirtualcam

from tests.fakes import FakeVirtualBackend, numbered_image
from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.devices import device_node
from u2cam.stream.devices.cameras import LOOPBACK_DRIVER, NO_PERMISSION, Camera, Holder
from u2cam.stream.settings import VirtualCameraSettings
from u2cam.stream.sinks import virtual_camera as sink_virtual
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink

TIME_BASE = Fraction(1, 90_000)
SETTINGS = VirtualCameraSettings(backend="fake")


@pytest.fixture(autouse=True)
def backend() -> Iterator[type[FakeVirtualBackend]]:
    FakeVirtualBackend.forget()
    pyvirtualcam.register_backend("fake", FakeVirtualBackend)
    yield FakeVirtualBackend
    FakeVirtualBackend.forget()
    del pyvirtualcam.camera.BACKENDS["fake"]


def format_of(size_wh: tuple[int, int] = (64, 36), kind: str = "rgb") -> PictureFormat:
    return PictureFormat(size_wh, Fraction(30000, 1001), TIME_BASE, kind)


def picture(image: np.ndarray) -> Picture:
    return Picture(image, 0, TIME_BASE, 0.0)


def opening_error(settings: VirtualCameraSettings = SETTINGS, kind: str = "rgb") -> str:
    with pytest.raises(SinkError) as caught:
        VirtualCameraSink(settings).open(format_of(kind=kind))
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("virtual camera: ")
    return message


def test_sends_rgb_as_it_is_at_the_runs_size_and_rate(backend: type[FakeVirtualBackend]) -> None:
    sink = VirtualCameraSink(VirtualCameraSettings(backend="fake", device="My Cam"))
    sink.open(format_of())
    assert sink.device_name == "My Cam"
    sink.write(picture(numbered_image(5)))
    sink.close(failed=False)
    (camera,) = backend.instances
    assert camera.size_wh == (64, 36)
    assert camera.fps == pytest.approx(29.97, abs=0.001)
    assert np.array_equal(camera.frames[0], numbered_image(5))
    assert camera.closed == 1


def test_gray_is_sent_as_rgb(backend: type[FakeVirtualBackend]) -> None:
    sink = VirtualCameraSink(SETTINGS)
    sink.open(format_of(kind="gray"))
    gray = numbered_image(0)[..., 2].copy()
    sink.write(picture(gray))
    sink.close(failed=False)
    assert np.array_equal(backend.instances[0].frames[0], np.dstack([gray] * 3))


def test_odd_sizes_grow_to_even_ones_by_their_last_row_and_column(
    backend: type[FakeVirtualBackend],
) -> None:
    image = numbered_image(3, (5, 3))
    sink = VirtualCameraSink(SETTINGS)
    sink.open(format_of((5, 3)))
    sink.write(picture(image))
    sink.close(failed=False)
    sent = backend.instances[0].frames[0]
    assert sent.shape == (4, 6, 3)
    assert np.array_equal(sent[:3, :5], image)
    assert np.array_equal(sent[3, 5], image[2, 4])


def test_transparency_is_refused_before_a_device_is_taken(
    backend: type[FakeVirtualBackend],
) -> None:
    assert "transparency" in opening_error(kind="rgba")
    assert backend.instances == []


def test_a_device_that_fails_while_sending_is_lost_and_taken_again(
    backend: type[FakeVirtualBackend],
) -> None:
    backend.fail_after = 1
    sink = VirtualCameraSink(SETTINGS)
    sink.open(format_of())
    sink.write(picture(numbered_image(0)))
    with pytest.raises(SinkLost, match="fake camera failed: device is gone"):
        sink.write(picture(numbered_image(1)))
    assert backend.instances[0].closed == 1, "so that it can be had again"
    backend.refuse = "fake camera: still gone"
    with pytest.raises(SinkLost, match="still gone"):
        sink.write(picture(numbered_image(2)))
    backend.refuse = None
    sink.write(picture(numbered_image(3)))
    sink.close(failed=True)
    first, second = backend.instances
    assert (first.closed, second.closed) == (1, 1)
    assert second.size_wh == first.size_wh
    assert second.frames[0][0, 0, 0] == 3
    with pytest.raises(SinkError):
        sink.write(picture(numbered_image(4)))


@pytest.mark.skipif(sys.platform != "linux", reason="device files")
class TestLostDevice:
    """A file stands for the device; the backend, like the real one, never tells of a failure."""

    @pytest.fixture
    def device(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setattr(device_node, "CHECK_EVERY_S", 0.0)
        path = tmp_path / "video10"
        path.touch()
        self.name = "u2cam"

        def devices() -> list[Camera]:
            there = [Camera(9, "meeting", "/dev/video9", LOOPBACK_DRIVER)]
            if path.exists():
                there.append(Camera(10, self.name, str(path), LOOPBACK_DRIVER))
            return there

        monkeypatch.setattr(sink_virtual, "list_devices", devices)
        return path

    def opened(self, device: Path) -> VirtualCameraSink:
        sink = VirtualCameraSink(VirtualCameraSettings(backend="fake", device=str(device)))
        sink.open(format_of())
        sink.write(picture(numbered_image(0)))
        return sink

    def test_is_noticed_and_taken_again_once_it_is_back(
        self, device: Path, backend: type[FakeVirtualBackend]
    ) -> None:
        sink = self.opened(device)
        device.unlink()
        for _ in range(3):
            with pytest.raises(SinkLost, match="video10 is gone"):
                sink.write(picture(numbered_image(1)))
        assert [len(camera.frames) for camera in backend.instances] == [1]
        device.touch()
        sink.write(picture(numbered_image(2)))
        assert [camera.device() for camera in backend.instances] == [str(device)] * 2
        sink.close(failed=False)

    def test_that_was_made_anew_is_opened_anew(
        self, device: Path, backend: type[FakeVirtualBackend]
    ) -> None:
        sink = self.opened(device)
        device.rename(device.with_name("old"))  # keeps its inode from being used again
        device.touch()
        with pytest.raises(SinkLost, match="video10 was made anew"):
            sink.write(picture(numbered_image(1)))
        sink.write(picture(numbered_image(2)))
        assert [camera.closed for camera in backend.instances] == [1, 0]
        sink.close(failed=False)

    def test_is_not_replaced_by_another_of_its_number(
        self, device: Path, backend: type[FakeVirtualBackend]
    ) -> None:
        sink = self.opened(device)
        device.unlink()
        with pytest.raises(SinkLost):
            sink.write(picture(numbered_image(1)))
        self.name = "another's"
        device.touch()
        with pytest.raises(SinkLost, match="another device now"):
            sink.write(picture(numbered_image(2)))
        assert len(backend.instances) == 1
        sink.close(failed=False)

    def test_the_first_free_one_at_the_start_stays_the_one(
        self, device: Path, backend: type[FakeVirtualBackend], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[str | None] = []

        class FirstFree(FakeVirtualBackend):
            def __init__(self, *, device: str | None, **how: Any) -> None:
                asked.append(device)
                super().__init__(device=device or str(path), **how)

        path = device
        pyvirtualcam.register_backend("fake", FirstFree)
        sink = VirtualCameraSink(SETTINGS)
        sink.open(format_of())
        device.unlink()
        with pytest.raises(SinkLost):
            sink.write(picture(numbered_image(1)))
        device.touch()
        sink.write(picture(numbered_image(2)))
        sink.close(failed=False)
        assert asked == [None, str(device)]


def test_the_device_file_is_looked_at_once_a_second(tmp_path: Path) -> None:
    path = tmp_path / "video10"
    path.touch()
    node = device_node.DeviceNode(str(path), 100.0)
    path.unlink()
    assert node.what_is_wrong(100.9) == ""
    assert node.what_is_wrong(101.0) == "is gone"


def test_where_devices_are_no_files_none_is_missed() -> None:
    assert device_node.DeviceNode("OBS Virtual Camera", 0.0).what_is_wrong(100.0) == ""


def test_an_unknown_backend_names_those_there_are() -> None:
    message = opening_error(VirtualCameraSettings(backend="obss"))
    assert "'obss'" in message
    assert "fake" in message


@pytest.mark.skipif(sys.platform != "linux", reason="v4l2loopback")
def test_the_device_is_offered_to_the_next_program_after_it_is_closed(
    backend: type[FakeVirtualBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    monkeypatch.setattr(sink_virtual, "free_stuck_devices", lambda: events.append("free"))
    monkeypatch.setattr(
        sink_virtual,
        "offer_after_writing",
        lambda path: events.append(f"offer {path}, closed {backend.instances[0].closed}"),
    )
    sink = VirtualCameraSink(SETTINGS)
    sink.open(format_of())
    sink.close(failed=True)
    sink.close(failed=True)
    assert events == ["free", "offer fake camera, closed 1"]


class TestAdvice:
    """What is said for each reason that a backend gives."""

    @pytest.fixture
    def loopbacks(self, monkeypatch: pytest.MonkeyPatch) -> list[Camera]:
        monkeypatch.setattr(sys, "platform", "linux")
        there = [Camera(10, "u2cam", "/dev/video10", LOOPBACK_DRIVER)]
        monkeypatch.setattr(sink_virtual, "list_devices", lambda: there)
        return there

    def test_no_module(self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]) -> None:
        loopbacks.clear()
        backend.refuse = "No v4l2 loopback device found at /dev/video[0-99]. Did you modprobe?"
        message = opening_error()
        assert "sudo modprobe v4l2loopback" in message
        assert "exclusive_caps=1" in message
        assert "card_label=" in message

    def test_busy_names_the_process(
        self,
        loopbacks: list[Camera],
        backend: type[FakeVirtualBackend],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(sink_virtual, "holders", lambda _path: [Holder(815, "obs")])
        backend.refuse = "Device /dev/video10 could not be opened: Device or resource busy"
        message = opening_error()
        assert "busy, held by obs (process 815)" in message
        assert "virtual_camera.device" in message

    def test_invalid_argument(
        self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]
    ) -> None:
        backend.refuse = (
            "Virtual camera device /dev/video10 could not be configured: Invalid argument"
        )
        message = opening_error()
        assert "another size or format" in message
        assert "modprobe -r v4l2loopback" in message

    def test_wrong_path(self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]) -> None:
        backend.refuse = "Device /dev/video9 does not exist."
        message = opening_error(VirtualCameraSettings(backend="fake", device="/dev/video9"))
        assert "/dev/video9 does not exist; v4l2loopback devices here: /dev/video10" in message

    def test_a_real_camera_is_no_virtual_one(
        self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]
    ) -> None:
        backend.refuse = "Device /dev/video0 is not a v4l2 loopback device"
        message = opening_error(VirtualCameraSettings(backend="fake", device="/dev/video0"))
        assert "/dev/video0 is no v4l2loopback device" in message

    def test_held_by_a_writer(
        self,
        loopbacks: list[Camera],
        backend: type[FakeVirtualBackend],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(sink_virtual, "holders", lambda _path: [Holder(815, "obs")])
        backend.refuse = "Device /dev/video10 is not a video output device."
        assert "/dev/video10: busy, held by obs (process 815)" in opening_error()

    def test_devices_that_may_not_be_opened(
        self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]
    ) -> None:
        loopbacks[:] = [Camera(10, "u2cam", "/dev/video10", problem=NO_PERMISSION)]
        backend.refuse = "No v4l2 loopback device found at /dev/video[0-99]."
        assert "usermod -aG video" in opening_error()

    def test_permission(self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]) -> None:
        backend.refuse = "Device /dev/video10 could not be opened: Permission denied"
        assert "usermod -aG video" in opening_error()

    def test_several_lines_become_one(
        self, loopbacks: list[Camera], backend: type[FakeVirtualBackend]
    ) -> None:
        backend.refuse = "something\nquite new"
        assert "something quite new" in opening_error()

    @pytest.mark.parametrize(("system", "word"), [("win32", "Unity Capture"), ("darwin", "OBS")])
    def test_other_systems(
        self,
        system: str,
        word: str,
        backend: type[FakeVirtualBackend],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(sys, "platform", system)
        backend.refuse = "virtual camera output could not be started"
        assert word in opening_error()


@pytest.mark.skipif(platform.system() != "Linux", reason="pyvirtualcam's Linux backend")
def test_the_real_backend_where_there_is_no_such_device() -> None:
    message = opening_error(
        VirtualCameraSettings(backend="v4l2loopback", device="/dev/video_absent")
    )
    assert "/dev/video_absent does not exist" in message
