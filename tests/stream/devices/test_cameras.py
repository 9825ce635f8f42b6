"""The list of cameras and what is said when one cannot be opened."""

import errno
import os
import struct
import sys
from pathlib import Path

import pytest

from u2cam.stream.devices import cameras
from u2cam.stream.devices.cameras import Camera, Holder, first_camera, holders, why_not_open

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads what Linux tells")

CAPTURE, OUTPUT, META = 0x1, 0x2, 0x800000
HAS_DEVICE_CAPS = 0x80000000


def capability(driver: str, card: str, bus: str, all_nodes: int, this_node: int = 0) -> bytes:
    """A `struct v4l2_capability` as the kernel writes it."""
    return struct.pack(
        "<16s32s32s6I",
        driver.encode(),
        card.encode(),
        bus.encode(),
        0x060100,
        all_nodes,
        this_node,
        *(0, 0, 0),
    )


def system_with(folder: Path, **names: str) -> Path:
    """A stand-in for /sys/class/video4linux."""
    for device, name in names.items():
        (folder / device).mkdir(parents=True)
        (folder / device / "name").write_text(name + "\n")
    return folder


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes | OSError]:
    """What each device answers when it is asked what it can do."""
    known: dict[str, bytes | OSError] = {}

    def query(path: str) -> object:
        answer = known[path]
        if isinstance(answer, OSError):
            raise answer
        return cameras._parse_capability(answer)

    monkeypatch.setattr(cameras, "_query", query)
    return known


def test_lists_capture_devices_by_number(tmp_path: Path, answers: dict[str, object]) -> None:
    system = system_with(
        tmp_path, video0="Laptop", video1="Laptop", video2="u2cam", video10="USB Cam"
    )
    both = CAPTURE | META | HAS_DEVICE_CAPS
    answers["/dev/video0"] = capability("uvcvideo", "Laptop", "usb-1", both, CAPTURE)
    answers["/dev/video1"] = capability("uvcvideo", "Laptop", "usb-1", both, META)
    answers["/dev/video2"] = capability("v4l2 loopback", "u2cam", "platform:v", OUTPUT)
    answers["/dev/video10"] = capability("uvcvideo", "USB Cam", "usb-2", CAPTURE)
    found = cameras.list_cameras(system)
    assert [(c.index, c.name, c.path) for c in found] == [
        (0, "Laptop", "/dev/video0"),
        (10, "USB Cam", "/dev/video10"),
    ]
    assert found[0].bus == "usb-1"
    assert str(found[1]) == "10: USB Cam, /dev/video10"
    loopback = cameras.list_devices(system)[2]
    assert loopback.is_loopback
    assert loopback.can_output


def test_a_device_that_may_not_be_opened_is_listed_with_the_reason(
    tmp_path: Path, answers: dict[str, object]
) -> None:
    system = system_with(tmp_path, video0="Laptop")
    answers["/dev/video0"] = PermissionError(errno.EACCES, "Permission denied")
    (camera,) = cameras.list_cameras(system)
    assert (camera.name, camera.problem) == ("Laptop", "no permission")


def test_no_video_class_means_no_cameras(tmp_path: Path) -> None:
    assert cameras.list_cameras(tmp_path / "absent") == []


def test_request_numbers_are_those_of_the_kernels_header() -> None:
    def number(direction: int, size: int, count: int) -> int:
        return direction << 30 | size << 16 | ord("V") << 8 | count

    read, write = 2, 1
    assert number(read, cameras._CAPABILITY.size, 0) == cameras._QUERYCAP
    assert number(read | write, cameras._FMTDESC.size, 2) == cameras._ENUM_FMT
    assert number(read | write, cameras._FRAMESIZE.size, 74) == cameras._ENUM_FRAMESIZES


def test_formats_and_sizes_are_read_largest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = {b"MJPG": [(640, 480), (1920, 1080)], b"YUYV": [(640, 480)]}

    def ioctl(_fd: int, request: int, argument: bytes) -> bytes:
        number = struct.unpack_from("<I", argument)[0]
        if request == cameras._ENUM_FMT:
            if number >= len(offered):
                raise OSError(errno.EINVAL, "no more")
            fourcc = struct.unpack("<I", list(offered)[number])[0]
            return struct.pack("<III32sII12x", number, 1, 0, b"a format", fourcc, 0)
        fourcc = struct.pack("<I", struct.unpack_from("<II", argument)[1])
        if number >= len(offered[fourcc]):
            raise OSError(errno.EINVAL, "no more")
        width, height = offered[fourcc][number]
        return struct.pack("<IIIII24x", number, 0, 1, width, height)

    monkeypatch.setattr(cameras, "ioctl", ioctl)
    assert list(cameras._formats(3)) == ["MJPG 1920x1080 640x480", "YUYV 640x480"]


def test_a_range_of_sizes_is_told_by_its_largest(monkeypatch: pytest.MonkeyPatch) -> None:
    def ioctl(_fd: int, _request: int, argument: bytes) -> bytes:
        return struct.pack("<III6I8x", 0, 0, 3, 48, 4096, 2, 32, 2160, 2)

    monkeypatch.setattr(cameras, "ioctl", ioctl)
    assert list(cameras._sizes(3, 0)) == [(4096, 2160)]


def test_a_real_camera_is_the_first_before_a_virtual_one() -> None:
    loopback = Camera(0, "u2cam", driver=cameras.LOOPBACK_DRIVER)
    real = Camera(4, "USB Cam", driver="uvcvideo")
    assert first_camera([loopback, real]) == 4
    assert first_camera([loopback]) == 0
    assert first_camera([]) == 0


def test_finds_the_process_that_holds_a_file(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    device.write_bytes(b"")
    with device.open("rb"):
        found = holders(str(device))
    assert [holder.pid for holder in found] == [os.getpid()]
    assert holders(str(device)) == []


def test_processes_that_we_may_not_see_are_passed_over(tmp_path: Path) -> None:
    device = tmp_path / "video0"
    device.write_bytes(b"")
    process = tmp_path / "proc" / "4711"
    (process / "fd").mkdir(parents=True)
    (process / "fd" / "3").symlink_to(device)
    (process / "comm").write_text("zoom\n")
    (tmp_path / "proc" / "12").mkdir()
    (tmp_path / "proc" / "self").mkdir()
    assert holders(str(device), tmp_path / "proc") == [Holder(4711, "zoom")]


class TestWhyNotOpen:
    """The one line for each reason."""

    @pytest.fixture
    def device(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
        path = tmp_path / "device"
        path.write_bytes(b"")
        monkeypatch.setattr(cameras, "device_path", lambda _device: str(path))
        return str(path)

    @pytest.fixture
    def known(self, device: str, monkeypatch: pytest.MonkeyPatch) -> list[Camera]:
        listed = [Camera(0, "Laptop", device)]
        monkeypatch.setattr(cameras, "list_devices", lambda *_: listed)
        return listed

    def test_no_camera_at_all(self, tmp_path: Path) -> None:
        line = why_not_open("/dev/video77", tmp_path)
        assert "there is no camera on this system" in line
        assert "-i" in line

    def test_wrong_index_names_the_cameras(self, tmp_path: Path, answers: dict) -> None:
        answers["/dev/video70"] = capability("uvcvideo", "Laptop", "usb-1", CAPTURE)
        line = why_not_open(77, system_with(tmp_path, video70="Laptop"))
        assert line == "camera 77: not there; the cameras here are 70 (Laptop); choose one with -i"

    def test_no_permission_names_the_group(
        self, known: list[Camera], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(os, "access", lambda *_: False)
        line = why_not_open(0)
        assert "no permission" in line
        assert "usermod -aG video" in line

    def test_busy_names_the_process(
        self, known: list[Camera], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cameras, "holders", lambda _path: [Holder(4711, "zoom")])
        assert "held by zoom (process 4711); close it there" in why_not_open(0)

    def test_our_own_hold_is_not_blamed(
        self, known: list[Camera], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cameras, "holders", lambda _path: [Holder(os.getpid(), "python")])
        assert "gives no pictures" in why_not_open(0)

    def test_a_virtual_camera_without_a_writer(self, known: list[Camera], device: str) -> None:
        known[:] = [Camera(0, "u2cam", device, can_capture=False, can_output=True)]
        assert "virtual camera that no program writes to" in why_not_open(0)

    def test_a_file_that_is_no_device(self, known: list[Camera]) -> None:
        known.clear()
        assert "is not a video device" in why_not_open("x")

    def test_each_is_one_line(self, known: list[Camera]) -> None:
        assert "\n" not in why_not_open(0)


def test_elsewhere_indices_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(cameras, "index_answers", lambda index: index in (0, 2))
    assert [camera.index for camera in cameras.list_cameras()] == [0, 2]
    line = why_not_open(1)
    assert "the cameras here are 0 (no name), 2 (no name)" in line
    assert "Privacy" in line
