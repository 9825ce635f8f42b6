"""A virtual camera that cannot be had: every refusal says why, in one line, and what to do."""

import os
import re
import subprocess
import time
from fractions import Fraction
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

import numpy as np
import pytest

from tests.device.clients import opencv
from tests.device.processes import FORKS, NOBODY, ready, started
from tests.device.scene import REPLACEMENT, SIZE_WH, near
from tests.device.v4l2 import keep_format, opened, set_output_format
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.devices.v4l2loopback import offer_again
from u2cam.stream.settings import VirtualCameraSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink

SPARE = "/dev/video20"
OTHER_SIZE_WH = (640, 480)
FORMAT = PictureFormat(SIZE_WH, Fraction(15), Fraction(1, 90_000))


def refusal(device: str) -> str:
    """What the sink says when it is refused."""
    sink = VirtualCameraSink(VirtualCameraSettings(device=device))
    with pytest.raises(SinkError) as caught:
        sink.open(FORMAT)
    said = str(caught.value)
    assert "\n" not in said
    return said


def test_missing_device_names_those_that_are_there() -> None:
    said = refusal("/dev/video7")
    assert "/dev/video7 does not exist" in said and "/dev/video10" in said


def test_wrong_type_of_device_is_told(usb_camera: str) -> None:
    for device in ("/dev/null", usb_camera):
        assert f"{device} is no v4l2loopback device" in refusal(device)


def test_busy_device_names_its_holder(program: str) -> None:
    said = refusal(program)
    assert "busy" in said and "process" in said


def test_no_permission_is_told_with_the_group() -> None:
    os.chmod(SPARE, 0o600)
    receiving, sending = FORKS.Pipe(duplex=False)
    with started(_open_as_nobody, sending):
        assert receiving.poll(60)
        said = receiving.recv()
    assert "no permission" in said and "usermod -aG video" in said


def _open_as_nobody(result: Connection) -> None:
    os.setgroups([])
    os.setuid(NOBODY)
    _send_refusal(result)


def _send_refusal(result: Connection) -> None:
    try:
        VirtualCameraSink(VirtualCameraSettings(device=SPARE)).open(FORMAT)
    except Exception as error:
        result.send(f"{type(error).__name__}: {error}")
    else:
        result.send("opened")


def test_a_format_set_to_stay_by_somebody_else_is_told_with_a_way_out_that_works() -> None:
    with opened(SPARE) as fd:
        # As `v4l2loopback-ctl set-caps` does.
        keep_format(fd, True)
        set_output_format(fd, OTHER_SIZE_WH, "YUYV")
        os.write(fd, bytes(OTHER_SIZE_WH[0] * OTHER_SIZE_WH[1] * 2))
    try:
        way_out = re.search(r"v4l2-ctl -d \S+ -c keep_format=0", refusal(SPARE))
        assert way_out is not None
        subprocess.run(way_out[0].split(), check=True, timeout=30)
        assert is_shown_right()
    finally:
        with opened(SPARE) as fd:
            keep_format(fd, False)


def test_a_format_that_a_client_holds_is_told_and_gone_with_the_client() -> None:
    with ready(_hold, SPARE):
        # A program wrote pictures of another size and went; the viewer stays.
        with opened(SPARE) as fd:
            set_output_format(fd, OTHER_SIZE_WH, "YUYV")
            os.write(fd, bytes(OTHER_SIZE_WH[0] * OTHER_SIZE_WH[1] * 2))
        assert "close the programs that use it" in refusal(SPARE)
        offer_again(SPARE)
        said = refusal(SPARE)
        assert "Invalid argument" in said and "close the programs that use it" in said, said
    assert is_shown_right()


def _hold(path: str, ready: Event) -> None:
    with opened(path):
        ready.set()
        time.sleep(120)


def is_shown_right() -> bool:
    """Whether the spare device can be written to and shows what was written."""
    picture = np.empty((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    picture[:] = REPLACEMENT
    sink = VirtualCameraSink(VirtualCameraSettings(device=SPARE))
    sink.open(FORMAT)
    try:
        sink.write(Picture(picture, 0, FORMAT.time_base, 0.0))
        with opencv(SPARE) as read:
            sink.write(Picture(picture, 1, FORMAT.time_base, 0.0))
            seen = read()
    finally:
        sink.close(failed=False)
    return seen.shape[:2] == SIZE_WH[::-1] and near(seen, REPLACEMENT)
