"""When a paced sink gets which picture, and when a lost one is tried again: on a fake clock."""

import logging
import threading
from fractions import Fraction
from itertools import pairwise

import pytest

from tests.fakes import TIME_BASE, FakeClock, FakeSink, numbered_image
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.devices.viewers import REST_PERIOD_S
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.stages.retry_policy import FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S
from u2cam.stream.stages.sink_thread import Output

pytestmark = pytest.mark.timeout(20)
RATE = Fraction(10)
PERIOD_S = 0.1
FORMAT = PictureFormat((64, 36), RATE, TIME_BASE)


class PacedSink:
    """The thread of a paced sink, run by the test itself."""

    def __init__(self, lost_at: range = range(0), *, write_s: float = 0.0) -> None:
        self.clock = FakeClock()
        self.sink = FakeSink(paced=True, lost_at=lost_at, write_s=write_s, clock=self.clock)
        self.awake = threading.Event()
        self.awake.set()
        self.metrics = Metrics(self.clock)
        queue = FrameQueue[Picture]("sink:fake", 1, "drop_oldest", self.clock)
        self.output = Output(
            self.sink,
            queue,
            FORMAT,
            self.metrics,
            self.awake,
            patience_s=60.0,
            clock=self.clock,
        )
        self.planned = 0

    def picture_at(self, *times_s: float) -> None:
        """Plan that pictures come."""
        for at_s in times_s:
            picture = Picture(numbered_image(self.planned), self.planned, TIME_BASE, at_s)
            self.clock.at(at_s, lambda picture=picture: self.output.deliver(picture))
            self.planned += 1

    def run(self, end_s: float) -> list[tuple[float, int]]:
        """Run to a time; return when which picture was written."""
        self.clock.at(end_s, self.output.queue.end)
        self.output.run(lambda: False, lambda: None)
        shown = zip(self.sink.written_at_s, self.sink.pictures, strict=True)
        return [(round(at_s, 6), picture.pts) for at_s, picture in shown]


def test_pictures_at_the_rate_pass_at_once() -> None:
    paced = PacedSink()
    paced.picture_at(0.0, 0.1, 0.2, 0.3)
    assert paced.run(0.32) == [(0.0, 0), (0.1, 1), (0.2, 2), (0.3, 3)]


def test_jitter_below_half_a_period_neither_drops_nor_repeats_a_picture() -> None:
    paced = PacedSink()
    paced.picture_at(0.0, 0.14, 0.2, 0.34, 0.36, 0.5)
    assert [number for _, number in paced.run(0.52)] == [0, 1, 2, 3, 4, 5]


def test_without_a_new_picture_the_last_is_repeated_once_a_period() -> None:
    paced = PacedSink()
    paced.picture_at(0.0, 0.48)
    written = paced.run(0.5)
    assert written[:-1] == [(0.0, 0), (0.15, 0), (0.25, 0), (0.35, 0), (0.45, 0)]
    assert written[-1][1] == 1
    assert paced.metrics.counted("out:fake") == 2, "a repeated picture is no new one"


def test_pictures_that_come_too_fast_are_dropped_and_never_bunched() -> None:
    paced = PacedSink()
    paced.picture_at(*(number / 40 for number in range(80)))
    times_s = [at_s for at_s, _ in paced.run(2.0)]
    assert 20 <= len(times_s) <= 22
    assert min(b - a for a, b in pairwise(times_s)) >= PERIOD_S / 2


def test_a_slow_sink_is_not_made_to_catch_up() -> None:
    paced = PacedSink(write_s=0.25)
    paced.picture_at(*(number / 10 for number in range(30)))
    times_s = [at_s for at_s, _ in paced.run(3.0)]
    assert min(b - a for a, b in pairwise(times_s)) >= 0.25


def test_at_rest_the_last_picture_is_repeated_once_a_second() -> None:
    paced = PacedSink()
    paced.awake.clear()
    paced.picture_at(0.0)
    times_s = [at_s for at_s, _ in paced.run(5.0)]
    assert times_s[0] == 0.0
    assert all(b - a == pytest.approx(REST_PERIOD_S) for a, b in pairwise(times_s[1:]))


def test_a_lost_sink_is_tried_again_with_growing_pauses_and_logged_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    paced = PacedSink(lost_at=range(10, 18))
    paced.picture_at(*(number / 10 for number in range(400)))
    paced.run(40.0)
    tried_s = paced.sink.tried_at_s[10:19]
    pauses_s = [b - a for a, b in pairwise(tried_s)]
    wanted_s = [PERIOD_S, *(min(FIRST_PAUSE_S * 2**n, LONGEST_PAUSE_S) for n in range(7))]
    for pause_s, least_s in zip(pauses_s, wanted_s, strict=True):
        assert least_s - 1e-6 <= pause_s <= least_s + 1.5 * PERIOD_S
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert warnings == ["fake: gone; trying again for 60 s", "fake: takes pictures again"]
    assert paced.sink.closes == [False]


def test_a_sink_that_stays_lost_is_given_up_when_patience_ends() -> None:
    paced = PacedSink(lost_at=range(10, 10**6))
    paced.picture_at(*(number / 10 for number in range(900)))
    paced.run(90.0)
    error = paced.output.error
    assert isinstance(error, SinkError)
    assert str(error) == "fake: gone; given up after 60 s"
    assert 61.0 - 1e-6 <= paced.clock.now_s() <= 61.0 + LONGEST_PAUSE_S + PERIOD_S
    assert paced.sink.closes == [True]


def test_a_sink_that_works_only_now_and_then_is_given_up_too() -> None:
    paced = PacedSink()
    paced.sink.lost_at = [attempt for attempt in range(10**4) if attempt % 8 == 0]
    paced.picture_at(*(number / 10 for number in range(900)))
    paced.run(90.0)
    assert STEADY_S > 7 * PERIOD_S
    assert str(paced.output.error).endswith("given up after 60 s")
