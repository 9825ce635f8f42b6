"""Headphones and collars are worn: they are the person's."""

from collections.abc import Callable

import numpy as np
import pytest

from tests.model.datasets.drawn_person import WALL, somebody
from u2cam.model.datasets.accessories import add_collar, add_headphones
from u2cam.model.datasets.photo_library import Image

Wear = Callable[[Image, Image, np.random.Generator], tuple[Image, Image]]


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
