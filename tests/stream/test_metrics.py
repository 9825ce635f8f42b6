import pytest

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
