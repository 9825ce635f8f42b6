"""The inference stage where frames stay on a device: order, batches, failures, the gate."""

import logging
import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.fakes import (
    TIME_BASE,
    FakeCompositor,
    FakeEffects,
    FakeMatter,
    FakePropagator,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.frame import ComposedFrame, Composite, Frame, MatteError
from u2cam.core.protocols import Compositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings

pytestmark = pytest.mark.timeout(60)
FRAME = Frame(numbered_image(3), 3, 9000, TIME_BASE, 0.0)
PICTURE = np.zeros((36, 64, 3), np.uint8)


def pipeline(
    source: FakeSource, device: FakeCompositor, sink: FakeSink, *, live: bool = False, **more: Any
) -> Pipeline:
    compositor: Compositor = device
    return Pipeline(
        source,
        device.matter,
        device.effects,
        [sink],
        live=live,
        settings=PipelineSettings(**more),
        capture=CaptureSettings(reconnect_min_s=0.01, reconnect_max_s=0.02),
        propagator=FakePropagator() if live else None,
        compositor=compositor,
    )


def images(count: int) -> list[np.ndarray]:
    return [numbered_image(number) for number in range(count)]


@pytest.mark.parametrize("batch", [1, 3, 4, 16])
def test_offline_every_frame_comes_out_once_in_order_with_its_own_time(batch: int) -> None:
    pts = [3000 * n + (n % 3) * 500 for n in range(22)]
    device = FakeCompositor(FakeMatter(), FakeEffects(), batch=batch)
    sink = FakeSink()
    run = pipeline(FakeSource(images(22), pts=pts), device, sink)
    run.run()
    assert [picture.pts for picture in sink.pictures] == pts
    assert [int(picture.image[0, 0, 0]) for picture in sink.pictures] == list(range(22))
    assert [index for indices in device.submitted for index in indices] == list(range(22))
    assert all(len(indices) == batch for indices in device.submitted[:-1])
    assert run.dropped() == {}
    assert run.metrics.stages().keys() >= {"submit", "collect", "composite"}


def test_offline_one_batch_is_worked_on_while_the_next_is_prepared() -> None:
    device = FakeCompositor(FakeMatter(), FakeEffects(), batch=2)
    pipeline(FakeSource(images(9)), device, FakeSink()).run()
    assert device.most_flying == 2


def test_at_a_new_scene_the_device_forgets_before_it_gets_the_frame() -> None:
    device = FakeCompositor(FakeMatter(), FakeEffects(), batch=2)
    run = Pipeline(
        FakeSource(images(9)),
        device.matter,
        device.effects,
        [FakeSink()],
        live=False,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        compositor=device,
        begins_scene=lambda image: int(image[0, 0, 0]) in (4, 7),
    )
    run.run()
    # The seventh is the second of its batch: smoothing ends by itself, and there is no memory.
    assert device.reset_before == [2]


def test_live_every_frame_is_waited_for_by_itself() -> None:
    device = FakeCompositor(FakeMatter(), FakeEffects(), batch=8)
    source = FakeSource(images(12), live=True, rate=Fraction(100))
    run = pipeline(source, device, FakeSink(), live=True)
    run.run()
    assert device.most_flying == 1
    assert all(len(indices) == 1 for indices in device.submitted)
    assert run.matting is None


def test_the_batch_may_shrink_on_the_way() -> None:
    class Shrinks(FakeCompositor):
        def collect(self) -> list[Composite]:
            self.batch = max(1, self.batch // 2)
            return super().collect()

    device = Shrinks(FakeMatter(), FakeEffects(), batch=8)
    sink = FakeSink()
    pipeline(FakeSource(images(30)), device, sink).run()
    assert [int(picture.image[0, 0, 0]) for picture in sink.pictures] == list(range(30))
    assert [len(indices) for indices in device.submitted[:4]] == [8, 8, 4, 2]


@pytest.mark.parametrize("trouble", ["nan", "out_of_range", "wrong_size"])
def test_offline_an_invalid_matte_ends_the_run(trouble: Any) -> None:
    device = FakeCompositor(FakeMatter(troubles={5: trouble}), FakeEffects(), batch=2)
    sink = FakeSink()
    with pytest.raises(MatteError, match="matte of frame 5"):
        pipeline(FakeSource(images(9)), device, sink).run()
    assert sink.closes == [True]
    assert len(sink.pictures) <= 4


@pytest.mark.parametrize("trouble", ["nan", "out_of_range", "wrong_size"])
def test_live_a_frame_with_an_invalid_matte_is_withheld_and_what_came_before_is_forgotten(
    trouble: Any, caplog: pytest.LogCaptureFixture
) -> None:
    device = FakeCompositor(FakeMatter(troubles={2: trouble}), FakeEffects())
    sink = FakeSink()
    source = FakeSource(images(8), live=True, rate=Fraction(50))
    run = pipeline(source, device, sink, live=True)
    with caplog.at_level(logging.WARNING):
        run.run()
    shown = [int(picture.image[0, 0, 0]) for picture in sink.pictures if not picture.holding]
    assert 2 not in shown and len(shown) >= 5
    assert run.metrics.counted("matte failed") == 1
    assert run.dropped()["captured"]["matte failed"] == 1
    assert device.abandoned == 1
    assert "frame withheld" in caplog.text and "mattes are back" in caplog.text


def test_a_device_that_fails_offline_ends_the_run_with_its_error() -> None:
    device = FakeCompositor(FakeMatter(), FakeEffects(), collect_fails_at=3)
    with pytest.raises(RuntimeError, match="fake device failed") as failure:
        pipeline(FakeSource(images(9)), device, FakeSink()).run()
    assert failure.value.__notes__ == ["in stage 'inference'"]


def test_a_device_that_fails_for_good_ends_a_live_run() -> None:
    device = FakeCompositor(FakeMatter(troubles=dict.fromkeys(range(99), "nan")), FakeEffects())
    source = FakeSource(images(60), live=True, rate=Fraction(200))
    with pytest.raises(MatteError):
        pipeline(source, device, FakeSink(), live=True, max_failures=3).run()


def test_a_device_that_hangs_shows_the_holding_picture_and_starts_anew_afterwards() -> None:
    matter = FakeMatter(troubles={4: "stall"})
    device = FakeCompositor(matter, FakeEffects())
    sink = FakeSink(paced=True)
    source = FakeSource(images(40), live=True, rate=Fraction(60))
    run = pipeline(source, device, sink, live=True, hold_after_s=0.05)
    timer = threading.Timer(0.4, matter.go_on.set)
    timer.start()
    run.run()
    timer.join()
    assert any(picture.holding for picture in sink.pictures)
    assert not sink.pictures[-1].holding
    assert device.reset_before


def test_the_privacy_screen_works_without_the_device() -> None:
    device = FakeCompositor(FakeMatter(), FakeEffects())
    sink = FakeSink()
    run = pipeline(FakeSource(images(4)), device, sink)
    run.screen.set()
    run.run()
    assert [picture.holding for picture in sink.pictures] == [True] * 4


def test_a_run_that_is_stopped_leaves_nothing_in_flight() -> None:
    device = FakeCompositor(FakeMatter(matte_s=0.01), FakeEffects(), batch=4)
    run = pipeline(FakeSource(images(200)), device, FakeSink())
    threading.Timer(0.1, run.stop).start()
    run.run()
    assert run.metrics.counted("out") < 200


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [
        ((36, 64), float("nan"), float("nan")),
        ((36, 64), -0.01, 1.0),
        ((36, 64), 0.0, 1.01),
        ((36, 64), 0.0, float("inf")),
        ((64, 36), 0.0, 1.0),
        ((36, 64, 1), 0.0, 1.0),
        ((0, 64), 0.0, 1.0),
        ((), 0.0, 1.0),
    ],
)
def test_no_composed_frame_without_a_valid_matte(
    shape: tuple[int, ...], low: float, high: float
) -> None:
    with pytest.raises(MatteError, match="matte of frame 3"):
        ComposedFrame(FRAME, Composite(PICTURE, shape, low, high), (64, 36))


def test_no_composed_frame_without_a_picture() -> None:
    floats: Any = PICTURE.astype(np.float32)
    with pytest.raises(MatteError, match="frame 3"):
        ComposedFrame(FRAME, Composite(floats, (36, 64), 0.0, 1.0), (64, 36))


def test_a_valid_one_passes() -> None:
    assert ComposedFrame(FRAME, Composite(PICTURE, (36, 64), 0.0, 1.0), (64, 36)).frame is FRAME
