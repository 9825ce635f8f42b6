"""A virtual camera that cannot be had: every refusal says why, in one line, and what to do."""

import os
from collections.abc import Callable
from fractions import Fraction
from multiprocessing.connection import Connection

import numpy as np
import pytest

from stream.frame import Picture
from stream.settings import VirtualCameraSettings
from stream.sink import PictureFormat, SinkError
from stream.sink_virtual import VirtualCameraSink
from tests.device.clients import opencv
from tests.device.processes import FORKS, started
from tests.device.scene import REPLACEMENT, SIZE_WH, near
from tests.device.v4l2 import keep_format, opened, set_output_format

SPARE = "/dev/video20"
FORMAT = PictureFormat(SIZE_WH, Fraction(15), Fraction(1, 90_000))
NOBODY = 65534


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


def test_wrong_type_of_device_is_told() -> None:
    assert "/dev/null is no v4l2loopback device" in refusal("/dev/null")


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


@pytest.fixture
def foreign_caps() -> Callable[[tuple[int, int], str], None]:
    """Give the spare device a format that it keeps, as `v4l2loopback-ctl set-caps` does."""

    def give(size_wh: tuple[int, int], fourcc: str) -> None:
        with opened(SPARE) as fd:
            keep_format(fd, True)
            set_output_format(fd, size_wh, fourcc)
            os.write(fd, bytes(size_wh[0] * size_wh[1] * 2))

    return give


def test_caps_set_by_somebody_else_are_told_or_overcome_never_shown_wrong(
    foreign_caps: Callable[[tuple[int, int], str], None],
) -> None:
    foreign_caps((640, 480), "YUYV")
    try:
        sink = VirtualCameraSink(VirtualCameraSettings(device=SPARE))
        picture = np.empty((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
        picture[:] = REPLACEMENT
        try:
            sink.open(FORMAT)
        except SinkError as error:
            assert "v4l2loopback-ctl" in str(error) and "busy" not in str(error), error
            return
        for number in range(3):
            sink.write(Picture(picture, number, FORMAT.time_base, 0.0))
        with opencv(SPARE) as read:
            sink.write(Picture(picture, 4, FORMAT.time_base, 0.0))
            seen = read()
        sink.close(failed=False)
        assert seen.shape[:2] == SIZE_WH[::-1] and near(seen, REPLACEMENT)
    finally:
        with opened(SPARE) as fd:
            keep_format(fd, False)
