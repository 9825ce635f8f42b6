from u2cam.stream.stages.retry_policy import FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S, Outage


def test_the_first_picture_after_a_failure_is_tried_at_once_then_with_growing_pauses() -> None:
    outage, now_s, pauses_s = Outage(1000), 100.0, []
    for _ in range(8):
        assert not outage.failed(now_s)
        pause_s = 0.0
        while outage.pausing(now_s + pause_s):
            pause_s += 0.0625
        pauses_s.append(pause_s)
        now_s += pause_s
    assert pauses_s[:3] == [0, FIRST_PAUSE_S, 2 * FIRST_PAUSE_S]
    assert pauses_s[-1] == LONGEST_PAUSE_S


def test_patience_ends() -> None:
    outage = Outage(10)
    assert not outage.failed(0)
    assert not outage.failed(9.9)
    assert outage.failed(10)


def test_without_patience_the_first_failure_is_the_last() -> None:
    assert Outage(0).failed(5)


def test_a_steady_sink_is_well_again_and_patience_starts_anew() -> None:
    outage = Outage(10)
    outage.failed(0)
    assert not outage.worked(1)
    assert not outage.lasts
    assert outage.worked(1 + STEADY_S)
    assert not outage.worked(50), "it ended once"
    assert not outage.failed(100)
    assert outage.failures == 1


def test_a_sink_that_flutters_is_in_one_long_outage() -> None:
    outage, now_s = Outage(10), 0.0
    while not outage.failed(now_s):
        now_s += STEADY_S / 2
        assert not outage.worked(now_s)
        now_s += STEADY_S / 4
    assert 10 <= now_s < 10 + STEADY_S
