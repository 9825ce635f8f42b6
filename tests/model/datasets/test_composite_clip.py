"""People pasted on scenes."""

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.composite_clip import draw_composite
from u2cam.model.datasets.draw_settings import DrawSettings, Steps
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo import CORE, EXACT, UNKNOWN
from u2cam.model.datasets.photo_library import Library

PLAIN = Steps(**dict.fromkeys(Steps.model_fields, 0.0))


def test_person_and_scene_move_on_their_own(library: Library) -> None:
    moved = 0
    for seed in range(20):
        clip = draw_composite(library, (96, 54), 2, Draws((seed,)))
        moved += not np.array_equal(clip.alpha[0], clip.alpha[1])
    assert moved > 10


def test_one_more_step_leaves_people_and_places_as_they_are(library: Library) -> None:
    lit = PLAIN.model_copy(update={"shadow": 1.0, "rim": 1.0, "scene_blur": 1.0})
    for seed in range(5):
        plain = draw_composite(library, (64, 36), 2, Draws((seed,)), DrawSettings(steps=PLAIN))
        other = draw_composite(library, (64, 36), 2, Draws((seed,)), DrawSettings(steps=lit))
        assert np.array_equal(plain.alpha, other.alpha)
        assert not np.array_equal(plain.frames, other.frames)


def test_keyed_people_have_exact_alpha_everywhere(library: Library) -> None:
    settings = DrawSettings(people={"keyed": 1.0})
    clip = draw_composite(library, (64, 36), 2, Draws((1,)), settings)
    assert (clip.regions == EXACT).all()


def test_pasted_masks_are_core_but_for_their_edges(library: Library) -> None:
    settings = DrawSettings(people={"ccp": 1.0}, second_person=0)
    for seed in range(10):
        clip = draw_composite(library, (96, 54), 1, Draws((seed,)), settings)
        assert set(np.unique(clip.regions)) <= {CORE, UNKNOWN}
        soft = (clip.alpha > 20) & (clip.alpha < 235)
        assert (clip.regions[soft] == UNKNOWN).mean() > 0.9 or soft.sum() < 10


def test_mask_edges_are_taken_for_alpha_where_asked_for(library: Library) -> None:
    settings = DrawSettings(people={"ccp": 1.0}, mask_edges=True)
    clip = draw_composite(library, (96, 54), 1, Draws((0,)), settings)
    assert (clip.regions == EXACT).all()


def test_furniture_is_background_and_covers_the_scene(library: Library) -> None:
    (photo,) = [p for p in library.people["rendered"] if p.furniture is not None]
    only = Library({"rendered": [photo]}, library.scenes)
    settings = DrawSettings(steps=PLAIN, second_person=0)
    with_chair = [draw_composite(only, (96, 54), 1, Draws((s,)), settings) for s in range(8)]
    for clip in with_chair:
        assert clip.frames.shape == (1, 54, 96, 3)
    plain = Library({"rendered": library.people["rendered"][1:]}, library.scenes)
    without = [draw_composite(plain, (96, 54), 1, Draws((s,)), settings) for s in range(8)]
    green = [
        np.mean([(c.frames[0][c.alpha[0] == 0] == (0, 255, 0)).all(axis=-1).mean() for c in clips])
        for clips in (with_chair, without)
    ]
    assert green[0] > 0.01 > green[1]


def test_a_camouflage_scene_is_nearer_to_the_persons_colour(library: Library) -> None:
    def distance(steps: Steps) -> float:
        values = []
        for seed in range(60):
            settings = DrawSettings(steps=steps)
            clip = draw_composite(library, (64, 36), 1, Draws((seed,)), settings)
            person = clip.alpha[0] > 250
            if person.any() and not person.all():
                frame = clip.frames[0].astype(float)
                around = cv2.dilate(clip.alpha[0], np.ones((9, 9), np.uint8)) > 250
                behind = around & (clip.alpha[0] < 5)
                if behind.any():
                    values.append(np.abs(frame[person].mean(0) - frame[behind].mean(0)).mean())
        return float(np.mean(values))

    hidden = PLAIN.model_copy(update={"camouflage": 1.0})
    assert distance(hidden) < 0.8 * distance(PLAIN)


def test_a_library_without_people_to_paste_is_refused() -> None:
    with pytest.raises(ValueError, match="no people to paste"):
        draw_composite(Library({}), (64, 36), 1, Draws((0,)))
