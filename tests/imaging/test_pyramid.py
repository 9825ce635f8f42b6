import numpy as np
import pytest

from u2cam.imaging.pyramid import Pyramid, halves, shrink


def image(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize(
    ("size_wh", "sizes_wh"),
    [
        ((1280, 720), [(640, 360), (320, 180)]),
        ((720, 1280), [(360, 640), (180, 320)]),
        ((1921, 1081), [(960, 540), (480, 270)]),
        ((639, 639), []),
        ((2000, 1), []),
        ((1, 1), []),
    ],
)
def test_an_image_is_halved_down_to_the_grid_and_no_further(
    size_wh: tuple[int, int], sizes_wh: list[tuple[int, int]]
) -> None:
    assert [(level.shape[1], level.shape[0]) for level in halves(image(*size_wh))] == sizes_wh


def test_each_pixel_of_a_half_is_the_mean_of_four() -> None:
    whole = image(8, 6)
    (half,) = halves(whole, 4)
    means = whole.reshape(3, 2, 4, 2, 3).mean(axis=(1, 3))
    assert half.dtype == np.uint8
    assert np.abs(half - means).max() <= 0.5


def test_of_an_odd_side_nothing_is_cut_off() -> None:
    ramp = np.repeat(np.arange(9, dtype=np.uint8)[None, :, None] * 20, 3, axis=2)
    (half,) = halves(np.repeat(ramp, 2, axis=0), 4)
    # Middles of four equal parts of nine pixels: 0.625, 2.875, 5.125 and 7.375.
    assert half[0, :, 0] == pytest.approx([12.5, 57.5, 102.5, 147.5], abs=1)


def test_the_least_long_side_may_be_chosen() -> None:
    assert [level.shape[1] for level in halves(image(64, 36), 8)] == [32, 16, 8]


@pytest.mark.parametrize("size_wh", [(1280, 720), (500, 300), (320, 180), (96, 54), (7, 5)])
def test_a_pyramid_gives_what_shrinking_gives_and_makes_no_half_twice(
    size_wh: tuple[int, int],
) -> None:
    whole = image(1280, 720)
    given, made = Pyramid(whole, halves(whole)), Pyramid(whole)
    wanted = shrink(whole, size_wh)
    for pyramid in (given, made, made):
        np.testing.assert_array_equal(pyramid.at(size_wh), wanted)
    assert made.at((320, 180)) is made.at((320, 180))
