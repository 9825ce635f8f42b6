import threading
import time

from tests.fakes.clock import FakeClock
from u2cam.core.clock import SYSTEM_CLOCK, Clock


def test_the_system_clock_is_the_monotonic_one() -> None:
    assert abs(SYSTEM_CLOCK.now_s() - time.monotonic()) < 1


def test_a_wait_for_an_event_ends_with_the_event_or_with_the_time() -> None:
    clock: Clock = SYSTEM_CLOCK
    event = threading.Event()
    assert not clock.wait_set(event, 0.001)
    event.set()
    assert clock.wait_set(event, 60)


def test_a_fake_clock_does_what_was_planned_for_the_time_that_passes() -> None:
    clock = FakeClock(10.0)
    happened: list[tuple[str, float]] = []
    for name, time_s in (("late", 13.0), ("second", 11.5), ("first", 11.0)):
        clock.at(time_s, lambda name=name: happened.append((name, clock.now_s())))
    clock.sleep(2.0)
    assert (happened, clock.now_s()) == ([("first", 11.0), ("second", 11.5)], 12.0)


def test_a_fake_clock_stops_where_the_event_is_set() -> None:
    clock = FakeClock()
    event = threading.Event()
    clock.at(0.25, event.set)
    assert clock.wait_set(event, 1.0)
    assert clock.now_s() == 0.25
