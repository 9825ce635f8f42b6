"""Loose strands belong to the person, the scene between them and the head does not."""

import numpy as np
import pytest

from tests.model.datasets.drawn_person import HAIR, WALL, draw_portrait
from u2cam.model.datasets.hair_strands import add_hair_strands

SEEDS = range(30)


@pytest.mark.parametrize("seed", range(5))
def test_strands_belong_to_the_person_and_are_behind_them(seed: int) -> None:
    frame, alpha = draw_portrait()
    drawn, matte = add_hair_strands(frame, alpha, np.random.default_rng(seed))
    assert (matte >= alpha).all()
    np.testing.assert_array_equal(drawn[matte == alpha], frame[matte == alpha])
    # A matte of what is drawn: the scene shows through as it says.
    more = (matte > 100) & (alpha == 0)
    assert np.count_nonzero(more) > 5
    shown = WALL + (drawn[more].astype(float) - WALL) * 255 / matte[more][:, None]
    assert np.ptp(shown, axis=0).max() < 12
    assert shown.mean() < (WALL + HAIR) / 2


def test_strands_are_thin_and_hang_at_the_head() -> None:
    frame, alpha = draw_portrait()
    for seed in SEEDS:
        _, matte = add_hair_strands(frame, alpha, np.random.default_rng(seed))
        rows, columns = np.nonzero(matte > alpha)
        assert columns.min() > 80 and columns.max() < 176 and rows.min() > 30
        across = np.count_nonzero((matte > 127) & (alpha == 0), axis=1)
        assert across.max() <= 4 * 6


def test_many_enclose_some_of_the_scene() -> None:
    frame, alpha = draw_portrait()
    enclose = 0
    for seed in SEEDS:
        _, matte = add_hair_strands(frame, alpha, np.random.default_rng(seed))
        between = [
            (matte[row, left + 1 : right] < 20).any()
            for row in range(50, 95)
            for left, right in [np.flatnonzero(matte[row] > 100)[[0, -1]]]
        ]
        enclose += sum(between) >= 5
    assert enclose > 15


def test_strands_move_with_their_head() -> None:
    frame, alpha = draw_portrait()
    for seed in SEEDS:
        _, matte = add_hair_strands(frame, alpha, np.random.default_rng(seed))
        moved = np.roll(frame, 3, axis=1), np.roll(alpha, 3, axis=1)
        _, next_matte = add_hair_strands(*moved, np.random.default_rng(seed))
        np.testing.assert_array_equal(np.roll(matte, 3, axis=1), next_matte)


def test_without_an_opaque_head_no_strands_are_drawn() -> None:
    frame, alpha = draw_portrait()
    faint = np.minimum(alpha, 200)  # Nowhere opaque, so the colour of the hair is unknown.
    for uncertain in (np.zeros_like(alpha), faint):
        drawn, matte = add_hair_strands(frame, uncertain, np.random.default_rng(0))
        np.testing.assert_array_equal(drawn, frame)
        np.testing.assert_array_equal(matte, uncertain)
