"""A camera of the kernel, captured by index and path, in its formats, sizes and rates."""

import os
import re
from multiprocessing.connection import Connection

import numpy as np
import pytest

from tests.device.clients import closest_rate, opencv
from tests.device.feeder import feed
from tests.device.processes import FORKS, NOBODY, ready, started
from tests.device.scene import SIZE_WH, scene
from u2cam.core.errors import SourceError
from u2cam.stream.devices.cameras import holders, list_cameras, list_devices
from u2cam.stream.settings import CaptureSettings
from u2cam.stream.sources.camera import CameraSource

CAMERA = "/dev/video0"
ASKED = CaptureSettings(width=SIZE_WH[0], height=SIZE_WH[1])


@pytest.mark.parametrize("device", [0, CAMERA])
def test_a_camera_is_captured_by_index_and_by_path(device: int | str, camera: str) -> None:
    with CameraSource(device, ASKED) as source:
        frames = [source.read() for _ in range(10)]
        assert source.info.live and source.info.size_wh == SIZE_WH
        assert "Test_Camera" in source.info.name
    assert np.abs(frames[-1].image.astype(int) - scene()).mean() < 6  # 4:2:2 at the checks' edges
    assert np.abs(frames[-1].image[150:160, 155:165].astype(int) - (200, 40, 40)).max() <= 4
    times = [frame.time_s for frame in frames]
    assert times == sorted(times) and len(set(times)) == len(times)


@pytest.mark.parametrize("fourcc", ["YUYV", "MJPG"])
def test_both_formats_of_webcams_give_the_same_picture(fourcc: str) -> None:
    size_wh, fps = (384, 216), 8
    with (
        ready(feed, CAMERA, size_wh=size_wh, fps=fps, fourcc=fourcc),
        CameraSource(0, CaptureSettings(width=384, height=216, fps=fps)) as source,
    ):
        [listed] = [one for one in list_cameras() if one.index == 0]
        assert any(one.startswith(fourcc) for one in listed.formats), listed
        frames = [source.read() for _ in range(3)]
        info = source.info
        rate = closest_rate(source.read, fps)
    assert info.size_wh == size_wh
    assert abs(float(info.rate) - fps) < 0.05 * fps
    assert np.abs(frames[-1].image[185:195, 187:197].astype(int) - (200, 40, 40)).max() <= 6
    assert abs(rate - fps) <= 0.05 * fps, rate


def test_a_size_that_is_not_offered_is_told_and_not_made_up(
    camera: str, caplog: pytest.LogCaptureFixture
) -> None:
    with CameraSource(0, CaptureSettings(width=1920, height=1080)) as source:
        assert source.read().size_wh == SIZE_WH == source.info.size_wh
    assert "asked 1920x1080" in caplog.text and "got 320x180" in caplog.text


def test_a_camera_is_listed_with_name_format_and_holder(camera: str) -> None:
    [listed] = [one for one in list_cameras() if one.index == 0]
    assert listed.name == "Test_Camera" and listed.path == CAMERA and listed.is_loopback
    assert any("YUYV" in one and "320x180" in one for one in listed.formats), listed
    assert len(holders(CAMERA)) == 1
    assert {device.index for device in list_devices()} == {0, 10, 20}


def test_size_and_rate_are_negotiated(usb_camera: str, caplog: pytest.LogCaptureFixture) -> None:
    with CameraSource(usb_camera, CaptureSettings(width=320, height=180, fps=10)) as source:
        assert source.info.size_wh == (320, 180) == source.read().size_wh
        assert source.info.rate == 10
        rate = closest_rate(source.read, 10)
    assert abs(rate - 10) <= 0.5, rate
    assert "asked" not in caplog.text


def test_a_rate_and_a_format_that_are_not_offered_are_told(
    usb_camera: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Its largest sizes come at few pictures a second, and none of them as JPEG.
    asked = CaptureSettings(width=1280, height=720, fps=30, fourcc="MJPG")
    with CameraSource(usb_camera, asked) as source:
        assert source.read().size_wh == (1280, 720)
        assert source.info.rate < 30
    assert re.search(r"asked 30 fps MJPG, got [\d.]+ fps \w+;", caplog.text), caplog.text


def test_a_camera_that_another_program_reads_names_it(usb_camera: str) -> None:
    with opencv(usb_camera) as read:
        read()
        receiving, sending = FORKS.Pipe(duplex=False)
        with started(_send_refusal, sending, usb_camera):
            assert receiving.poll(60)
            assert re.search(rf"is held by .*process {os.getpid()}\)", receiving.recv())


def test_a_camera_without_permission_is_told_with_the_group(usb_camera: str) -> None:
    os.chmod(usb_camera, 0o600)
    receiving, sending = FORKS.Pipe(duplex=False)
    with started(_refuse_nobody, sending, usb_camera):
        assert receiving.poll(60)
        said = receiving.recv()
    assert "no permission" in said and "usermod -aG video" in said


def _refuse_nobody(result: Connection, path: str) -> None:
    os.setgroups([])
    os.setuid(NOBODY)
    _send_refusal(result, path)


def _send_refusal(result: Connection, path: str) -> None:
    try:
        with CameraSource(path, ASKED):
            result.send("opened")
    except SourceError as error:
        result.send(str(error))


def test_a_camera_that_is_not_there_is_an_error_that_names_those_that_are(camera: str) -> None:
    with (
        pytest.raises(SourceError, match=r"camera 5: not there.*0 \(Test_Camera\)"),
        CameraSource(5, ASKED),
    ):
        pass
