"""The few V4L2 calls that the tests make themselves, as another program would (videodev2.h)."""

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OUTPUT = 2
_QUERYCAP = 0x80685600
_S_FMT = 0xC0D05605
_S_PARM = 0xC0CC5616
_S_CTRL = 0xC008561C
_FORMAT = struct.Struct("<I4xIIIIIIII168x")
_PARM = struct.Struct("<IIIIII180x")
_KEEP_FORMAT = 0x0098F900
"""v4l2loopback's control: the format stays when its last user has gone."""


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Open a device; gives its file descriptor."""
    fd = os.open(path, os.O_RDWR)
    try:
        yield fd
    finally:
        os.close(fd)


def set_output_format(fd: int, size_wh: tuple[int, int], fourcc: str) -> tuple[int, int, str]:
    """Ask for a format as a writer; returns what the driver made of it."""
    # Every program asks first what a device can do; v4l2loopback 0.12 takes note of it only then.
    fcntl.ioctl(fd, _QUERYCAP, bytes(104))
    width, height = size_wh
    asked = _FORMAT.pack(
        OUTPUT, width, height, int.from_bytes(fourcc.encode(), "little"), 1, 0, 0, 8, 0
    )
    got = _FORMAT.unpack(fcntl.ioctl(fd, _S_FMT, asked))
    return got[1], got[2], got[3].to_bytes(4, "little").decode()


def set_rate(fd: int, fps: int) -> None:
    """Tell readers how many pictures a second will come."""
    fcntl.ioctl(fd, _S_PARM, _PARM.pack(OUTPUT, 0, 0, 1, fps, 0))


def keep_format(fd: int, keep: bool) -> None:
    """What `v4l2loopback-ctl set-caps` does besides setting the format."""
    fcntl.ioctl(fd, _S_CTRL, struct.pack("<Ii", _KEEP_FORMAT, int(keep)))


def is_guest() -> bool:
    """Whether the devices of the guest are there."""
    names = {0: "Test_Camera", 10: "u2cam", 20: "Spare"}
    places = {n: Path(f"/sys/class/video4linux/video{n}/name") for n in names}
    return os.environ.get("U2CAM_GUEST") == "1" and all(
        place.is_file() and place.read_text().strip() == names[n] for n, place in places.items()
    )
