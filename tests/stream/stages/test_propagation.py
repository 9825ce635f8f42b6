import time
from fractions import Fraction

import numpy as np
import pytest

from tests.fakes import (
    TIME_BASE,
    FakeEffects,
    FakeMatter,
    FakePropagator,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.frame import Frame, MattedFrame
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.stages.propagation import carry

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


def live_run(source: FakeSource, sink: FakeSink, matter: FakeMatter) -> Pipeline:
    return Pipeline(
        source,
        matter,
        FakeEffects(),
        [sink],
        live=True,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        propagator=FakePropagator(),
    )


def live_source(count: int) -> FakeSource:
    images = [numbered_image(number) for number in range(count)]
    return FakeSource(images, live=True, rate=Fraction(60))


def test_output_runs_at_the_camera_rate_however_slow_the_network() -> None:
    sink, matter = FakeSink(), FakeMatter(matte_s=0.15)
    run = live_run(live_source(60), sink, matter)
    assert run.matting is not None
    run.matting.asynchronous.set()
    begin_s = time.monotonic()
    run.run()
    assert time.monotonic() - begin_s < 5
    # Only the frames before the first matte, 0.15 s, go without; the margin is for a busy machine.
    assert len(sink.pictures) >= 30
    assert matter.calls < 20
    assert run.metrics.matte_age_ms(95) > 50
    assert "wanted" not in run.dropped()


def test_the_network_forgets_before_the_first_frame_of_a_new_scene() -> None:
    seen, matter = [], FakeMatter()

    def begins_scene(image: np.ndarray) -> bool:
        seen.append(int(image[0, 0, 0]))
        return len(seen) == 3

    run = Pipeline(
        live_source(10),
        matter,
        FakeEffects(),
        [FakeSink()],
        live=True,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        propagator=FakePropagator(),
        begins_scene=begins_scene,
    )
    run.run()
    assert len(seen) == matter.calls >= 3
    assert matter.reset_before == [2]


def test_synchronous_every_picture_has_its_own_matte_and_the_rest_is_counted() -> None:
    sink = FakeSink()
    run = live_run(live_source(30), sink, FakeMatter(matte_s=0.05))
    run.run()
    shown = [int(p.image[0, 0, 0]) for p in sink.pictures if not p.holding]
    dropped = sum(reasons.total() for reasons in run.dropped().values())
    assert shown == sorted(set(shown))
    assert 3 < len(shown) < 30
    assert len(shown) + dropped == 30
    assert run.metrics.matte_age_ms(95) == 0


def test_the_mode_may_change_while_frames_flow() -> None:
    source, sink = live_source(90), FakeSink()
    run = live_run(source, sink, FakeMatter(matte_s=0.04))
    matting = run.matting
    assert matting is not None

    def toggle() -> None:
        if matting.asynchronous.is_set():
            matting.asynchronous.clear()
        else:
            matting.asynchronous.set()

    run.run(toggle, tick_s=0.1)
    shown = [int(p.image[0, 0, 0]) for p in sink.pictures if not p.holding]
    assert shown == sorted(set(shown))
    assert len(shown) > 20


def test_the_budget_may_leave_frames_out() -> None:
    sink = FakeSink()
    run = live_run(live_source(40), sink, FakeMatter())
    assert run.matting is not None
    run.matting.every = 4
    run.run()
    shown = [int(p.image[0, 0, 0]) for p in sink.pictures if not p.holding]
    assert all(number % 4 == 0 for number in shown)
    assert run.dropped()["captured"]["latency budget"] >= 20
