"""People pasted on scenes."""

import cv2
import numpy as np
import pytest

from tests.model.datasets.drawn_person import draw_portrait
from u2cam.model.datasets import composite_clip
from u2cam.model.datasets.composite_clip import draw_composite
from u2cam.model.datasets.photo import Image, make_photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.views import Views


def test_person_and_scene_move_on_their_own(library: Library) -> None:
    moved = 0
    for seed in range(20):
        clip = draw_composite(library, (96, 54), 2, np.random.default_rng(seed))
        moved += not np.array_equal(clip.alpha[0], clip.alpha[1])
    assert moved > 10


@pytest.mark.parametrize(
    "views",
    [Views(camouflage=1), Views(distractor=1), Views(distractor=1, distractor_striped=1)],
)
def test_camouflage_and_distractors_are_nearer_to_the_persons_colour_than_other_scenes(
    library: Library, views: Views
) -> None:
    def distance(views: Views) -> float:
        values = []
        for seed in range(60):
            rng = np.random.default_rng(seed)
            clip = draw_composite(library, (64, 36), 1, rng, views=views)
            person = clip.alpha[0] > 250
            if person.any() and not person.all():
                frame = clip.frames[0].astype(float)
                around = cv2.dilate(clip.alpha[0], np.ones((9, 9), np.uint8)) > 250
                behind = around & (clip.alpha[0] < 5)
                values.append(np.abs(frame[person].mean(0) - frame[behind].mean(0)).mean())
        return float(np.mean(values))

    assert distance(views) < 0.8 * distance(Views())


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_the_wanted_share_of_people_has_flyaway_hair(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, alpha = draw_portrait()
    photo = make_photo("ccp/1", "ccp", frame, alpha)
    assert photo is not None
    library = Library({"ccp": [photo]}, [frame])
    drawn = []

    def count(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
        drawn.append(alpha)
        return frame, alpha

    monkeypatch.setattr(composite_clip, "add_hair_strands", count)
    views = Views(flyaway_hair=share)
    for seed in range(60):
        draw_composite(library, (128, 72), 1, np.random.default_rng(seed), 1, views)
    assert share * 60 - 15 <= len(drawn) <= share * 60 + 15
    assert bool(drawn) == (share > 0)
