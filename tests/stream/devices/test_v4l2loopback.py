"""Devices that v4l2loopback 0.12 leaves unusable are offered again; all others are left alone."""

import errno
import mmap
import struct
import sys
from pathlib import Path

import pytest

from u2cam.stream.devices import v4l2loopback as loopback
from u2cam.stream.devices.cameras import LOOPBACK_DRIVER, NO_PERMISSION, Camera

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="v4l2loopback")


def device(path: str, *, capture: bool, output: bool, driver: str = LOOPBACK_DRIVER) -> Camera:
    return Camera(10, "u2cam", path, driver, can_capture=capture, can_output=output)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths that were offered again."""
    paths: list[str] = []
    monkeypatch.setattr(loopback, "offer_again", paths.append)
    return paths


def there_is(monkeypatch: pytest.MonkeyPatch, *devices: Camera) -> None:
    monkeypatch.setattr(loopback, "list_devices", lambda: list(devices))


def test_before_a_run_only_stuck_loopback_devices_are_offered(
    offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there_is(
        monkeypatch,
        device("free", capture=False, output=True),
        device("written to", capture=True, output=False),
        device("both", capture=True, output=True),
        device("stuck", capture=False, output=False),
        device("a camera's data node", capture=False, output=False, driver="uvcvideo"),
        Camera(3, "", "forbidden", can_capture=False, problem=NO_PERMISSION),
    )
    loopback.free_stuck_devices()
    assert offered == ["stuck"]


@pytest.mark.parametrize("watched", [True, False])
def test_after_a_run_our_device_is_offered_even_if_somebody_watches(
    watched: bool, offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there_is(
        monkeypatch,
        device("ours", capture=watched, output=False),
        device("another's", capture=True, output=False),
    )
    loopback.offer_after_writing("ours")
    assert offered == ["ours"]


def test_after_a_run_a_device_that_offers_itself_is_left_alone(
    offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    there_is(monkeypatch, device("ours", capture=True, output=True))
    loopback.offer_after_writing("ours")
    assert offered == []


def test_offering_starts_streaming_on_a_handle_and_closes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "video10"
    path.write_bytes(b"")
    asked: list[int] = []

    def refuse(_fd: int, request: int, _argument: bytes) -> bytes:
        asked.append(request)
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(loopback, "ioctl", refuse)
    before = len(list(Path("/proc/self/fd").iterdir()))
    loopback.offer_again(str(path))
    assert asked == [1 << 30 | 4 << 16 | ord("V") << 8 | 18]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_device_that_is_gone_is_no_error(tmp_path: Path) -> None:
    loopback.offer_again(str(tmp_path / "absent"))


class FakeBuffers:
    """Two buffers of one page; answers as the driver does, which forgets maps now and then."""

    def __init__(self) -> None:
        self.is_mapped = [False, False]

    def answer(self, _fd: int, _request: int, argument: bytes) -> bytes:
        asked = bytearray(argument)
        index = struct.unpack_from("<I", asked)[0] % 2
        struct.pack_into("<I", asked, 12, 0x2 | self.is_mapped[index])
        struct.pack_into("<I", asked, 64, index * mmap.PAGESIZE)
        return bytes(asked)


def test_buffers_that_a_client_unmarked_are_marked_again_before_the_next_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = FakeBuffers()
    anonymous = mmap.mmap

    def mark(fd: int, size: int, *_how: int, offset: int) -> mmap.mmap:
        driver.is_mapped[offset // mmap.PAGESIZE] = True
        return anonymous(-1, size)

    monkeypatch.setattr(loopback, "ioctl", driver.answer)
    monkeypatch.setattr(mmap, "mmap", mark)
    path = tmp_path / "video10"
    path.touch()
    clients = loopback.ClientBuffers(str(path))
    try:
        for forgotten in ([False, False], [True, False], [False, True]):
            driver.is_mapped = forgotten
            clients.repair()
            assert driver.is_mapped == [True, True]
    finally:
        clients.close()
        clients.close()


def test_a_device_of_another_kind_is_asked_once_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse(_fd: int, request: int, _argument: bytes) -> bytes:
        asked.append(request)
        raise OSError(errno.EINVAL, "Invalid argument")

    monkeypatch.setattr(loopback, "ioctl", refuse)
    path = tmp_path / "video10"
    path.touch()
    before = len(list(Path("/proc/self/fd").iterdir()))
    clients = loopback.ClientBuffers(str(path))
    clients.repair()
    clients.repair()
    assert len(asked) == 1
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    loopback.ClientBuffers(str(tmp_path / "video11")).repair()
