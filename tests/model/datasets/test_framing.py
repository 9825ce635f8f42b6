"""Where a person of a photo is placed in a frame."""

import numpy as np
import pytest

from u2cam.model.datasets.framing import full_frame_matrix, webcam_matrix
from u2cam.model.datasets.photo import Photo, make_photo
from u2cam.model.datasets.photo_library import Library

STANDING = np.zeros((120, 160), np.uint8)
STANDING[10:110, 70:90] = 255


@pytest.fixture
def standing() -> Photo:
    photo = make_photo("ccp/1", "ccp", np.zeros((*STANDING.shape, 3), np.uint8), STANDING)
    assert photo is not None
    return photo


def test_real_photos_fill_the_frame_without_leaving_the_photo(library: Library) -> None:
    photo = library.people["humanseg"][0]
    height, width = photo.alpha[0].shape
    for seed in range(50):
        rng = np.random.default_rng(seed)
        matrix = webcam_matrix(photo, (64, 36), rng, inside=True)
        inverse = np.linalg.inv(np.vstack((matrix, (0, 0, 1))))
        corners = inverse @ np.array(((0, 64, 0, 64), (0, 0, 36, 36), (1, 1, 1, 1)))
        slack = 0.2 * max(width, height)  # A turned frame's corners may stick out.
        assert -slack < corners[0].min() and corners[0].max() < width + slack
        assert -slack < corners[1].min() and corners[1].max() < height + slack


@pytest.mark.parametrize("size_wh", [(64, 36), (48, 48), (36, 64)])
def test_a_full_frame_shows_nearly_all_of_the_picture(
    size_wh: tuple[int, int], standing: Photo
) -> None:
    cover = max(size_wh[0] / 160, size_wh[1] / 120)
    mirrored = set()
    for seed in range(40):
        matrix = full_frame_matrix(standing, size_wh, np.random.default_rng(seed))
        corners = matrix @ np.array(((0, 160, 0, 160), (0, 0, 120, 120), (1, 1, 1, 1)))
        assert corners.min(axis=1).max() <= 1e-6  # No corner of the frame is outside the picture.
        assert corners[0].max() >= size_wh[0] - 1e-6 and corners[1].max() >= size_wh[1] - 1e-6
        assert cover <= matrix[1, 1] <= 1.15 * cover
        mirrored.add(matrix[0, 0] < 0)
    assert mirrored == {False, True}


def test_distant_people_are_small_and_not_cut_off(standing: Photo) -> None:
    for seed in range(40):
        rng = np.random.default_rng(seed)
        matrix = webcam_matrix(standing, (64, 36), rng, inside=False, distant=True)
        height = float(np.hypot(*matrix[:, 1])) * 100 / 36
        assert 0.9 / 3 < height < 1.1
