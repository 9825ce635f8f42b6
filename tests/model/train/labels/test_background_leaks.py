"""Wall seen through hair is taken out of labels; clothes in the wall's colour are not."""

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.photo_library import Image
from u2cam.model.train.labels.background_leaks import gaps, without_gaps

HEAD = np.s_[20:220, 90:230]
STRAND = np.s_[130:190, 72:77]
GAP = np.s_[130:190, 77:90]
INNER_GAP = np.s_[136:186, 81:86]


def picture(wall: int = 180, in_gap: int | None = None) -> Image:
    """A head before a wall that is lighter to the right, and a strand of hair beside it."""
    rng = np.random.default_rng(3)
    rgb = np.full((240, 240, 3), wall, np.uint8) + np.arange(240, dtype=np.uint8)[:, None] // 24
    rgb[HEAD] = (150, 110, 95)
    rgb[STRAND] = 50
    if in_gap is not None:
        rgb[GAP] = in_gap
    noise = rng.integers(0, 4, rgb.shape, np.uint8)
    return np.asarray(cv2.blur(rgb + noise, (3, 3)), np.uint8)


def label(doubt: bool = True) -> tuple[Image, Image]:
    """All of it for the person, strand and gap too, `doubt` where the gap begins."""
    target = np.zeros((240, 240), np.uint8)
    target[HEAD] = target[STRAND] = target[GAP] = 255
    weight = np.full((240, 240), 255, np.uint8)
    if doubt:
        weight[180:195, 77:90] = 153
    return target, weight


def test_wall_between_a_strand_and_a_head_is_taken_out() -> None:
    rgb, (target, weight) = picture(), label()
    without, belief = without_gaps(rgb, target, weight)
    assert without[INNER_GAP].max() == 0
    assert belief[INNER_GAP].min() == 255
    elsewhere = np.ones((240, 240), np.bool_)
    elsewhere[128:192, 75:92] = False
    np.testing.assert_array_equal(without[elsewhere], target[elsewhere])
    np.testing.assert_array_equal(belief[elsewhere], weight[elsewhere])


def test_what_no_teacher_doubts_stays() -> None:
    target, weight = label(doubt=False)
    without, belief = without_gaps(picture(), target, weight)
    np.testing.assert_array_equal(without, target)
    np.testing.assert_array_equal(belief, weight)


@pytest.mark.parametrize("in_gap", [60, 150, 230])
def test_another_colour_than_the_walls_stays(in_gap: int) -> None:
    assert not gaps(picture(in_gap=in_gap), *label()).any()


def test_in_the_dark_nothing_is_told_from_hair() -> None:
    assert not gaps(picture(wall=45), *label()).any()


def test_a_lively_wall_has_no_colour_of_its_own() -> None:
    rgb, (target, weight) = picture(), label()
    stripes = np.where(np.arange(240) // 8 % 2, 140, 220).astype(np.uint8)[:, None]
    rgb = np.where((target > 0)[..., None], rgb, stripes)
    assert not gaps(rgb, target, weight).any()


def test_a_speck_stays() -> None:
    rgb, (target, weight) = picture(), label()
    plain = rgb.copy()
    rgb[130:182, 77:90] = rgb[182:190, 85:90] = 50
    assert not gaps(rgb, target, weight).any()
    rgb[172:190, 77:90] = plain[172:190, 77:90]
    assert gaps(rgb, target, weight).any()


def test_clothes_in_the_walls_colour_stay() -> None:
    rgb, (target, weight) = picture(), label()
    assert gaps(rgb, target, weight).any()
    rgb[150:210, 90:200] = rgb[150:210, 60:61]
    weight[150:210, 90:200] = 153
    assert not gaps(rgb, target, weight).any()


def test_nobody_has_no_gaps() -> None:
    nobody = np.zeros((240, 240), np.uint8)
    assert not gaps(picture(), nobody, np.full_like(nobody, 255)).any()
