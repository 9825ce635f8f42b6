"""Backgrounds without people."""

import numpy as np

from u2cam.model.datasets.draw_settings import DrawSettings, Steps
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.scenery import add_poster, blend, camouflage, draw_scene


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


def test_a_poster_shows_a_person_of_a_photograph_in_a_part_of_the_scene(library: Library) -> None:
    for seed in range(30):
        scene = np.full((90, 160, 3), 7, np.uint8)
        add_poster(scene, library, np.random.default_rng(seed))
        changed = (scene != 7).any(axis=2)
        assert 0.003 < changed.mean() < 0.3
    scene = np.full((90, 160, 3), 7, np.uint8)
    add_poster(scene, Library({"keyed": library.people["keyed"]}), np.random.default_rng(0))
    assert (scene == 7).all()


def test_objects_are_put_into_scenes_of_any_set() -> None:
    doll = np.full((40, 20, 4), 255, np.uint8)
    doll[..., :3] = (200, 30, 90)
    library = Library({}, {"objects": [doll]})
    steps = Steps(**dict.fromkeys(Steps.model_fields, 0.0) | {"objects": 1.0})
    shown = 0
    for seed in range(20):
        settings = DrawSettings(steps=steps, scenes={"wall": 1.0})
        scene = draw_scene(library, (64, 36), Draws((seed,)), settings)
        shown += bool((np.abs(scene.astype(int) - (200, 30, 90)).max(axis=2) < 3).mean() > 0.01)
    assert shown > 15


def test_a_camouflage_scene_has_the_wanted_colour_and_little_contrast() -> None:
    rng = np.random.default_rng(0)
    scene = rng.integers(0, 256, (60, 80, 3)).astype(np.uint8)
    wanted = np.array((30.0, 20.0, 10.0))
    for seed in range(20):
        similar = camouflage(scene, wanted, np.random.default_rng(seed))
        assert similar.std() < 0.65 * scene.std()
        assert np.abs(np.median(similar, axis=(0, 1)) - wanted).max() < 45
