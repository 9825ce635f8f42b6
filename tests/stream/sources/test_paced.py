"""An offline source played at its own rate, on a clock that passes only where it waits."""

from fractions import Fraction
from itertools import pairwise

import pytest

from tests.fakes import FakeClock, FakeSource, numbered_image
from u2cam.core.frame import Frame
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.wrappers.paced import MAX_GAP_S, PacedSource

PERIOD_S = 0.1
PTS_PER_FRAME = 9000


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(1000.0)


def paced(clock: FakeClock, count: int = 20, **options: object) -> PacedSource:
    images = [numbered_image(number, (8, 4)) for number in range(count)]
    return PacedSource(FakeSource(images, rate=Fraction(10), **options), clock)


def number_of(frame: Frame) -> int:
    return int(frame.image[0, 0, 0])


def test_a_reader_in_time_gets_every_frame_when_it_is_due(clock: FakeClock) -> None:
    start_s = clock.now_s()
    with paced(clock) as source:
        for number in range(20):
            frame = source.read()
            assert number_of(frame) == number
            assert clock.now_s() == pytest.approx(start_s + number * PERIOD_S)
            assert frame.captured_at_s == pytest.approx(clock.now_s())
            clock.sleep(0.7 * PERIOD_S)
        assert source.dropped == 0


def test_frames_keep_the_times_of_a_variable_rate(clock: FakeClock) -> None:
    start_s = clock.now_s()
    with paced(clock, 4, pts=[9000, 12000, 30000, 31000]) as source:
        due_s = []
        for _ in range(4):
            source.read()
            due_s.append(clock.now_s() - start_s)
    assert due_s == pytest.approx([0, 3000 / 90000, 21000 / 90000, 22000 / 90000])


def test_a_frame_up_to_one_period_late_comes_at_once(clock: FakeClock) -> None:
    with paced(clock) as source:
        source.read()
        clock.sleep(1.9 * PERIOD_S)
        before_s = clock.now_s()
        frame = source.read()
        assert number_of(frame) == 1
        assert clock.now_s() == before_s
        assert frame.captured_at_s == pytest.approx(before_s - 0.9 * PERIOD_S)
        assert source.dropped == 0


def test_frames_that_were_not_fetched_in_time_are_dropped_and_counted(clock: FakeClock) -> None:
    with paced(clock) as source:
        source.read()
        clock.sleep(0.24)
        frame = source.read()
        assert number_of(frame) == 2
        assert source.dropped == 1
        assert frame.index == 1, "indices count what was delivered"


def test_a_source_slower_than_its_rate_still_shows_frames(clock: FakeClock) -> None:
    inner = FakeSource([numbered_image(n, (8, 4)) for n in range(200)], rate=Fraction(10))
    read_fast = inner.read

    def read_slowly() -> Frame:
        clock.sleep(1.5 * PERIOD_S)
        return read_fast()

    inner.read = read_slowly  # type: ignore[method-assign]
    shown_at_s = []
    with PacedSource(inner, clock) as source:
        try:
            while True:
                source.read()
                shown_at_s.append(clock.now_s())
        except EndOfStream:
            pass
    gaps_s = [b - a for a, b in pairwise(shown_at_s)]
    assert max(gaps_s) <= MAX_GAP_S + 2 * 1.5 * PERIOD_S
    assert source.dropped > 0
    assert len(shown_at_s) + source.dropped == 200


def test_the_end_of_the_inner_source_is_the_end(clock: FakeClock) -> None:
    with paced(clock, 2) as source:
        source.read()
        source.read()
        for _ in range(2):
            with pytest.raises(EndOfStream):
                source.read()


def test_is_live_and_else_what_the_inner_source_is(clock: FakeClock) -> None:
    with paced(clock) as source:
        assert source.info.live
        assert source.info.size_wh == (8, 4)
        assert source.info.frames == 20


def test_opens_and_closes_the_inner_source(clock: FakeClock) -> None:
    inner = FakeSource([numbered_image(0, (8, 4))])
    with PacedSource(inner, clock):
        assert inner.opened == 1
    assert inner.closed == 1
