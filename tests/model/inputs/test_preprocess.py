import cv2
import numpy as np
import pytest

from u2cam.imaging.pyramid import halve_towards
from u2cam.model.inputs.preprocess import (
    fit_input,
    normalise,
    resize_input,
    shaped_input,
    stretch,
)
from u2cam.model.networks import u2net_live
from u2cam.model.registry import ModelSpec, find_spec

RGB_MEAN, RGB_STD = np.array((u2net_live.RGB_MEAN, u2net_live.RGB_STD))
LIVE, OFFICIAL = find_spec("u2net_live"), find_spec("u2netp")


def test_video_is_scaled_by_255_whatever_the_brightest_pixel() -> None:
    picture = np.full((4, 6, 3), 51, np.uint8)
    got = normalise(picture, still=False)
    np.testing.assert_allclose(got[0, 0, 0], (0.2 - RGB_MEAN) / RGB_STD, rtol=1e-5)
    assert got.shape == (1, 4, 6, 3) and got.dtype == np.float32 and got.flags.c_contiguous


def test_a_still_is_scaled_by_its_own_maximum() -> None:
    picture = np.full((4, 6, 3), 51, np.uint8)
    got = normalise(picture, still=True)
    np.testing.assert_allclose(got[0, 0, 0], (1 - RGB_MEAN) / RGB_STD, rtol=1e-5)


def test_a_black_still_stays_finite() -> None:
    assert np.isfinite(normalise(np.zeros((4, 4, 3), np.uint8), still=True)).all()


def test_stretching_reaches_the_full_range() -> None:
    matte = np.array([[0.2, 0.3], [0.4, 0.6]], np.float32)
    got = stretch(matte)
    assert got.min() == 0 and got.max() == 1


def test_a_flat_matte_is_not_stretched() -> None:
    matte = np.full((3, 3), 0.01, np.float32)
    np.testing.assert_array_equal(stretch(matte), matte)


@pytest.mark.parametrize(
    ("image_wh", "network_wh"),
    [((1280, 720), (512, 288)), ((720, 1280), (288, 512)), ((480, 480), (384, 384))],
)
def test_a_non_square_input_turns_with_the_picture(
    image_wh: tuple[int, int], network_wh: tuple[int, int]
) -> None:
    assert fit_input(LIVE, image_wh, (512, 288)).network_wh == network_wh


def test_official_input_is_squashed_and_live_input_boxed() -> None:
    assert fit_input(OFFICIAL, (1280, 720), (320, 320)).content_wh == (320, 320)
    assert fit_input(LIVE, (960, 720), (512, 288)).content_wh == (448, 336)
    assert fit_input(LIVE, (1280, 360), (512, 288)).content_wh == (512, 144)


@pytest.mark.parametrize("spec", [OFFICIAL, LIVE], ids=lambda spec: spec.name)
@pytest.mark.parametrize("size_wh", [(1, 1), (3, 2), (641, 359), (4096, 2160)])
def test_any_picture_fits_the_input(spec: ModelSpec, size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    image = np.full((height, width, 3), 9, np.uint8)
    box = fit_input(spec, size_wh, (512, 288))
    picture = resize_input(spec, box, image)
    assert picture.shape == (box.network_wh[1], box.network_wh[0], 3)
    assert (box.remove(picture[..., 0]) == 9).all()  # type: ignore[arg-type]


@pytest.mark.parametrize("size_wh", [(1280, 720), (1921, 1081), (3840, 2160), (720, 1280)])
def test_halving_is_as_good_as_averaging_the_whole_area(size_wh: tuple[int, int]) -> None:
    width, height = size_wh
    coarse = np.random.default_rng(0).integers(0, 256, (height // 16, width // 16, 3), np.uint8)
    image = np.asarray(cv2.resize(coarse, size_wh, interpolation=cv2.INTER_CUBIC), np.uint8)
    box = fit_input(LIVE, size_wh, (512, 288))
    area = box.apply(image, cv2.INTER_AREA)
    difference = np.abs(resize_input(LIVE, box, image).astype(int) - area)
    assert difference.mean() < 1.5 and np.percentile(difference, 99) <= 6


def test_patterns_finer_than_the_input_come_out_gray() -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[::2, ::2] = image[1::2, 1::2] = 255
    box = fit_input(LIVE, (1280, 720), (512, 288))
    assert set(np.unique(resize_input(LIVE, box, image))) <= {127, 128}


def test_it_is_never_halved_below_the_size_wanted() -> None:
    image = np.zeros((719, 1024, 3), np.uint8)
    assert halve_towards(image, (512, 288)).shape == (359, 512, 3)
    assert halve_towards(image, (513, 288)) is image


@pytest.mark.parametrize("input_wh", [(512, 288), (384, 216), (256, 144), (288, 512)])
@pytest.mark.parametrize("image_wh", [(640, 480), (480, 640), (500, 500), (1920, 1200), (37, 31)])
def test_a_live_input_takes_the_shape_of_the_picture_for_the_same_pixels(
    image_wh: tuple[int, int], input_wh: tuple[int, int]
) -> None:
    width, height = shaped_input(image_wh, input_wh)
    assert width * height == pytest.approx(input_wh[0] * input_wh[1], rel=0.08)
    assert width / height == pytest.approx(image_wh[0] / image_wh[1], rel=0.06)
    assert fit_input(LIVE, image_wh, input_wh).content_wh == (width, height), "no bars"
    assert shaped_input(image_wh[::-1], input_wh) == (height, width)


def test_a_live_input_is_never_longer_than_the_one_given() -> None:
    for image_wh in ((1280, 720), (3000, 16)):
        assert shaped_input(image_wh, (512, 288)) == (512, 288)
        assert shaped_input(image_wh[::-1], (512, 288)) == (288, 512)
    assert shaped_input((640, 480), (320, 320)) == (320, 320)
