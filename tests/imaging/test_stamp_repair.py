"""One rule for stamps that are missing, repeat, fall back or leap."""

from fractions import Fraction
from itertools import pairwise

import pytest

from u2cam.imaging.decoding.stamp_repair import StampRepair

MS = Fraction(1, 1000)
DAY = 86_400_000


def places(stamps: list[int | None], **how: bool) -> list[int]:
    repair = StampRepair(Fraction(40), MS, **how)
    return [repair.place(stamp) for stamp in stamps]


def test_stamps_that_grow_stay_as_they_are() -> None:
    stamps = [7, 8, 400, 401, 3_000_000]
    assert places([*stamps]) == stamps


def test_one_stamp_for_all_gives_the_times_of_the_rate() -> None:
    got = places([5] * 100)
    assert got[0] == 5
    assert {later - one for one, later in pairwise(got[1:])} == {40}
    assert got[-1] == pytest.approx(5 + 99 * 40, abs=20)


def test_one_repetition_leaves_the_good_stamps_good() -> None:
    assert places([0, 40, 40, 80, 120]) == [0, 40, 60, 80, 120]


def test_missing_stamps_go_by_the_rate() -> None:
    assert places([None, None, 80, None]) == [0, 40, 80, 120]


def test_a_small_step_back_is_caught_up_with() -> None:
    got = places([0, 40, 80, 50, 90, 130, 170, 210])
    assert got == [0, 40, 80, 100, 120, 130, 170, 210]


@pytest.mark.parametrize("by", [-5 * DAY, -1001, 3_600_001, 5 * DAY])
def test_a_jump_begins_a_new_stretch_right_behind_the_last(by: int) -> None:
    got = places([10 * DAY, 10 * DAY + 40, 10 * DAY + 40 + by, 10 * DAY + 80 + by])
    assert got == [10 * DAY + 40 * number for number in range(4)]


def test_gaps_of_up_to_an_hour_stay() -> None:
    assert places([0, 3_600_000, 7_200_000]) == [0, 3_600_000, 7_200_000]


def test_live_gaps_stay_however_long() -> None:
    assert places([0, 5 * DAY], leaps=False) == [0, 5 * DAY]
    assert places([5 * DAY, 0], leaps=False) == [5 * DAY, 5 * DAY + 40]


def test_a_stamp_that_stands_still_for_long_is_told_once_it_is_sure() -> None:
    repair = StampRepair(Fraction(40), MS)
    seen = []
    for stamp in (0, 40, 40, 40, 80):
        repair.place(stamp)
        seen.append(repair.stands_still)
    assert seen == [False, False, False, True, True]
