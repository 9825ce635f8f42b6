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

from tests.device.scene import Image

READ_TRIES = 4


@contextmanager
def opencv(path: str) -> Iterator[Callable[[], Image]]:
    """Open with OpenCV; gives a function that returns the next picture, RGB."""
    capture = cv2.VideoCapture(path, cv2.CAP_V4L2)
    try:
        assert capture.isOpened(), f"OpenCV cannot open {path}"

        def read() -> Image:
            # OpenCV gives up after some seconds without a picture, which the guest may need.
            for _ in range(READ_TRIES):
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


def watch(path: str, duration_s: float, result: Connection) -> None:
    """Another process's work: watch for a while; sends (count, pictures seen, seconds)."""
    with opencv(path) as read:
        seen = [read()]
        begin_s = time.monotonic()
        while time.monotonic() - begin_s < duration_s:
            seen.append(read())
        result.send((len(seen) - 1, seen[:: max(1, len(seen) // 5)], time.monotonic() - begin_s))
