"""Headphones that are drawn belong to the person."""

import numpy as np
import pytest

from tests.model.datasets.drawn_person import WALL, draw_portrait
from u2cam.model.datasets.accessories import add_headphones


@pytest.mark.parametrize("seed", range(5))
def test_headphones_belong_to_the_person(seed: int) -> None:
    frame, alpha = draw_portrait()
    drawn, matte = add_headphones(frame, alpha, np.random.default_rng(seed))
    assert (matte >= alpha).all()
    more = (matte > 250) & (alpha == 0)
    assert 30 < np.count_nonzero(more) < alpha.size / 4
    np.testing.assert_array_equal(drawn[matte == 0], frame[matte == 0])
    assert np.abs(drawn[more].astype(int) - WALL).max(axis=1).mean() > 20
    # Around the head, not anywhere.
    rows, columns = np.nonzero(more)
    assert columns.min() > 60 and columns.max() < 196 and rows.min() > 20


def test_without_a_head_nothing_is_drawn() -> None:
    frame, alpha = draw_portrait()
    for headless in (np.zeros_like(alpha), np.roll(alpha, -60, axis=0)):
        headless[:3] = headless[3]
        drawn, matte = add_headphones(frame, headless, np.random.default_rng(0))
        np.testing.assert_array_equal(drawn, frame)
        np.testing.assert_array_equal(matte, headless)
