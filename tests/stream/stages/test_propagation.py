import threading
import time
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from tests.fakes import (
    TIME_BASE,
    Failure,
    FakeMatter,
    FakePropagator,
    FakeRenderer,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.frame import Frame, MattedFrame
from u2cam.core.protocols import ReadyFrame
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.stages.propagation import LiveMatting, carry

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
    propagator = FakePropagator()
    after = replace(frame(1, 10.1), scene=1)
    assert carry(matted(0, 10.0), after, propagator, max_age_s=0.5) is None
    assert propagator.calls == 0


def test_a_matte_that_the_propagator_cannot_carry_is_not_valid() -> None:
    propagator = FakePropagator(carries=False)
    assert carry(matted(0, 10.0), frame(1, 10.1), propagator, max_age_s=0.5) is None


def test_a_matte_of_another_frame_size_is_not_valid() -> None:
    image = numbered_image(1, (32, 18))
    other = Frame(image, 1, 3000, TIME_BASE, 10.0)
    assert carry(matted(0, 10.0), other, FakePropagator(), max_age_s=0.5) is None


def live_run(source: FakeSource, sink: FakeSink, matter: FakeMatter) -> Pipeline:
    return Pipeline(
        source,
        CpuCompositor(matter, FakeRenderer()),
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


def test_a_new_scene_is_noticed_though_its_first_frame_was_dropped() -> None:
    matted: list[int] = []

    def alpha(image: np.ndarray) -> np.ndarray:
        matted.append(int(image[0, 0, 0]))
        return np.ones(image.shape[:2], np.float32)

    matter = FakeMatter(alpha, matte_s=0.04)
    run = Pipeline(
        live_source(30),
        CpuCompositor(matter, FakeRenderer()),
        [FakeSink()],
        live=True,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        propagator=FakePropagator(),
        begins_scene=lambda image: int(image[0, 0, 0]) in (10, 11),
    )
    run.run()
    assert len(matted) < 25, "frames were dropped"
    first = next(call for call, number in enumerate(matted) if number >= 11)
    assert matter.reset_before[-1] == first


def test_no_frame_overtakes_another_when_the_mode_changes() -> None:
    """Inference is about to hand frame 5 over when frame 6 comes with a carried matte."""
    handing_over, overtaken = threading.Event(), threading.Event()

    class SlowlyTaking(FrameQueue[ReadyFrame]):
        def put(self, item: ReadyFrame) -> bool:
            if item.frame.index == 5:
                handing_over.set()
                overtaken.wait(0.3)
            dropped = super().put(item)
            if item.frame.index == 6:
                overtaken.set()
            return dropped

    captured = FrameQueue[Frame]("captured", 2, "wait")
    ready = SlowlyTaking("ready", 2, "drop_oldest")
    matting = LiveMatting(captured, ready, FakePropagator(), Metrics(), max_age_s=1.0)
    inference = threading.Thread(target=matting.keep, args=(matted(5, 10.0),))
    inference.start()
    assert handing_over.wait(10)
    matting.asynchronous.set()
    captured.put(frame(6, 10.1))
    captured.end()
    matting.propagate()
    inference.join(10)
    assert [ready.get().frame.index for _ in range(2)] == [5, 6]


def test_synchronous_every_picture_has_its_own_matte_and_the_rest_is_counted() -> None:
    sink = FakeSink()
    run = live_run(live_source(30), sink, FakeMatter(matte_s=0.05))
    run.run()
    shown = [int(p.image[0, 0, 0]) for p in sink.pictures if not p.placeholder]
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
    shown = [int(p.image[0, 0, 0]) for p in sink.pictures if not p.placeholder]
    assert shown == sorted(set(shown))
    assert len(shown) > 20


def test_the_budget_may_leave_frames_out() -> None:
    sink = FakeSink()
    run = live_run(live_source(40), sink, FakeMatter())
    assert run.matting is not None
    run.matting.every = 4
    run.run()
    shown = [int(p.image[0, 0, 0]) for p in sink.pictures if not p.placeholder]
    assert all(number % 4 == 0 for number in shown)
    assert run.dropped()["captured"]["latency budget"] >= 20


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_failed_matte_costs_a_frame_only_where_frames_wait_for_their_own(
    asynchronous: bool,
) -> None:
    failures: dict[int, Failure] = dict.fromkeys(range(5, 8), "nan")
    run = live_run(live_source(40), FakeSink(), FakeMatter(failures=failures))
    assert run.matting is not None
    if asynchronous:
        run.matting.asynchronous.set()
    run.run()
    assert run.metrics.counted("matte failed") == 3
    dropped = run.dropped().get("captured", Counter())
    assert dropped["matte failed"] == (0 if asynchronous else 3)
