from u2cam.stream.stages.retry_policy import FIRST_PAUSE_S, LONGEST_PAUSE_S, STEADY_S, RetryPolicy


def test_the_first_picture_after_a_failure_is_tried_at_once_then_with_growing_pauses() -> None:
    policy, now_s, pauses_s = RetryPolicy(1000), 100.0, []
    for _ in range(8):
        assert not policy.failed(now_s)
        pause_s = 0.0
        while policy.pausing(now_s + pause_s):
            pause_s += 0.0625
        pauses_s.append(pause_s)
        now_s += pause_s
    assert pauses_s[:3] == [0, FIRST_PAUSE_S, 2 * FIRST_PAUSE_S]
    assert pauses_s[-1] == LONGEST_PAUSE_S


def test_patience_ends() -> None:
    policy = RetryPolicy(10)
    assert not policy.failed(0)
    assert not policy.failed(9.9)
    assert policy.failed(10)


def test_without_patience_the_first_failure_is_the_last() -> None:
    assert RetryPolicy(0).failed(5)


def test_a_steady_sink_is_well_again_and_patience_starts_anew() -> None:
    policy = RetryPolicy(10)
    policy.failed(0)
    assert not policy.worked(1)
    assert not policy.lasts
    assert policy.worked(1 + STEADY_S)
    assert not policy.worked(50), "it ended once"
    assert not policy.failed(100)
    assert policy.failures == 1


def test_a_sink_that_works_now_and_then_is_still_failing() -> None:
    policy, now_s = RetryPolicy(10), 0.0
    while not policy.failed(now_s):
        now_s += STEADY_S / 2
        assert not policy.worked(now_s)
        now_s += STEADY_S / 4
    assert 10 <= now_s < 10 + STEADY_S
