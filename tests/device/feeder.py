"""A process that is the camera: writes one picture again and again to a loopback device."""

import os
import time
from multiprocessing.synchronize import Event

import cv2
import numpy as np

from tests.device.scene import RATE, SIZE_WH, Image, scene
from tests.device.v4l2 import set_output_format, set_rate
from u2cam.stream.devices.v4l2loopback import offer_again


def feed(
    path: str,
    ready: Event,
    *,
    size_wh: tuple[int, int] = SIZE_WH,
    fps: int = RATE,
    fourcc: str = "YUYV",
) -> None:
    """Write until killed."""
    payload = encoded(scene(size_wh), fourcc)
    # A real camera needs no such help: the device may be left over from a feeder that was killed.
    offer_again(path)
    fd = os.open(path, os.O_RDWR)
    got = set_output_format(fd, size_wh, fourcc)
    assert got == (*size_wh, fourcc), got
    set_rate(fd, fps)
    due_s = time.monotonic()
    while True:
        os.write(fd, payload)
        ready.set()
        due_s = max(due_s + 1 / fps, time.monotonic() - 1 / fps)
        time.sleep(max(0.0, due_s - time.monotonic()))


def encoded(image: Image, fourcc: str) -> bytes:
    """Return the picture as a camera would send it."""
    if fourcc == "MJPG":
        done, jpeg = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])
        assert done
        return bytes(jpeg)
    assert fourcc == "YUYV"
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2YUV_YUYV)).tobytes()
