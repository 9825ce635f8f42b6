"""Programs that watch a camera, each through a library of its own."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import av
import cv2
import numpy as np

from tests.device.scene import Image, shows_room

RATE_LOOKS = 6
RATE_LOOK_S = 3.0
UNBROKEN_LOOKS = 4
PATIENCE_S = 60.0


@contextmanager
def opencv(path: str) -> Iterator[Callable[[], Image]]:
    """Open with OpenCV; gives a function that returns the next picture, RGB."""
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    try:
        assert capture.isOpened(), f"OpenCV cannot open {path}"

        def read() -> Image:
            # A client that asks for buffers right between our picture and this read costs one read.
            for _ in range(2):
                done, image_bgr = capture.read()
                if done:
                    break
            assert done, f"OpenCV gets no picture from {path}"
            return np.ascontiguousarray(image_bgr[..., ::-1], dtype=np.uint8)

        yield read
    finally:
        capture.release()


@contextmanager
def pyav(path: str) -> Iterator[Callable[[], Image]]:
    """Open with FFmpeg's own V4L2 input."""
    with av.open(path, format="v4l2") as media:
        pictures = media.decode(video=0)

        def read() -> Image:
            return next(pictures).to_ndarray(format="rgb24")

        yield read


def v4l2_ctl(path: str, size_wh: tuple[int, int], count: int, folder: Path) -> list[Image]:
    """Fetch pictures with `v4l2-ctl`, in the driver's own format (I420)."""
    tool = shutil.which("v4l2-ctl")
    assert tool is not None
    file = folder / "pictures.yuv"
    subprocess.run(
        [tool, "-d", path, "--stream-mmap", f"--stream-count={count}", f"--stream-to={file}"],
        check=True,
        capture_output=True,
        timeout=60,
    )
    width, height = size_wh
    raw = np.frombuffer(file.read_bytes(), np.uint8).reshape(-1, height * 3 // 2, width)
    return [np.asarray(cv2.cvtColor(one, cv2.COLOR_YUV2RGB_I420), np.uint8) for one in raw]


def watch_until(wanted: Callable[[Image], bool], read: Callable[[], Image], what: str) -> None:
    """Read until a picture is as wanted; no piece of a raw frame in any on the way."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not wanted(picture := read()):
        assert not shows_room(picture)
        assert time.monotonic() < deadline_s, what


def unbroken(
    wanted: Callable[[Image], bool],
    read: Callable[[], Image],
    count: int,
    cause: Callable[[], object],
) -> bool:
    """Whether in one of several looks `count` pictures after a cause are as wanted, all of them.

    The emulated computer stands still while the host's other programs run, and a placeholder
    then comes rightly; what the cause itself does is seen in every look. Never a raw frame.
    """
    for _ in range(UNBROKEN_LOOKS):
        watch_until(wanted, read, "no picture as wanted before the cause")
        cause()
        pictures = [read() for _ in range(count)]
        assert not any(map(shows_room, pictures))
        if all(map(wanted, pictures)):
            return True
    return False


def closest_rate(read: Callable[[], object], wanted: float) -> float:
    """Return how many pictures a second come, of several looks the one closest to `wanted`.

    The emulated computer shares its processor with the host's other programs, and stands still
    while they run; a rate that is wrong is wrong in every look.
    """
    closest = 0.0
    for _ in range(RATE_LOOKS):
        read()
        begin_s, count = time.monotonic(), 0
        while time.monotonic() - begin_s < RATE_LOOK_S:
            read()
            count += 1
        rate = count / (time.monotonic() - begin_s)
        if abs(rate - wanted) < abs(closest - wanted):
            closest = rate
        if abs(closest - wanted) <= 0.05 * wanted:
            break
    return closest


def watch(path: str, going: Connection, result: Connection) -> None:
    """Another process's work: watch until asked to go; sends the pictures seen, and longest gap."""
    with opencv(path) as read:
        seen, longest_s = [read()], 0.0
        result.send("watching")
        last_s = time.monotonic()
        while not going.poll():
            seen.append(read())
            now_s = time.monotonic()
            longest_s, last_s = max(longest_s, now_s - last_s), now_s
        result.send((seen, longest_s))
