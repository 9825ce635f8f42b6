"""Combining the mattes of teachers."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.train.labels.teachers import (
    combine,
    guided_filter,
    mean_over_windows,
    open_teachers,
)


@pytest.fixture
def picture() -> NDArray[np.uint8]:
    rgb = np.full((64, 64, 3), 40, np.uint8)
    rgb[16:, 20:44] = 220
    return rgb


def person(value: float = 1.0) -> NDArray[np.float32]:
    matte = np.zeros((64, 64), np.float32)
    matte[16:, 20:44] = value
    return matte


def test_agreeing_teachers_have_full_weight(picture: NDArray[np.uint8]) -> None:
    target, weight = combine(picture, [person(0.9), person(0.8)], webcam=False)
    assert target[40, 32] == 255 and target[5, 5] == 0
    assert weight.min() == 255


def test_disagreement_has_no_weight(picture: NDArray[np.uint8]) -> None:
    _, weight = combine(picture, [person(), np.full((64, 64), 0.1, np.float32)], webcam=False)
    assert weight[40, 32] == 0
    assert weight[5, 5] == 255


def test_a_certain_portrait_teacher_decides_a_tie_at_a_webcam_with_half_weight(
    picture: NDArray[np.uint8],
) -> None:
    nothing = np.zeros((64, 64), np.float32)
    target, weight = combine(picture, [nothing, person(0.99)], webcam=True)
    assert target[40, 32] == 255
    assert 120 < weight[40, 32] < 135


@pytest.mark.parametrize("webcam", [True, False])
def test_a_majority_decides_at_a_webcam_only(picture: NDArray[np.uint8], webcam: bool) -> None:
    nothing = np.zeros((64, 64), np.float32)
    target, weight = combine(picture, [nothing, person(0.9), person(0.7)], webcam=webcam)
    assert target[40, 32] == 255 and target[5, 5] == 0
    assert weight[40, 32] == (153 if webcam else 0)
    assert weight[5, 5] == 255


def test_the_outvoted_teacher_does_not_soften_the_target(picture: NDArray[np.uint8]) -> None:
    fog = np.full((64, 64), 0.45, np.float32)
    target, weight = combine(picture, [person(), person(), fog], webcam=True)
    assert target[40, 32] == 255 and target[5, 5] == 0
    assert weight[40, 32] == 153


def test_guided_filter_keeps_a_flat_matte_and_follows_the_pictures_edge() -> None:
    guide = np.zeros((32, 32), np.float32)
    guide[:, 16:] = 1
    flat = np.full((32, 32), 0.3, np.float32)
    assert np.allclose(guided_filter(guide, flat, 4, 1e-4), 0.3, atol=1e-5)
    blurred = cv2.blur(guide, (9, 9))
    sharp = guided_filter(guide, blurred, 4, 1e-4)
    assert sharp[16, 18] - sharp[16, 13] > blurred[16, 18] - blurred[16, 13]


def test_windows_and_flips_average_to_a_constant_for_a_constant_teacher() -> None:
    tall = np.zeros((100, 40, 3), np.uint8)
    mean = mean_over_windows(tall, lambda rgb: np.full(rgb.shape[:2], 0.25, np.float32))
    assert np.allclose(mean, 0.25)


def test_four_teachers_are_too_many() -> None:
    with pytest.raises(ValueError, match="one to three"):
        open_teachers(["a", "b", "c", "d"])
