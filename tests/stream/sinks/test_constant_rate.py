from fractions import Fraction

from u2cam.stream.sinks.pipes.constant_rate import ConstantRate

MS = Fraction(1, 1000)


def written(stamps: list[int], *, from_zero: bool = False) -> list[int]:
    """Return which stamp is shown in each slot of 40 ms."""
    rate, shown, before = ConstantRate(Fraction(25), MS, from_zero=from_zero), [], stamps[0]
    for stamp in stamps:
        repeats, now = rate.repeats(stamp)
        shown += [before] * repeats + [stamp] * now
        before = stamp if now else before
    return shown


def test_regular_pictures_pass_once_each_though_stamps_are_rounded() -> None:
    assert written([0, 40, 79, 121, 160]) == [0, 40, 79, 121, 160]


def test_a_gap_is_filled_with_the_picture_before() -> None:
    assert written([0, 40, 160]) == [0, 40, 40, 40, 160]


def test_too_many_pictures_are_thinned_out() -> None:
    assert written([0, 10, 40, 50, 80]) == [0, 40, 80]


def test_a_late_beginning_is_kept_where_there_is_sound() -> None:
    assert written([80, 120], from_zero=True) == [80, 80, 80, 120]
    assert written([80, 120]) == [80, 120]
