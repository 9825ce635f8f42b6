"""What a live run survives of its network, and how it says so."""

import logging
from fractions import Fraction
from typing import Any

import pytest

from tests.fakes import (
    FakeMatter,
    FakePropagator,
    FakeRenderer,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.errors import MatteError
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings

pytestmark = pytest.mark.timeout(30)
FAILURES = ["raise", "nan", "wrong_size", "out_of_range"]


def live_run(matter: FakeMatter, sink: FakeSink, mode: str, max_failures: int = 30) -> Pipeline:
    images = [numbered_image(number) for number in range(60)]
    pipeline = Pipeline(
        FakeSource(images, live=True, rate=Fraction(60)),
        CpuCompositor(matter, FakeRenderer()),
        [sink],
        live=True,
        settings=PipelineSettings(hold_after_s=0.1, max_failures=max_failures),
        capture=CaptureSettings(),
        propagator=FakePropagator() if mode == "async" else None,
    )
    if pipeline.matting is not None:
        pipeline.matting.asynchronous.set()
    return pipeline


@pytest.mark.parametrize("mode", ["sync", "async"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_network_that_fails_for_a_while_is_survived_and_logged_once(
    failure: Any, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    matter = FakeMatter(failures=dict.fromkeys(range(10, 20), failure))
    sink = FakeSink()
    run = live_run(matter, sink, mode)
    run.run()
    assert run.metrics.counted("matte failed") == 10
    assert len(matter.reset_before) >= 10, "what it learnt before may be spoilt"
    assert not sink.pictures[-1].placeholder
    assert sum(not picture.placeholder for picture in sink.pictures) >= 15
    logged = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert len(logged) == 2, logged
    assert logged[0].startswith("no matte, frame withheld")
    assert logged[1] == "mattes are back after 10 failed"
    assert sink.closes == [False]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_network_that_fails_for_good_ends_the_run(failure: Any) -> None:
    matter = FakeMatter(failures=dict.fromkeys(range(5, 1000), failure))
    sink = FakeSink()
    run = live_run(matter, sink, "sync", max_failures=8)
    with pytest.raises((MatteError, RuntimeError)) as caught:
        run.run()
    assert "in stage 'inference'" in caught.value.__notes__
    assert matter.calls == 5 + 8 + 1
    assert sink.closes == [True]
