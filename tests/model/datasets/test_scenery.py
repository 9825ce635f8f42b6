"""Backgrounds without people."""

import numpy as np

from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.scenery import blend, camouflage, draw_scene


def test_blend_of_opaque_and_clear_is_exact() -> None:
    rng = np.random.default_rng(0)
    over, under = (rng.integers(0, 256, (4, 4, 3)).astype(np.uint8) for _ in range(2))
    assert np.array_equal(blend(over, under, np.full((4, 4), 255, np.uint8)), over)
    assert np.array_equal(blend(over, under, np.zeros((4, 4), np.uint8)), under)


def test_scenes_are_drawn_without_any_data() -> None:
    for seed in range(20):
        scene = draw_scene(Library({}), (40, 20), Draws((seed,)), DrawSettings())
        assert scene.shape == (20, 40, 3)


def test_scenes_of_every_set_are_drawn(library: Library) -> None:
    for name in ("photographs", "panoramas", "own", "wall"):
        settings = DrawSettings(scenes={name: 1.0})
        scene = draw_scene(library, (40, 24), Draws((1,)), settings)
        assert scene.shape == (24, 40, 3)


def test_a_camouflage_scene_has_the_wanted_colour_and_little_contrast() -> None:
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    wanted = np.array((30.0, 20.0, 10.0))
    for seed in range(20):
        similar = camouflage(scene, wanted, np.random.default_rng(seed))
        assert similar.std() < 0.65 * scene.std()
        assert np.abs(np.median(similar, axis=(0, 1)) - wanted).max() < 45
