"""The built-in source."""

from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest

from u2cam.stream.sources.demo import ASSETS, DemoSource


def frames_of(source: DemoSource, count: int) -> list[np.ndarray]:
    with source:
        return [source.read().image for _ in range(count)]


def test_is_8_seconds_of_720p_at_30_with_sound_as_long() -> None:
    info = DemoSource().info
    assert (info.size_wh, info.rate, info.frames) == ((1280, 720), 30, 240)
    with av.open(str(info.media)) as media:
        assert [stream.type for stream in media.streams] == ["audio"]
        assert media.duration / av.time_base == pytest.approx(info.duration_s, abs=0.05)


def test_its_sound_can_be_heard_and_is_not_clipped() -> None:
    with av.open(str(DemoSource().info.media)) as media:
        samples = np.concatenate([f.to_ndarray()[0] for f in media.decode(audio=0)])
    assert 0.05 < np.sqrt(np.mean(samples**2)) < 0.4
    assert np.abs(samples).max() < 1


def test_gives_the_same_pixels_on_every_run() -> None:
    first = frames_of(DemoSource((160, 90)), 10)
    second = frames_of(DemoSource((160, 90)), 10)
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_moves_smoothly_and_never_stands_still() -> None:
    images = [image.astype(np.float32) for image in frames_of(DemoSource((320, 180)), 60)]
    steps = [np.abs(b - a).mean() for a, b in pairwise(images)]
    assert min(steps) > 0.5
    assert max(steps) < 12
    assert np.abs(images[59] - images[0]).mean() > 2 * np.median(steps)


def test_has_the_noise_of_a_sensor() -> None:
    image = frames_of(DemoSource((1280, 720)), 1)[0].astype(np.float32)
    wall = image[20:80, 300:340, 1]
    grain = wall - (np.roll(wall, 1, 0) + np.roll(wall, -1, 0)) / 2
    assert 1 < grain[1:-1].std() / np.sqrt(1.5) < 4


@pytest.mark.parametrize("size_wh", [(1, 1), (33, 19), (360, 640), (200, 200), (16, 1)])
def test_fills_any_size(size_wh: tuple[int, int]) -> None:
    image = frames_of(DemoSource(size_wh, Fraction(15)), 2)[1]
    assert image.shape == (size_wh[1], size_wh[0], 3)
    assert image.mean() > 20


def test_its_assets_are_small_and_credited() -> None:
    assert sum(file.stat().st_size for file in ASSETS.iterdir()) < 600_000
    credits = (ASSETS / "CREDITS.md").read_text(encoding="utf-8")
    for file in ASSETS.iterdir():
        assert file.name == "CREDITS.md" or f"`{file.name}`" in credits
