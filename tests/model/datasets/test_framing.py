"""Where a person of a photo is placed in a frame."""

import numpy as np
import pytest

from u2cam.model.datasets.framing import warp, webcam_matrix
from u2cam.model.datasets.photo import Photo, make_photo
from u2cam.model.datasets.photo_library import Library

BORDER_CONSTANT = 0


def photo_of(alpha: np.ndarray) -> Photo:
    photo = make_photo("x", np.zeros((*alpha.shape, 3), np.uint8), alpha)
    assert photo is not None
    return photo


def test_real_photos_fill_the_frame_without_leaving_the_photo(library: Library) -> None:
    photo = library.people["ccp"][0]
    height, width = photo.alpha[0].shape
    for seed in range(50):
        rng = np.random.default_rng(seed)
        matrix = webcam_matrix(photo, (64, 36), rng, inside=True)
        inverse = np.linalg.inv(np.vstack((matrix, (0, 0, 1))))
        corners = inverse @ np.array(((0, 64, 0, 64), (0, 0, 36, 36), (1, 1, 1, 1)))
        slack = 0.2 * max(width, height)  # A turned frame's corners may stick out.
        assert -slack < corners[0].min() and corners[0].max() < width + slack
        assert -slack < corners[1].min() and corners[1].max() < height + slack


@pytest.mark.parametrize("size_wh", [(128, 72), (72, 128)])
@pytest.mark.parametrize(
    "box", [(20, 30, 60, 120), (0, 30, 60, 120), (20, 0, 80, 100), (0, 10, 80, 120)]
)
def test_what_the_photos_border_cuts_off_is_out_of_sight(
    box: tuple[int, int, int, int], size_wh: tuple[int, int]
) -> None:
    alpha = np.zeros((120, 80), np.uint8)
    left, top, right, bottom = box
    alpha[top:bottom, left:right] = 255
    photo = photo_of(alpha)
    for seed in range(40):
        matrix = webcam_matrix(photo, size_wh, np.random.default_rng(seed), inside=False)
        inside = warp((np.full_like(alpha, 255),), matrix, size_wh, BORDER_CONSTANT) > 250
        person = warp((alpha,), matrix, size_wh, BORDER_CONSTANT) > 127
        padded = np.pad(alpha, 40, mode="edge")
        shifted = matrix.copy()
        shifted[:, 2] -= matrix[:, :2] @ (40, 40)
        continued = warp((padded,), shifted, size_wh, BORDER_CONSTANT) > 127
        # A turned edge may show in a corner.
        assert (continued & ~person & ~inside).mean() < 0.06


def test_shoulders_that_both_sides_cut_off_need_not_fill_a_wide_frame() -> None:
    alpha = np.zeros((120, 80), np.uint8)
    alpha[10:80, 25:55] = 255
    alpha[80:, :] = 255
    photo = photo_of(alpha)
    assert photo.sides_at == 80
    widths = []
    for seed in range(40):
        matrix = webcam_matrix(photo, (256, 72), np.random.default_rng(seed), inside=False)
        widths.append(80 * np.hypot(*matrix[:, 0]))
    assert min(widths) < 128


def test_some_people_are_distant_and_some_are_close() -> None:
    alpha = np.zeros((120, 160), np.uint8)
    alpha[10:110, 60:100] = 255
    photo = photo_of(alpha)
    shown = []
    for seed in range(200):
        matrix = webcam_matrix(photo, (64, 36), np.random.default_rng(seed), inside=False)
        shown.append(36 / (100 * float(np.hypot(*matrix[:, 1]))))
    assert min(shown) < 0.3 and 0.02 < np.mean(np.array(shown) > 1.0) < 0.3
