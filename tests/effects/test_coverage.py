"""Where a frame has no picture the background shows, whatever the network says; CPU and GPU."""

import numpy as np
import pytest
import torch

from u2cam.core.frame import Frame, single_frame
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer

SIZE_WH = (96, 64)
LEFT = 24
"""Columns before this are a bar."""
SCENE = (40, 150, 90)


def frame_with_bar(time_s: float = 0.0) -> Frame:
    image = np.full((SIZE_WH[1], SIZE_WH[0], 3), SCENE, np.uint8)
    image[:, :LEFT] = 0
    coverage = np.full(SIZE_WH[::-1], 255, np.uint8)
    coverage[:, :LEFT] = 0
    return single_frame(image, time_s, coverage=coverage)


def gpu_picture(renderer: GpuRenderer, frame: Frame, matte: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        room = np.zeros(renderer.packet(SIZE_WH).bytes, np.uint8)
        written = renderer.write(frame, room)
        packet = torch.from_numpy(room[: written.bytes])
        picture = renderer.compose(packet, written, torch.from_numpy(matte)).numpy().copy()
    return picture.reshape(written.shape)


def pictures(
    where: str, presentation: Presentation, frames: list[Frame], matte: np.ndarray, raw: bool
) -> list[np.ndarray]:
    if where == "cpu":
        host = CpuRenderer(presentation, raw_matte=raw)
        return [host.render(frame, matte) for frame in frames]
    gpu = GpuRenderer(torch.device("cpu"), presentation, raw_matte=raw)
    return [gpu_picture(gpu, frame, matte) for frame in frames]


def rendered(where: str, background: str, view: str, alpha: float, raw: bool = False) -> np.ndarray:
    matte = np.full((32, 48), alpha, np.float32)
    frames = [frame_with_bar(number / 30) for number in range(3)]
    return pictures(where, Presentation(background, view), frames, matte, raw)[-1]


WHERE = pytest.mark.parametrize("where", ["cpu", "gpu"])
RAW = pytest.mark.parametrize("raw", [False, True])


@WHERE
@RAW
@pytest.mark.parametrize("view", ["cutout", "matte"])
def test_alpha_is_zero_in_a_bar_though_the_network_sees_a_person(
    where: str, view: str, raw: bool
) -> None:
    picture = rendered(where, "blur", view, 1.0, raw)
    alpha = picture[..., 3] if view == "cutout" else picture
    assert not alpha[:, :LEFT].any()
    assert (alpha[:, LEFT + 2 :] == 255).all()


@WHERE
def test_a_replacement_shows_in_a_bar(where: str) -> None:
    picture = rendered(where, "#c80a14", "composite", 1.0)
    assert (picture[:, :LEFT] == (200, 10, 20)).all()
    assert np.abs(picture[:, LEFT + 2 :].astype(int) - SCENE).max() <= 2


@WHERE
@pytest.mark.parametrize("background", ["blur", "pixelate"])
def test_a_blurred_scene_fills_a_bar_and_has_no_black_of_it(where: str, background: str) -> None:
    for alpha in (0.0, 1.0):
        picture = rendered(where, background, "composite", alpha).astype(int)
        if alpha == 0:
            assert np.abs(picture - SCENE).max() <= 3
        assert np.abs(picture[:, LEFT + 2 :] - SCENE).max() <= 3


@WHERE
@pytest.mark.parametrize("background", ["none", "desaturate"])
def test_a_background_that_is_the_frame_itself_stays_black_in_a_bar(
    where: str, background: str
) -> None:
    assert not rendered(where, background, "composite", 1.0)[:, :LEFT].any()


@WHERE
def test_a_soft_part_of_the_input_is_as_soft_in_the_output(where: str) -> None:
    frame = frame_with_bar()
    assert frame.coverage is not None
    frame.coverage[:, 60:] = 100
    matte = np.ones((32, 48), np.float32)
    alpha = pictures(where, Presentation("blur", "matte"), [frame], matte, False)[0]
    assert (alpha[:, 60:] == 100).all()


@WHERE
def test_frames_with_and_without_bars_may_follow_each_other(where: str) -> None:
    bars, whole = frame_with_bar(0.0), single_frame(frame_with_bar().image, 1 / 30)
    matte = np.ones((32, 48), np.float32)
    made = pictures(where, Presentation("#c80a14"), [bars, whole, bars], matte, False)
    shown = [picture[5, 5].tolist() for picture in made]
    assert shown == [[200, 10, 20], [0, 0, 0], [200, 10, 20]]


def test_a_coverage_of_another_size_is_refused_in_one_line() -> None:
    image = np.zeros((8, 9, 3), np.uint8)
    wrong = single_frame(image, coverage=np.zeros((9, 8), np.uint8))
    with pytest.raises(ValueError, match=r"coverage is \(8, 9\) uint8, got \(9, 8\)"):
        CpuRenderer(Presentation("red")).render(wrong, np.ones((4, 4), np.float32))
