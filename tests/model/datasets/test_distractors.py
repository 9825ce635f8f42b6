"""Things behind a head in its colours."""

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.distractors import add_thickets, shaded, streaks, thicket
from u2cam.model.datasets.person_shape import Outline
from u2cam.model.datasets.photo_library import Library

STANDS = np.zeros((120, 160), np.uint8)
STANDS[10:110, 70:90] = 255


def test_a_thicket_is_a_ragged_mass_around_its_place() -> None:
    for seed in range(20):
        matte = thicket((160, 90), (45, 80), np.random.default_rng(seed))
        rows, columns = np.nonzero(matte > 127)
        assert abs(rows.mean() - 45) < 15 and abs(columns.mean() - 80) < 15
        assert 20 < rows.size < 0.95 * matte.size


@pytest.mark.parametrize("streaked", [0.0, 1.0])
def test_thickets_have_the_colour_of_the_head_in_front_of_them_and_leave_the_rest(
    streaked: float,
) -> None:
    noise = np.random.default_rng(0).integers(120, 250, (90, 160, 3)).astype(np.uint8)
    library = Library({}, [noise])
    rgb = np.full((*STANDS.shape, 3), 30, np.uint8)
    scene = np.full((STANDS.shape[0] + 20, STANDS.shape[1] + 20, 3), 200, np.uint8)
    at_head = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        grown = add_thickets(scene, library, Outline(rgb, STANDS), 10, rng, streaked)
        changed = cv2.absdiff(grown, scene).max(axis=2) > 30
        assert 50 < np.count_nonzero(changed) < changed.size
        assert grown[changed].mean() < (100 if streaked == 0 else 170)
        # At the head, where the scene's margin puts it.
        at_head += bool(changed[20 : 20 + 50, 75:105].any())
    assert at_head == 40 if streaked == 0 else at_head > 30
    nobody, rng = np.zeros_like(STANDS), np.random.default_rng(0)
    grown = add_thickets(scene, library, Outline(rgb, nobody), 10, rng)
    np.testing.assert_array_equal(grown, scene)


def test_streaks_are_long_one_way() -> None:
    ratios = []
    for seed in range(30):
        relief = streaks((160, 90), np.random.default_rng(seed))
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
