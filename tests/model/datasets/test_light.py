"""Light of a scene on a person."""

import cv2
import numpy as np

from u2cam.model.datasets.camera import apply_table
from u2cam.model.datasets.light import agreement_table, draw_rim, draw_shadow

ALPHA = np.zeros((72, 128), np.uint8)
cv2.circle(ALPHA, (64, 40), 20, 255, -1)
PERSON = np.full((72, 128, 3), 90, np.uint8)
SCENE = np.full((72, 128, 3), 200, np.uint8)


def test_colours_move_towards_the_scenes_and_not_all_the_way() -> None:
    rng = np.random.default_rng(0)
    person = rng.integers(60, 120, PERSON.shape).astype(np.uint8)
    blue = np.full_like(SCENE, (60, 80, 220))
    for seed in range(20):
        table = agreement_table(person, ALPHA, blue, np.random.default_rng(seed))
        mean = apply_table(person, table)[ALPHA > 127].mean(axis=0)
        assert 90 < mean.mean() < 120
        assert mean[2] > mean[0]


def test_a_rim_brightens_one_side_of_the_person_only() -> None:
    person, scene = draw_rim(np.random.default_rng(3))(PERSON, ALPHA, SCENE)
    brighter = (person.astype(int) - PERSON)[..., 0]
    assert brighter.max() > 5 and brighter[40, 64] == 0 and (brighter >= 0).all()
    left, right = brighter[:, :64].sum(), brighter[:, 64:].sum()
    upper, lower = brighter[:40].sum(), brighter[40:].sum()
    assert max(left, right, upper, lower) > 0.6 * brighter.sum()
    assert np.array_equal(scene, SCENE)


def test_a_shadow_darkens_the_scene_near_the_person_and_leaves_the_person() -> None:
    person, scene = draw_shadow(np.random.default_rng(0))(PERSON, ALPHA, SCENE)
    assert np.array_equal(person, PERSON)
    assert scene[40, 64, 0] < 185 and scene[2, 2, 0] >= 198
    assert (scene <= SCENE).all()
