"""Objects behind a head and in its colours."""

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.distractors import add_distractors, distractor_matte, shaded, stripes
from u2cam.model.datasets.person_shape import Contour
from u2cam.model.datasets.photo_library import Library

STANDING = np.zeros((120, 160), np.uint8)
STANDING[10:110, 70:90] = 255


def test_a_distractor_is_a_ragged_mass_around_its_place() -> None:
    for seed in range(20):
        matte = distractor_matte((160, 90), (45, 80), np.random.default_rng(seed))
        rows, columns = np.nonzero(matte > 127)
        assert abs(rows.mean() - 45) < 15 and abs(columns.mean() - 80) < 15
        assert 20 < rows.size < 0.95 * matte.size


@pytest.mark.parametrize("striped", [0.0, 1.0])
def test_distractors_have_the_colour_of_the_head_in_front_of_them_and_leave_the_rest(
    striped: float,
) -> None:
    noise = np.random.default_rng(0).integers(120, 250, (90, 160, 3)).astype(np.uint8)
    library = Library({}, [noise])
    rgb = np.full((*STANDING.shape, 3), 30, np.uint8)
    scene = np.full((STANDING.shape[0] + 20, STANDING.shape[1] + 20, 3), 200, np.uint8)
    at_head = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        changed_scene = add_distractors(scene, library, Contour(rgb, STANDING), 10, rng, striped)
        changed = cv2.absdiff(changed_scene, scene).max(axis=2) > 30
        assert 50 < np.count_nonzero(changed) < changed.size
        assert changed_scene[changed].mean() < (100 if striped == 0 else 170)
        # At the head, where the scene's margin puts it.
        at_head += bool(changed[20 : 20 + 50, 75:105].any())
    assert at_head == 40 if striped == 0 else at_head > 30
    empty, rng = np.zeros_like(STANDING), np.random.default_rng(0)
    changed_scene = add_distractors(scene, library, Contour(rgb, empty), 10, rng)
    np.testing.assert_array_equal(changed_scene, scene)


def test_stripes_are_long_one_way() -> None:
    ratios = []
    for seed in range(30):
        relief = stripes((160, 90), np.random.default_rng(seed))
        assert relief.shape == (90, 160) and relief.dtype == np.float32
        down, across = np.gradient(relief)
        tensor = [[(a * b).mean() for b in (down, across)] for a in (down, across)]
        low, high = np.linalg.eigvalsh(tensor)
        ratios.append(high / max(low, 1e-9))
    assert np.median(ratios) > 10


def test_shading_goes_from_dark_to_light_with_the_relief() -> None:
    relief = np.linspace(-9, 9, 64, dtype=np.float32)[None, :].repeat(4, axis=0)
    dark, light = np.array((10.0, 20.0, 30.0)), np.array((200.0, 180.0, 90.0))
    rgb = shaded(relief, dark, light, np.random.default_rng(0))
    assert np.abs(rgb[0, 0] - dark).max() < 3 and np.abs(rgb[0, -1] - light).max() < 3
    assert (np.diff(rgb[0].astype(int), axis=0) >= 0).all()
