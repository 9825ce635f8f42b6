import cv2
import numpy as np
import pytest

from u2cam.core.frame import single_frame
from u2cam.model.grabcut import GrabCutMatter, person_shape


def portrait(shift_px: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """A red person before a blue, noisy wall, and the true mask."""
    rng = np.random.default_rng(0)
    image = rng.normal((60, 90, 150), 12, (180, 320, 3))
    mask = np.zeros((180, 320), np.uint8)
    cv2.circle(mask, (160 + shift_px, 60), 28, 1, -1)
    mask[80:120, 148 + shift_px : 172 + shift_px] = 1
    cv2.ellipse(mask, (160 + shift_px, 180), (80, 80), 0, 180, 360, 1, -1)
    image[mask > 0] = rng.normal((190, 90, 70), 12, (int(mask.sum()), 3))
    return np.clip(image, 0, 255).astype(np.uint8), mask


def iou(alpha: np.ndarray, mask: np.ndarray) -> float:
    found = cv2.resize(alpha, (mask.shape[1], mask.shape[0])) > 0.5
    return float((found & (mask > 0)).sum() / (found | (mask > 0)).sum())


def test_a_person_in_the_middle_is_cut_out() -> None:
    image, mask = portrait()
    assert iou(GrabCutMatter().matte(single_frame(image)), mask) > 0.9


def test_a_moving_person_is_followed() -> None:
    matter = GrabCutMatter()
    for shift_px in range(0, 40, 4):
        image, mask = portrait(shift_px)
        alpha = matter.matte(single_frame(image))
    assert iou(alpha, mask) > 0.9


def test_the_same_frames_give_the_same_mattes() -> None:
    frames = [portrait(shift_px)[0] for shift_px in (0, 3)]
    first, second = GrabCutMatter(), GrabCutMatter()
    np.testing.assert_array_equal(
        [first.matte(single_frame(frame)) for frame in frames],
        [second.matte(single_frame(frame)) for frame in frames],
    )


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_flat_picture_does_not_break_it(value: int) -> None:
    alpha = GrabCutMatter().matte(single_frame(np.full((90, 160, 3), value, np.uint8)))
    assert np.isfinite(alpha).all()


def test_the_shape_grows_with_its_argument() -> None:
    assert person_shape((160, 90), 0.5).sum() < person_shape((160, 90), 1.0).sum()
