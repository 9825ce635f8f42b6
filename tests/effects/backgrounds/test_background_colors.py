"""A file shows the same colours as background and as input."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import Clip
from tests.reading import read_clip
from u2cam.effects.backgrounds.base import Replacement
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.settings import BackgroundSettings

COLORS = ([184, 22, 40], [40, 200, 40], [50, 60, 190], [128, 128, 128])


def stripes(size_wh: tuple[int, int]) -> np.ndarray:
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    for number, color in enumerate(COLORS):
        image[:, number * size_wh[0] // 4 : (number + 1) * size_wh[0] // 4] = color
    return image


@pytest.mark.parametrize("color", [None, (1, 1, 1, 1), (2, 1, 1, 1), (1, 6, 6, 6), (2, 5, 5, 6)])
@pytest.mark.parametrize("size_wh", [(64, 48), (720, 576), (1280, 16)])
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le"])
def test_tagged_and_untagged_clips(
    tmp_path: Path,
    color: tuple[int, int, int, int] | None,
    size_wh: tuple[int, int],
    pixel_format: str,
) -> None:
    path = Clip(
        size_wh=size_wh,
        frames=1,
        color=color,
        pixel_format=pixel_format,
        draw=lambda _number: stripes(size_wh),
    ).write(tmp_path / "a.mp4")
    as_input = read_clip(path)[0].image
    assert np.array_equal(VideoBackground(path).picture(size_wh, 0.0), as_input)
    half = (size_wh[0] // 2, size_wh[1] // 2)
    shrunk = VideoBackground(path).picture(half, 0.0).astype(int)
    middles = slice(half[0] // 8, None, half[0] // 4)
    there = as_input[size_wh[1] // 2, size_wh[0] // 8 :: size_wh[0] // 4]
    apart = shrunk[half[1] // 2, middles] - there
    assert np.abs(apart).max() <= 2


def test_pixels_that_are_not_square_are_shown_as_players_do(tmp_path: Path) -> None:
    def circle_in_wide_pixels(_number: int) -> np.ndarray:
        y, x = np.mgrid[0:96, 0:64].astype(float)
        inside = ((x - 31.5) * 2) ** 2 + (y - 47.5) ** 2 < 40**2
        return np.where(inside[..., None], 220, 30).astype(np.uint8).repeat(3, 2)

    path = Clip(size_wh=(64, 96), frames=1, aspect=Fraction(2), draw=circle_in_wide_pixels).write(
        tmp_path / "a.mp4"
    )
    shown = VideoBackground(path, "contain").picture((128, 96), 0.0)[..., 0] > 120
    assert abs(np.ptp(np.flatnonzero(shown.any(0))) - np.ptp(np.flatnonzero(shown.any(1)))) <= 2


@pytest.mark.parametrize("pixel_format", ["bgra", "yuva420p", "yuva444p10le"])
def test_clear_parts_of_a_clip_show_the_colour_of_their_setting(
    tmp_path: Path, pixel_format: str
) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("ffv1", rate=25)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 36, pixel_format
        image = np.full((36, 64, 4), (200, 40, 60, 255), np.uint8)
        image[:, 32:, 3] = 0
        frame = av.VideoFrame.from_ndarray(image, format="rgba")
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    background = parse_background(str(path), BackgroundSettings(transparent="#0047bb"))
    assert isinstance(background, Replacement)
    shown = background.picture((64, 36), 0.0).astype(int)
    assert np.abs(shown[18, 60] - [0, 71, 187]).max() <= 1
    assert np.abs(shown[18, 4] - [200, 40, 60]).max() <= 6


def test_the_untagged_clip_of_the_cases(shared_dir: Path) -> None:
    path = shared_dir / "cases" / "untag709.mp4"
    as_input = read_clip(path, max_frames=1)[0].image
    shown = VideoBackground(path).picture((1280, 720), 0.0)
    assert np.array_equal(shown, as_input)
    assert np.abs(shown[360, 200].astype(int) - [199, 39, 40]).max() <= 1
