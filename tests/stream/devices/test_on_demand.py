"""A run rests while there is no viewer, and wakes without being built anew."""

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.fakes import FakeMatter, FakeRenderer, FakeSink, FakeSource, numbered_image
from u2cam.core.errors import SourceLost
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.devices.viewers import OnDemand
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings


class RestingSource(FakeSource):
    """A camera that can be released."""

    def __init__(self) -> None:
        super().__init__([numbered_image(n % 256) for n in range(5000)], live=True)
        self.rests = 0
        self.released = False

    def rest(self) -> None:
        self.rests += 1
        self.released = True

    def reopen(self) -> bool:
        self.released = False
        return super().reopen()

    def read(self) -> Any:
        if self.released:
            raise SourceLost("fake: resting")
        return super().read()


class Audience:
    """Viewers that the test commands."""

    def __init__(self) -> None:
        self.there = False
        self.closed = 0

    def wait(self, timeout_s: float) -> bool:
        time.sleep(min(timeout_s, 0.005))
        return self.there

    def close(self) -> None:
        self.closed += 1


def until(condition: Callable[[], bool], timeout_s: float = 15) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_camera_and_network_rest_until_somebody_watches_and_again_afterwards() -> None:
    source, matter = RestingSource(), FakeMatter()
    sink, audience = FakeSink(paced=True), Audience()
    on_demand = OnDemand(source.rest, lambda: audience)
    pipeline = Pipeline(
        source,
        CpuCompositor(matter, FakeRenderer()),
        [sink],
        live=True,
        settings=PipelineSettings(hold_after_s=0.1),
        capture=CaptureSettings(reconnect_min_s=0.01),
        on_demand=on_demand,
    )
    run = threading.Thread(target=pipeline.run, name="run")
    with source:
        run.start()
        try:
            until(lambda: len(sink.pictures) >= 3)
            assert matter.calls == 0 and source.released
            assert all(picture.placeholder for picture in sink.pictures)
            gaps = np.diff(sink.written_at_s)
            assert gaps[1:].min() > 0.3, "a placeholder a second, not the camera's rate"

            audience.there = True
            until(lambda: matter.calls > 5)
            assert matter.reset_before == [], "the first scene needs no reset"
            assert not source.released and not sink.pictures[-1].placeholder

            on_demand.awake.clear()  # As after the patience of `follow`, which has its own tests.
            audience.there = False
            until(lambda: source.rests == 2)
            calls = matter.calls
            until(lambda: sink.pictures[-1].placeholder)
            assert matter.calls <= calls + 2 and pipeline.resting

            resting_after = matter.calls
            on_demand.awake.set()
            until(lambda: matter.calls > resting_after)
            assert matter.reset_before[-1] >= resting_after, "a rest begins a new scene"
        finally:
            pipeline.stop()
            run.join(10)
    assert not run.is_alive() and audience.closed == 1


def test_a_run_that_rests_stops_at_once() -> None:
    source, audience = RestingSource(), Audience()
    pipeline = Pipeline(
        source,
        CpuCompositor(FakeMatter(), FakeRenderer()),
        [FakeSink(paced=True)],
        live=True,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        on_demand=OnDemand(source.rest, lambda: audience),
    )
    run = threading.Thread(target=pipeline.run, name="run")
    with source:
        run.start()
        until(lambda: source.rests == 1)
        begin_s = time.monotonic()
        pipeline.stop()
        run.join(10)
    assert time.monotonic() - begin_s < 3 and audience.closed == 1
