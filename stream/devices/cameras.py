"""Which cameras there are, what they offer and who holds them: for lists and error messages.

On Linux the kernel answers (sysfs, V4L2 ioctls, procfs) without disturbing a running camera;
elsewhere indices are probed with OpenCV. Opening and reading cameras is `source_camera`'s work.
"""

import errno
import os
import re
import struct
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from u2cam.stream.sources.opencv_backends import index_answers

SYS_VIDEO = Path("/sys/class/video4linux")
PROC = Path("/proc")
LOOPBACK_DRIVER = "v4l2 loopback"
NO_PERMISSION = "no permission"
PROBED_INDICES = 8
"""Indices tried where the system cannot list its cameras; every one costs an open."""

# linux/videodev2.h
_QUERYCAP = 0x80685600
_ENUM_FMT = 0xC0405602
_ENUM_FRAMESIZES = 0xC02C564A
_CAPABILITY = struct.Struct("<16s32s32sIII12x")
_FMTDESC = struct.Struct("<III32sII12x")
_FRAMESIZE = struct.Struct("<IIIIIIIII8x")
_BUF_TYPE_CAPTURE = 1
_FRAMESIZE_DISCRETE = 1
_CAN_CAPTURE = 0x1 | 0x1000
_CAN_OUTPUT = 0x2 | 0x2000
_HAS_DEVICE_CAPS = 0x80000000


@dataclass(frozen=True, slots=True)
class Camera:
    """One device of the system's list of cameras."""

    index: int
    """What `-i` takes."""
    name: str
    """As the maker or the driver calls it; may be empty."""
    path: str | None = None
    """`/dev/videoN` on Linux."""
    driver: str = ""
    bus: str = ""
    """Where it is plugged in; with the name, what tells it from its likes."""
    formats: tuple[str, ...] = ()
    """Pixel formats and sizes, largest first: `MJPG 1920x1080 1280x720`."""
    can_capture: bool = True
    can_output: bool = False
    problem: str = ""
    """Why nothing more is known about it: `no permission`, `busy`; else empty."""

    def __str__(self) -> str:
        parts = [f"{self.index}: {self.name or 'camera'}"]
        parts += [part for part in (self.path, "; ".join(self.formats), self.problem) if part]
        return ", ".join(parts)

    @property
    def is_loopback(self) -> bool:
        """True for a virtual device, which may be the very one that we write to."""
        return self.driver == LOOPBACK_DRIVER


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a device open."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


def list_cameras(sys_video: Path = SYS_VIDEO) -> list[Camera]:
    """Return the devices that can give pictures, ordered by index."""
    return [camera for camera in list_devices(sys_video) if camera.can_capture]


def list_devices(sys_video: Path = SYS_VIDEO) -> list[Camera]:
    """Return all video devices, those that only take pictures too (virtual cameras on Linux)."""
    if not sys.platform.startswith("linux"):
        return list(_probe_indices())
    found = []
    for entry in sys_video.glob("video*") if sys_video.is_dir() else ():
        number = re.fullmatch(r"video(\d+)", entry.name)
        if number is not None:
            found.append(_linux_device(int(number[1]), entry))
    return sorted(found, key=lambda camera: camera.index)


def first_camera(cameras: list[Camera]) -> int:
    """Return the index that `-i` means when it is not given: a real camera before a virtual one."""
    usable = sorted(cameras, key=lambda camera: (camera.is_loopback, camera.index))
    return usable[0].index if usable else 0


def holders(path: str, proc: Path = PROC) -> list[Holder]:
    """Return the processes that have a device file open, as far as we may see; Linux only."""
    target = os.path.realpath(path)
    found = []
    for process in proc.iterdir() if proc.is_dir() else ():
        if not process.name.isdigit():
            continue
        try:
            if any(os.path.realpath(fd) == target for fd in (process / "fd").iterdir()):
                name = (process / "comm").read_text(errors="replace").strip()
                found.append(Holder(int(process.name), name))
        except OSError:
            # Not ours to look into, or gone since it was listed.
            continue
    return sorted(found, key=lambda holder: holder.pid)


def device_path(device: int | str) -> str | None:
    """Return the real device file of an index or path on Linux, None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    return f"/dev/video{device}" if isinstance(device, int) else os.path.realpath(device)


def describe(cameras: list[Camera]) -> str:
    """Return one line such as `0 (Integrated Camera), 2 (USB Capture)`."""
    return ", ".join(f"{c.index} ({c.name or 'no name'})" for c in cameras)


def why_not_open(device: int | str, sys_video: Path = SYS_VIDEO) -> str:
    """Say in one line why a camera could not be opened, and what to do about it."""
    who = camera_label(device)
    cameras = list_cameras(sys_video)
    path = device_path(device)
    if path is None or os.path.exists(path):
        if path is None:
            return f"{who}: {_why_elsewhere(cameras)}"
        return f"{who}: {_why_linux(path, sys_video)}"
    if not cameras:
        return f"{who}: there is no camera on this system; plug one in, or use -i FILE or -i demo"
    return f"{who}: not there; the cameras here are {describe(cameras)}; choose one with -i"


def camera_label(device: int | str) -> str:
    """Return how messages call a camera: `camera 0`, `camera /dev/v4l/by-id/x`."""
    return f"camera {device}"


def _why_linux(path: str, sys_video: Path) -> str:
    if not os.access(path, os.R_OK | os.W_OK):
        return (
            f"no permission for {path}; join the group that owns it "
            "(sudo usermod -aG video $USER), then log out and in again"
        )
    devices = {camera.path: camera for camera in list_devices(sys_video)}
    camera = devices.get(path)
    if camera is None and not re.fullmatch(r"/dev/video\d+", path):
        return f"{path} is not a video device; --list-cameras shows those that are"
    if camera is not None and not camera.can_capture:
        kind = "a virtual camera that no program writes to" if camera.can_output else "no camera"
        return f"{path} is {kind}; --list-cameras shows the cameras"
    busy = [holder for holder in holders(path) if holder.pid != os.getpid()]
    if busy:
        return f"{path} is held by {', '.join(map(str, busy))}; close it there and try again"
    return (
        f"{path} gives no pictures; another program may hold it: close it there, "
        "or plug the camera out and in again"
    )


def _why_elsewhere(cameras: list[Camera]) -> str:
    system = "System Settings > Privacy & Security > Camera"
    if sys.platform == "win32":
        system = "Settings > Privacy & security > Camera"
    known = f"the cameras here are {describe(cameras)}" if cameras else "no camera was found"
    return f"cannot be opened; {known}; close programs that use it and allow access under {system}"


def _linux_device(index: int, entry: Path, ask: Callable[[str], "_Answer"] | None = None) -> Camera:
    path = f"/dev/{entry.name}"
    try:
        name = (entry / "name").read_text(errors="replace").strip()
    except OSError:
        name = ""
    try:
        answer = (ask or _query)(path)
    except OSError as error:
        denied = error.errno in (errno.EACCES, errno.EPERM)
        problem = NO_PERMISSION if denied else (error.strerror or str(error))
        return Camera(index, name, path, problem=problem)
    return Camera(
        index,
        name or answer.card,
        path,
        answer.driver,
        answer.bus,
        answer.formats,
        can_capture=bool(answer.capabilities & _CAN_CAPTURE),
        can_output=bool(answer.capabilities & _CAN_OUTPUT),
    )


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a V4L2 driver says about a device."""

    driver: str
    card: str
    bus: str
    capabilities: int
    formats: tuple[str, ...] = ()


def _parse_capability(raw: bytes) -> _Answer:
    """Read a `struct v4l2_capability`."""
    driver, card, bus, _version, capabilities, device_caps = _CAPABILITY.unpack(raw)
    # A camera has more than one node; only device_caps speaks of this one.
    own = device_caps if capabilities & _HAS_DEVICE_CAPS else capabilities
    return _Answer(_text(driver), _text(card), _text(bus), own)


def _query(path: str) -> _Answer:
    # Non-blocking and without streaming: does not disturb a program that uses the camera.
    fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    try:
        raw = ioctl(fd, _QUERYCAP, bytes(_CAPABILITY.size))
        answer = _parse_capability(raw)
        formats = tuple(_formats(fd)) if answer.capabilities & 0x1 else ()
    finally:
        os.close(fd)
    return _Answer(answer.driver, answer.card, answer.bus, answer.capabilities, formats)


def _formats(fd: int) -> Iterator[str]:
    for number in range(64):
        asked = _FMTDESC.pack(number, _BUF_TYPE_CAPTURE, 0, b"", 0, 0)
        try:
            pixel_format = _FMTDESC.unpack(ioctl(fd, _ENUM_FMT, asked))[4]
        except OSError:
            return
        fourcc = struct.pack("<I", pixel_format).decode("latin-1").strip()
        sizes = sorted(_sizes(fd, pixel_format), reverse=True)
        yield " ".join([fourcc, *(f"{width}x{height}" for width, height in sizes)])


def _sizes(fd: int, pixel_format: int) -> Iterator[tuple[int, int]]:
    for number in range(128):
        asked = _FRAMESIZE.pack(number, pixel_format, 0, 0, 0, 0, 0, 0, 0)
        try:
            answer = _FRAMESIZE.unpack(ioctl(fd, _ENUM_FRAMESIZES, asked))
        except OSError:
            return
        if answer[2] != _FRAMESIZE_DISCRETE:
            # A range (min, max, step per side): its largest size stands for it.
            yield answer[4], answer[7]
            return
        yield answer[3], answer[4]


def ioctl(fd: int, request: int, argument: bytes) -> bytes:
    """Ask a driver; returns the argument as the driver filled it."""
    import fcntl  # not on Windows

    return fcntl.ioctl(fd, request, argument)


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode("utf-8", "replace")


def _probe_indices() -> Iterator[Camera]:
    for index in range(PROBED_INDICES):
        if index_answers(index):
            yield Camera(index, "")
