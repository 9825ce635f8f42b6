import time
from fractions import Fraction

import numpy as np
import pytest

from stream.frame import Frame, MattedFrame
from stream.pipeline import Pipeline
from stream.propagation import carry
from stream.settings import CaptureSettings, PipelineSettings
from tests.fakes import (
    TIME_BASE,
    FakeEffects,
    FakeMatter,
    FakePropagator,
    FakeSink,
    FakeSource,
    numbered_image,
)

pytestmark = pytest.mark.timeout(30)


def frame(number: int, captured_at_s: float) -> Frame:
    return Frame(numbered_image(number), number, number * 3000, TIME_BASE, captured_at_s)


def matted(number: int, captured_at_s: float) -> MattedFrame:
    alpha = np.full((9, 16), 0.5, np.float32)
    return MattedFrame(frame(number, captured_at_s), alpha, (16, 9))


def test_a_frame_gets_the_newest_matte_and_its_age() -> None:
    carried = carry(matted(0, 10.0), frame(3, 10.2), FakePropagator(), max_age_s=0.5)
    assert carried is not None
    assert carried.frame.index == 3
    assert carried.matte_age_s == pytest.approx(0.2)


def test_without_any_matte_there_is_none() -> None:
    assert carry(None, frame(0, 10.0), FakePropagator(), max_age_s=0.5) is None


def test_a_matte_that_is_too_old_is_not_valid() -> None:
    assert carry(matted(0, 10.0), frame(9, 10.6), FakePropagator(), max_age_s=0.5) is None


def test_a_matte_is_not_carried_across_a_cut() -> None:
    propagator = FakePropagator(cut=lambda before, now: True)
    assert carry(matted(0, 10.0), frame(1, 10.1), propagator, max_age_s=0.5) is None


def test_a_matte_of_another_frame_size_is_not_valid() -> None:
    image = numbered_image(1, (32, 18))
    other = Frame(image, 1, 3000, TIME_BASE, 10.0)
    assert carry(matted(0, 10.0), other, FakePropagator(), max_age_s=0.5) is None


def test_output_runs_at_the_camera_rate_however_slow_the_network() -> None:
    count = 60
    source = FakeSource(
        [numbered_image(number) for number in range(count)], live=True, rate=Fraction(60)
    )
    sink, matter = FakeSink(), FakeMatter(matte_s=0.15)
    run = Pipeline(
        source,
        matter,
        FakeEffects(),
        [sink],
        live=True,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        propagator=FakePropagator(),
    )
    begin_s = time.monotonic()
    run.run()
    assert time.monotonic() - begin_s < 5
    # Only the frames before the first matte, 0.15 s, go without; the margin is for a busy machine.
    assert len(sink.pictures) >= count - 30
    assert matter.calls < 20
    assert run.metrics.matte_age_ms(95) > 50
    assert "wanted" not in run.dropped()
