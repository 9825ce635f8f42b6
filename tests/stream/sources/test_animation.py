"""Animated pictures as a source."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.color_science import CHART, delta_e
from tests.media import read_number, scene
from tests.pictures import animation, icc_profile, in_profile
from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.effects.backgrounds.base import Replacement
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.settings import BackgroundSettings
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.pictures import picture_source

SIZE_WH = (64, 48)
DURATIONS_MS = [40, 200, 70, 100]


def scenes(count: int = 4) -> list[np.ndarray]:
    return [scene(number, SIZE_WH) for number in range(count)]


def read_all(source: AnimationSource) -> list[Frame]:
    frames = []
    with source:
        while True:
            try:
                frames.append(source.read())
            except EndOfStream:
                return frames


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
@pytest.mark.parametrize("name", ["a.webp", "a.png", "a.jpg", "a"])
def test_all_frames_come_with_their_times_whatever_the_name(
    tmp_path: Path, kind: str, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(animation(scenes(), DURATIONS_MS, kind))
    source = picture_source(str(path), fps=None, limits=LimitsSettings())
    assert isinstance(source, AnimationSource)
    frames = read_all(source)
    assert [read_number(frame.image) for frame in frames] == [0, 1, 2, 3]
    assert all(np.array_equal(f.image, scene(n, SIZE_WH)) for n, f in enumerate(frames))
    assert [frame.time_s for frame in frames] == [0, 0.04, 0.24, 0.31]
    assert source.info.duration_s == 0.41
    assert source.info.frames == 4
    assert source.info.rate == Fraction(4000, 410)


def test_a_picture_for_those_who_know_no_animations_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    first, *rest = scenes()
    path.write_bytes(animation([first, *rest], [50, 50, 50], "PNG", default_image=True))
    frames = read_all(AnimationSource(path))
    assert [read_number(frame.image) for frame in frames] == [1, 2, 3]
    assert [frame.pts for frame in frames] == [0, 50, 100]


def test_frames_of_no_length_show_for_as_long_as_in_browsers(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(animation(scenes(3), [0, 10, 11], "WEBP"))
    assert [frame.pts for frame in read_all(AnimationSource(path))] == [0, 100, 200]


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_clear_parts_show_black_and_not_the_frame_before(tmp_path: Path, kind: str) -> None:
    clear = np.zeros((48, 64, 4), np.uint8)
    clear[..., 1] = 255
    clear[:, :32, 3] = 255
    opaque = np.full((48, 64, 4), 255, np.uint8)
    how = {"disposal": 1, "blend": 0} if kind == "PNG" else {}
    path = tmp_path / "a"
    path.write_bytes(animation([opaque, clear], [50, 50], kind, **how))
    shown = read_all(AnimationSource(path))[1].image
    assert shown[20, 10].tolist() == [0, 255, 0]
    assert shown[20, 50].tolist() == [0, 0, 0]


def test_profiles_are_converted(tmp_path: Path) -> None:
    colors = np.repeat(in_profile(CHART, "smpte432"), 16, axis=0)[None].repeat(16, 0)
    path = tmp_path / "a.webp"
    data = animation(
        [colors, colors[:, ::-1]], [50, 50], "WEBP", icc_profile=icc_profile("smpte432")
    )
    path.write_bytes(data)
    source = AnimationSource(path)
    assert delta_e(read_all(source)[0].image[8, 8::16], CHART).max() < 3
    assert source.info.icc == icc_profile("smpte432")


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "GIF", "AVIF"])
def test_as_background_it_plays_by_the_clock_whatever_its_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.jpg"
    frames = [np.full((48, 64, 3), level, np.uint8) for level in (0, 255)]
    path.write_bytes(animation(frames, [200, 200], kind))
    background = parse_background(str(path), BackgroundSettings())
    assert isinstance(background, Replacement)
    seen = [background.picture(SIZE_WH, t).mean() > 128 for t in (0.05, 0.25, 0.45)]
    assert seen == [False, True, False]


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "GIF"])
def test_its_clear_parts_show_the_colour_of_their_setting(tmp_path: Path, kind: str) -> None:
    frames = [np.full((48, 64, 4), (9, 99, 9, 0), np.uint8) for _ in range(2)]
    frames[0][:, :32] = frames[1][:, 32:] = (255, 0, 0, 255)
    path = tmp_path / "a"
    path.write_bytes(animation(frames, [200, 200], kind, disposal=2 if kind != "WEBP" else 0))
    background = parse_background(str(path), BackgroundSettings(transparent="#0047bb"))
    assert isinstance(background, Replacement)
    assert background.picture(SIZE_WH, 0.0)[20, 50].tolist() == [0, 71, 187]
    assert background.picture(SIZE_WH, 0.0)[20, 10].tolist() == [255, 0, 0]


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.6, 0.95])
def test_what_is_cut_off_is_one_line_or_the_frames_that_are_there(
    tmp_path: Path, kind: str, share: float
) -> None:
    data = animation(scenes(), DURATIONS_MS, kind)
    path = tmp_path / "a"
    path.write_bytes(data[: int(len(data) * share)])
    try:
        frames = read_all(AnimationSource(path))
    except SourceError as error:
        assert "\n" not in str(error)
    else:
        assert [read_number(frame.image) for frame in frames] == list(range(len(frames)))


def test_too_large_and_too_long_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.webp"
    path.write_bytes(animation(scenes(), [10_000_000] * 4, "WEBP"))
    with pytest.raises(SourceError, match="max_width"):
        AnimationSource(path, limits=LimitsSettings(max_width=50)).__enter__()
    with pytest.raises(SourceError, match="max_hours"):
        AnimationSource(path, limits=LimitsSettings(max_hours=1)).__enter__()


def test_the_animation_of_the_cases(shared_dir: Path) -> None:
    source = AnimationSource(shared_dir / "cases" / "anim.webp")
    frames = read_all(source)
    assert len(frames) == source.info.frames == 6
    assert len({frame.image.tobytes() for frame in frames}) == 6
