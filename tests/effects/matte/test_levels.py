import numpy as np
import pytest

from u2cam.effects.matte.levels import (
    feather,
    fill_holes,
    level_table,
    remove_islands,
    shift_edge,
)
from u2cam.effects.settings import MatteSettings


def square(size: int, left: int, right: int) -> np.ndarray:
    alpha = np.zeros((size, size), np.float32)
    alpha[left:right, left:right] = 1
    return alpha


def test_levels_cut_noise_to_exactly_nothing_and_rise_between() -> None:
    table = level_table(0.1, 0.9)
    assert (table[:26] == 0).all()
    assert (table[230:] == 255).all()
    assert (np.diff(table.astype(int)) >= 0).all()
    assert table[127] == pytest.approx(127, abs=2)


def test_the_default_levels_show_nothing_of_faint_noise_and_all_of_what_is_sure() -> None:
    default = MatteSettings()
    table = level_table(default.low, default.high)
    assert (table[: round(0.07 * 255)] == 0).all()
    assert (table[round(0.93 * 255) :] == 255).all()


def test_full_levels_change_nothing() -> None:
    assert level_table(0.0, 1.0).tolist() == list(range(256))


def test_low_must_be_less_than_high() -> None:
    with pytest.raises(ValueError, match="less than high"):
        MatteSettings(low=0.6, high=0.5)


def test_the_edge_moves_by_the_pixels_asked_for() -> None:
    alpha = (square(40, 10, 30) * 255).astype(np.uint8)
    assert np.flatnonzero(shift_edge(alpha, 3)[20]).tolist() == list(range(7, 33))
    assert np.flatnonzero(shift_edge(alpha, -3)[20]).tolist() == list(range(13, 27))
    assert shift_edge(alpha, 0.3) is alpha


def test_feather_never_shows_more_than_before() -> None:
    alpha = (square(60, 15, 45) * 255).astype(np.uint8)
    soft = feather(alpha, 8)
    assert (soft <= alpha).all()
    assert soft[30, 30] == 255
    assert 0 < soft[30, 17] < 255
    assert feather(alpha, 0) is alpha


def test_small_islands_go_and_every_person_stays() -> None:
    alpha = np.zeros((100, 100), np.float32)
    alpha[10:60, 10:40] = 1  # 1500
    alpha[20:50, 60:80] = 0.9  # 540: another person
    alpha[90:94, 90:94] = 1  # 16: noise
    clean = remove_islands(alpha, 0.1, 0.03)
    assert clean[91, 91] == 0
    assert (clean[:80] == alpha[:80]).all()
    assert remove_islands(alpha, 0.1, 0) is alpha


def test_faint_fog_counts_by_its_weight() -> None:
    alpha = np.zeros((100, 100), np.float32)
    alpha[10:60, 10:40] = 1
    alpha[70:95, 5:95] = 0.12  # large, but it weighs 270 of 1500 at most
    assert remove_islands(alpha, 0.1, 0.25)[80, 50] == 0


def test_small_holes_are_filled_and_large_ones_and_bays_stay() -> None:
    alpha = square(100, 10, 90)
    alpha[30:33, 30:33] = 0  # 9 pixels
    alpha[50:75, 50:75] = 0  # under an arm
    alpha[0:20, 40:43] = 0  # open to the outside
    filled = fill_holes(alpha, 0.01)
    assert (filled[29:34, 29:34] == 1).all()
    assert filled[60, 60] == 0
    assert filled[15, 41] == 0


def test_a_hole_at_the_border_is_no_hole() -> None:
    alpha = np.ones((50, 50), np.float32)
    alpha[0:3, 0:3] = 0
    assert fill_holes(alpha, 0.1) is alpha
