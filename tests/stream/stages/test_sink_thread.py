"""What a live run does with a sink that does not take its pictures."""

import logging
import threading
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.fakes import (
    TIME_BASE,
    FakeMatter,
    FakeRenderer,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.stages import retry_policy
from u2cam.stream.stages.sink_thread import Output

pytestmark = pytest.mark.timeout(30)


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_policy, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(retry_policy, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(retry_policy, "STEADY_S", 0.2)


def pipeline_of(
    source: FakeSource, *sinks: FakeSink, live: bool, patience_s: float = 20
) -> Pipeline:
    return Pipeline(
        source,
        CpuCompositor(FakeMatter(), FakeRenderer()),
        sinks,
        live=live,
        settings=PipelineSettings(hold_after_s=0.2, sink_patience_s=patience_s),
        capture=CaptureSettings(),
    )


def run_with(*sinks: FakeSink, frames: int = 60, patience_s: float = 20, live: bool = True) -> Any:
    source = FakeSource([numbered_image(n) for n in range(frames)], rate=Fraction(60), live=live)
    pipeline = pipeline_of(source, *sinks, live=live, patience_s=patience_s)
    pipeline.run()
    return pipeline


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


@pytest.mark.parametrize("paced", [False, True])
def test_a_write_that_fails_now_and_then_costs_one_picture_each_and_no_line(
    paced: bool, caplog: pytest.LogCaptureFixture
) -> None:
    sink = FakeSink(paced=paced, lost_at={5, 20})
    run = run_with(sink)
    assert sink.writes >= 40
    assert len(sink.pictures) == sink.writes - 2
    assert run.dropped()["sink:fake"]["output lost"] <= 2
    assert sink.closes == [False]
    assert run.failed_sinks == {}
    assert warnings(caplog) == []


def test_a_sink_that_stays_lost_ends_the_run_with_one_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink = FakeSink(paced=True, lost_at=range(10, 10**6))
    with pytest.raises(SinkError, match=r"fake: gone; given up after 0\.5 s") as caught:
        run_with(sink, frames=900, patience_s=0.5)
    assert not isinstance(caught.value, SinkLost)
    assert len(warnings(caplog)) == 1
    assert sink.writes - len(sink.pictures) < 0.5 / 0.02 + 3, "it spun"
    assert sink.closes == [True]


def test_the_other_sinks_do_not_notice() -> None:
    lost, good = FakeSink("lost", paced=True, lost_at=range(5, 10**6)), FakeSink("good", paced=True)
    run = run_with(lost, good, frames=60, patience_s=0.3)
    assert list(run.failed_sinks) == ["lost"]
    assert len(good.pictures) > 50
    assert np.diff(good.written_at_s).max() < 0.3
    assert good.closes == [False]


def test_the_sinks_that_count_are_those_watched_and_at_work() -> None:
    camera, second = FakeSink("camera", paced=True, fail_at=8), FakeSink("second", live=True)
    seen: list[list[str]] = []
    source = FakeSource([numbered_image(n) for n in range(40)], rate=Fraction(120), live=True)
    run = pipeline_of(source, camera, second, FakeSink("recording"), live=True)
    run.run(lambda: seen.append(run.watched_sinks), tick_s=0.005)
    assert seen[0] == ["camera", "second"]
    assert run.watched_sinks == ["second"]


def test_without_a_watched_sink_recordings_count() -> None:
    run = run_with(FakeSink("a"), FakeSink("b"), FakeSink("a"), frames=2)
    assert run.sink_names == run.watched_sinks == ["a", "b", "a (2)"]


def test_a_run_that_ends_while_its_sink_is_lost_has_failed() -> None:
    sink = FakeSink(lost_at=range(10, 10**6))
    with pytest.raises(SinkError, match="fake: gone"):
        run_with(sink, frames=30)
    assert sink.closes == [True]


def test_offline_nothing_is_tried_again() -> None:
    sink = FakeSink(lost_at={5})
    with pytest.raises(SinkLost):
        run_with(sink, frames=1000, live=False)
    assert sink.writes == 6
    assert sink.closes == [True]


def test_a_sink_error_that_is_final_is_not_tried_again() -> None:
    sink = FakeSink(paced=True, fail_at=5)
    with pytest.raises(SinkError, match="fake: failed"):
        run_with(sink)
    assert sink.writes == 6


def test_a_sink_that_cannot_open_says_why_before_it_says_that_it_is_ready() -> None:
    picture_format = PictureFormat((64, 36), Fraction(30), TIME_BASE)
    queue = FrameQueue[Picture]("sink:shut", 1, "wait")
    output = Output(FakeSink("shut", refuse="no device"), queue, picture_format, Metrics())
    known_when_ready: list[Exception | None] = []

    class Ready(threading.Event):
        def set(self) -> None:
            known_when_ready.append(output.error)
            super().set()

    output.ready = Ready()
    output.run(lambda: False, lambda: None)
    assert [str(error) for error in known_when_ready] == ["no device"]
