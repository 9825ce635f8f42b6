"""A camera of the kernel, captured by index and path, in its formats, sizes and rates."""

import numpy as np
import pytest

from stream.cameras import holders, list_cameras, list_devices
from stream.settings import CaptureSettings
from stream.source import SourceError
from stream.source_camera import CameraSource
from tests.device.feeder import feed
from tests.device.processes import ready
from tests.device.scene import SIZE_WH, scene

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
    size_wh, fps = (640, 360), 10
    with (
        ready(_feed, CAMERA, size_wh=size_wh, fps=fps, fourcc=fourcc),
        CameraSource(0, CaptureSettings(width=640, height=360, fps=fps)) as source,
    ):
        [listed] = [one for one in list_cameras() if one.index == 0]
        assert any(one.startswith(fourcc) for one in listed.formats), listed
        frames = [source.read() for _ in range(12)]
        info = source.info
    assert info.size_wh == size_wh
    assert abs(float(info.rate) - fps) < 0.05 * fps
    assert np.abs(frames[-1].image[310:320, 315:325].astype(int) - (200, 40, 40)).max() <= 6
    got_fps = 10 / (frames[-1].captured_at_s - frames[1].captured_at_s)
    assert abs(got_fps - fps) < 0.2 * fps


def _feed(path: str, event: object, **how: object) -> None:
    feed(path, event, **how)  # type: ignore[arg-type]


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


def test_a_camera_that_is_not_there_is_an_error_that_names_those_that_are(camera: str) -> None:
    with (
        pytest.raises(SourceError, match=r"camera 5: not there.*0 \(Test_Camera\)"),
        CameraSource(5, ASKED),
    ):
        pass
