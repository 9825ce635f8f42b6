"""Headphones and collars are worn: they are the person's."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from model.train import synthetic_clip
from model.train.library import Image, Library, make_photo
from model.train.settings import Views
from model.train.synthetic_clip import draw_pasted
from model.train.wear import add_collar, add_headphones

Wear = Callable[[Image, Image, np.random.Generator], tuple[Image, Image]]
WALL, SKIN = 200, 150


def somebody() -> tuple[Image, Image]:
    """A head and shoulders before a light wall."""
    alpha = np.zeros((144, 256), np.uint8)
    cv2.ellipse(alpha, (128, 60), (22, 30), 0, 0, 360, 255, -1)
    alpha[100:, 80:176] = 255
    alpha[80:100, 118:138] = 255
    frame = np.full((144, 256, 3), WALL, np.uint8)
    frame[alpha > 0] = SKIN
    return frame, alpha


@pytest.mark.parametrize("wear", [add_headphones, add_collar])
@pytest.mark.parametrize("seed", range(5))
def test_what_is_drawn_is_the_persons(wear: Wear, seed: int) -> None:
    frame, alpha = somebody()
    worn, matte = wear(frame, alpha, np.random.default_rng(seed))
    assert (matte >= alpha).all()
    more = (matte > 250) & (alpha == 0)
    assert 30 < np.count_nonzero(more) < alpha.size / 4
    np.testing.assert_array_equal(worn[matte == 0], frame[matte == 0])
    assert np.abs(worn[more].astype(int) - WALL).max(axis=1).mean() > 20
    # Around the head or the neck, not anywhere.
    rows, columns = np.nonzero(more)
    assert columns.min() > 60 and columns.max() < 196 and rows.min() > 20


@pytest.mark.parametrize("seed", range(5))
def test_a_collar_is_behind_the_person_and_dark_within(seed: int) -> None:
    frame, alpha = somebody()
    worn, matte = add_collar(frame, alpha, np.random.default_rng(seed))
    np.testing.assert_array_equal(worn[alpha == 255], frame[alpha == 255])
    drawn = worn[(matte == 255) & (alpha == 0)]
    assert (drawn.max(axis=1) < 60).mean() > 0.2


@pytest.mark.parametrize("wear", [add_headphones, add_collar])
def test_who_has_no_head_wears_nothing(wear: Wear) -> None:
    frame, alpha = somebody()
    for hidden in (np.zeros_like(alpha), np.roll(alpha, -60, axis=0)):
        hidden[:3] = hidden[3]
        worn, matte = wear(frame, hidden, np.random.default_rng(0))
        np.testing.assert_array_equal(worn, frame)
        np.testing.assert_array_equal(matte, hidden)


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_as_many_wear_collars_as_asked_for(share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    frame, alpha = somebody()
    photo = make_photo("1", "ccp", frame, alpha)
    assert photo is not None
    library = Library({"ccp": [photo]}, [frame])
    asked = []

    def counted(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
        asked.append(alpha)
        return frame, alpha

    monkeypatch.setattr(synthetic_clip, "add_collar", counted)
    for seed in range(60):
        draw_pasted(library, (128, 72), 1, np.random.default_rng(seed), 1, Views(collar=share))
    assert share * 60 - 15 <= len(asked) <= share * 60 + 15
    assert bool(asked) == (share > 0)
