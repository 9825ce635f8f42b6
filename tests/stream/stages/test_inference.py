"""The inference stage: order, batches, failures. With frames that stay on the GPU, mostly."""

import logging
import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.fakes import (
    TIME_BASE,
    FakeClock,
    FakeGpuCompositor,
    FakeMatter,
    FakeRenderer,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.errors import MatteError
from u2cam.core.frame import Frame
from u2cam.core.protocols import Compositor, ReadyFrame
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.stages.failure_policy import FailurePolicy
from u2cam.stream.stages.inference import STALE_S, inference_loop

pytestmark = pytest.mark.timeout(60)


def pipeline(
    source: FakeSource, compositor: Compositor, sink: FakeSink, *, live: bool = False, **more: Any
) -> Pipeline:
    return Pipeline(
        source,
        compositor,
        [sink],
        live=live,
        settings=PipelineSettings(**more),
        capture=CaptureSettings(reconnect_min_s=0.01, reconnect_max_s=0.02),
    )


def images(count: int) -> list[np.ndarray]:
    return [numbered_image(number) for number in range(count)]


@pytest.mark.parametrize("batch", [1, 3, 4, 16])
def test_offline_every_frame_comes_out_once_in_order_with_its_own_time(batch: int) -> None:
    pts = [3000 * n + (n % 3) * 500 for n in range(22)]
    device = FakeGpuCompositor(FakeMatter(), FakeRenderer(), batch=batch)
    sink = FakeSink()
    run = pipeline(FakeSource(images(22), pts=pts), device, sink)
    run.run()
    assert [picture.pts for picture in sink.pictures] == pts
    assert [int(picture.image[0, 0, 0]) for picture in sink.pictures] == list(range(22))
    assert [index for indices in device.submitted for index in indices] == list(range(22))
    assert all(len(indices) == batch for indices in device.submitted[:-1])
    assert run.dropped() == {}
    assert run.metrics.stages().keys() >= {"capture", "inference", "composite"}


def test_offline_one_batch_is_worked_on_while_the_next_is_prepared() -> None:
    device = FakeGpuCompositor(FakeMatter(), FakeRenderer(), batch=2)
    pipeline(FakeSource(images(9)), device, FakeSink()).run()
    assert device.most_in_flight == 2


def test_live_each_frame_is_waited_for_before_the_next_is_submitted() -> None:
    device = FakeGpuCompositor(FakeMatter(), FakeRenderer(), batch=8)
    source = FakeSource(images(12), live=True, rate=Fraction(100))
    run = pipeline(source, device, FakeSink(), live=True)
    run.run()
    assert device.most_in_flight == 1
    assert all(len(indices) == 1 for indices in device.submitted)
    assert run.matting is None


def test_the_batch_may_shrink_on_the_way() -> None:
    class Shrinks(FakeGpuCompositor):
        def collect(self) -> list[ReadyFrame]:
            self.batch = max(1, self.batch // 2)
            return super().collect()

    device = Shrinks(FakeMatter(), FakeRenderer(), batch=8)
    sink = FakeSink()
    pipeline(FakeSource(images(30)), device, sink).run()
    assert [int(picture.image[0, 0, 0]) for picture in sink.pictures] == list(range(30))
    assert [len(indices) for indices in device.submitted[:4]] == [8, 8, 4, 2]


@pytest.mark.parametrize("failure", ["nan", "out_of_range", "wrong_size"])
def test_offline_an_invalid_matte_ends_the_run(failure: Any) -> None:
    device = FakeGpuCompositor(FakeMatter(failures={5: failure}), FakeRenderer(), batch=2)
    sink = FakeSink()
    with pytest.raises(MatteError, match="matte of frame 5"):
        pipeline(FakeSource(images(9)), device, sink).run()
    assert sink.closes == [True]
    assert len(sink.pictures) <= 4


@pytest.mark.parametrize("failure", ["nan", "out_of_range", "wrong_size"])
def test_live_a_frame_with_an_invalid_matte_is_withheld_and_the_frames_before_are_forgotten(
    failure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    device = FakeGpuCompositor(FakeMatter(failures={2: failure}), FakeRenderer())
    sink = FakeSink()
    source = FakeSource(images(8), live=True, rate=Fraction(50))
    run = pipeline(source, device, sink, live=True)
    with caplog.at_level(logging.WARNING):
        run.run()
    shown = [int(picture.image[0, 0, 0]) for picture in sink.pictures if not picture.placeholder]
    assert 2 not in shown and len(shown) >= 5
    assert run.metrics.counted("matte failed") == 1
    assert run.dropped()["captured"]["matte failed"] == 1
    assert device.reset_before == [3]
    assert "frame withheld" in caplog.text and "mattes are back" in caplog.text


def test_a_device_that_fails_offline_ends_the_run_with_its_error() -> None:
    device = FakeGpuCompositor(FakeMatter(), FakeRenderer(), collect_fails_at=3)
    with pytest.raises(RuntimeError, match="fake device failed") as failure:
        pipeline(FakeSource(images(9)), device, FakeSink()).run()
    assert failure.value.__notes__ == ["in stage 'inference'"]


def test_a_device_that_fails_for_good_ends_a_live_run() -> None:
    device = FakeGpuCompositor(FakeMatter(failures=dict.fromkeys(range(99), "nan")), FakeRenderer())
    source = FakeSource(images(60), live=True, rate=Fraction(200))
    with pytest.raises(MatteError):
        pipeline(source, device, FakeSink(), live=True, max_failures=3).run()


def test_while_a_device_hangs_the_placeholder_shows() -> None:
    matter = FakeMatter(failures={4: "stall"})
    device = FakeGpuCompositor(matter, FakeRenderer())
    sink = FakeSink(paced=True)
    source = FakeSource(images(40), live=True, rate=Fraction(60))
    run = pipeline(source, device, sink, live=True, hold_after_s=0.05)
    timer = threading.Timer(0.4, matter.go_on.set)
    timer.start()
    run.run()
    timer.join()
    assert any(picture.placeholder for picture in sink.pictures)
    assert not sink.pictures[-1].placeholder


def test_after_a_frame_that_took_very_long_the_frames_before_are_forgotten() -> None:
    clock = FakeClock()
    frames = FrameQueue[Frame]("captured", 9, "wait")
    for number in range(4):
        frames.put(Frame(numbered_image(number), number, number, TIME_BASE, 0.0))
    frames.end()
    took_s = iter((0.1, STALE_S + 0.1, 0.1, STALE_S - 0.1))
    ready: list[ReadyFrame] = []

    def slow(image: np.ndarray) -> np.ndarray:
        clock.sleep(next(took_s))
        return np.ones(image.shape[:2], np.float32)

    matter = FakeMatter(slow)
    inference_loop(
        frames,
        ready.append,
        CpuCompositor(matter, FakeRenderer()),
        Metrics(),
        FailurePolicy(Metrics(), 0, lambda: None),
        live=True,
        clock=clock,
    )
    assert [frame.frame.index for frame in ready] == [0, 1, 2, 3]
    assert matter.reset_before == [2]


def test_the_privacy_screen_works_without_the_device() -> None:
    device = FakeGpuCompositor(FakeMatter(), FakeRenderer())
    sink = FakeSink()
    run = pipeline(FakeSource(images(4)), device, sink)
    run.screen.set()
    run.run()
    assert [picture.placeholder for picture in sink.pictures] == [True] * 4


def test_a_run_that_is_stopped_leaves_nothing_in_flight() -> None:
    device = FakeGpuCompositor(FakeMatter(matte_s=0.01), FakeRenderer(), batch=4)
    run = pipeline(FakeSource(images(200)), device, FakeSink())
    threading.Timer(0.1, run.stop).start()
    run.run()
    assert run.metrics.counted("out") < 200
