import pytest

from tests.fakes import FakeClock
from u2cam.stream.metrics import Histogram, Metrics


def test_percentiles_are_right_to_two_percent() -> None:
    histogram = Histogram()
    for duration_ms in range(1, 1001):
        histogram.add(float(duration_ms))
    assert histogram.percentile_ms(50) == pytest.approx(500, rel=0.02)
    assert histogram.percentile_ms(99) == pytest.approx(990, rel=0.02)
    assert histogram.mean_ms == pytest.approx(500.5)


def test_empty_histogram_gives_zero() -> None:
    assert (Histogram().mean_ms, Histogram().percentile_ms(95)) == (0.0, 0.0)


def test_durations_beyond_the_bins_count_in_the_last() -> None:
    histogram = Histogram()
    histogram.add(0.0)
    histogram.add(1e12)
    assert histogram.count == 2
    assert histogram.percentile_ms(100) > 1e5


def test_busy_is_the_share_of_the_run_that_a_stage_worked() -> None:
    metrics = Metrics()
    with metrics.timed("work"):
        pass
    metrics.end()
    times = metrics.stages()["work"]
    assert 0 < times.busy <= 1
    assert times.ms_mean > 0


def test_the_clock_stops_with_the_run() -> None:
    metrics = Metrics()
    metrics.end()
    assert metrics.elapsed_s == metrics.elapsed_s


def test_rate_and_latency_of_several_sinks_are_not_added_up() -> None:
    clock = FakeClock()
    metrics = Metrics(clock)
    for _ in range(30):
        captured_at_s = clock.now_s()
        metrics.count("in")
        clock.sleep(0.010)
        metrics.latency("virtual", captured_at_s)
        clock.sleep(0.002)
        metrics.latency("window", captured_at_s)
        clock.sleep(1 / 30 - 0.012)
        metrics.latency("out.mkv", captured_at_s - 1)
    window = metrics.window(["virtual", "window"])
    assert window.fps_in == pytest.approx(30)
    assert window.fps_out == pytest.approx(30)
    assert window.latency_p95_ms == pytest.approx(12, rel=0.02)
    assert metrics.latency_ms(95, ["virtual"]) == pytest.approx(10, rel=0.02)
    assert metrics.latency_ms(95, ["virtual", "window"]) == pytest.approx(12, rel=0.02)
    assert metrics.latency_ms(95) > 1000


def test_a_window_tells_of_the_sink_that_got_the_fewest_frames() -> None:
    clock = FakeClock()
    metrics = Metrics(clock)
    for number in range(30):
        metrics.count("in")
        metrics.latency("virtual", clock.now_s())
        if number % 3 == 0:
            metrics.latency("window", clock.now_s())
    clock.sleep(1.0)
    assert metrics.window(["virtual", "window"]).fps_out == pytest.approx(10)
    clock.sleep(1.0)
    window = metrics.window(["virtual"])
    assert (window.fps_in, window.fps_out, window.latency_p95_ms) == (0, 0, 0)
