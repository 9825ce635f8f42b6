"""Which outputs a live run is adapted to, second by second."""

from collections.abc import Sequence
from fractions import Fraction

import pytest

from tests.fakes import (
    TIME_BASE,
    FakeClock,
    FakeMatter,
    FakeRenderer,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.adaptation import WARM_UP_S, Adaptation
from u2cam.core.errors import SinkLost
from u2cam.core.frame import Picture
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, LiveSettings, PipelineSettings
from u2cam.stream.sinks.base import PictureFormat, Sink

CAMERA, WINDOW, RECORDING = "virtual", "window", "out.mkv"
ON_TIME_MS, LATE_MS = 20.0, 353.0


class Sizes(FakeMatter):
    """A network with a choice of inputs."""

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        return ((320, 320), (256, 256), (192, 192))

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        pass


class LiveRun:
    """A live run of 30 frames a second whose frames arrive when a test says so."""

    def __init__(self, *sinks: Sink) -> None:
        self.clock = FakeClock(1000.0)
        compositor = CpuCompositor(Sizes(), FakeRenderer())
        self.pipeline = Pipeline(
            FakeSource([numbered_image(0)], live=True),
            compositor,
            sinks,
            live=True,
            settings=PipelineSettings(sink_patience_s=60),
            capture=CaptureSettings(),
            clock=self.clock,
        )
        self.metrics = self.pipeline.metrics
        self.adaptation = Adaptation(
            self.pipeline,
            compositor,
            LiveSettings(),
            mode="sync",
            rate=30,
            slow=False,
            clock=self.clock,
        )
        self.seconds(int(WARM_UP_S) + 1, {name: ON_TIME_MS for name in self.pipeline.sink_names})

    def seconds(self, count: int, arriving_ms: dict[str, float], fps: int = 30) -> list[str]:
        """Let seconds pass; return the levels after each.

        Args:
            count: how many.
            arriving_ms: the latency at each sink that gets frames.
            fps: frames per second that reach these sinks, of the 30 that are captured.
        """
        levels = []
        for _ in range(count):
            self.metrics.count("in", 30)
            for name, latency_ms in arriving_ms.items():
                for _ in range(fps):
                    self.metrics.latency(name, self.clock.now_s() - latency_ms / 1000)
            self.clock.sleep(1)
            self.adaptation.tick()
            levels.append(self.adaptation.level)
        return levels


def camera() -> FakeSink:
    return FakeSink(CAMERA, paced=True)


def window() -> FakeSink:
    return FakeSink(WINDOW, live=True)


def recording() -> FakeSink:
    return FakeSink(RECORDING)


def test_a_slow_recording_beside_the_camera_does_not_make_the_network_smaller() -> None:
    run = LiveRun(camera(), recording())
    assert set(run.seconds(10, {CAMERA: ON_TIME_MS, RECORDING: LATE_MS})) == {"320x320"}


def test_a_slow_recording_alone_does() -> None:
    run = LiveRun(recording())
    assert run.seconds(2, {RECORDING: LATE_MS})[-1] == "256x256"


@pytest.mark.parametrize("late", [CAMERA, WINDOW])
def test_each_output_that_is_watched_counts(late: str) -> None:
    run = LiveRun(camera(), window())
    arriving = {CAMERA: ON_TIME_MS, WINDOW: ON_TIME_MS, late: LATE_MS}
    assert run.seconds(2, arriving)[-1] == "256x256"


def test_two_outputs_at_half_the_rate_are_not_the_whole_rate() -> None:
    run = LiveRun(camera(), window())
    assert run.seconds(2, {CAMERA: ON_TIME_MS, WINDOW: ON_TIME_MS}, fps=15)[-1] == "256x256"


def test_the_rate_at_the_camera_counts_and_not_that_of_the_recording() -> None:
    run = LiveRun(camera(), recording())
    run.seconds(2, {RECORDING: ON_TIME_MS})
    assert run.adaptation.level == "256x256"


def test_an_output_that_failed_or_is_lost_says_nothing_about_the_network() -> None:
    lost, failed = camera(), window()
    run = LiveRun(lost, failed, recording())
    first, second, _ = run.pipeline._outputs
    first._note_lost(SinkLost("virtual: gone"))
    second._fail(OSError("window: lost"))
    assert set(run.seconds(10, {RECORDING: LATE_MS})) == {"320x320"}
    lost.open(PictureFormat((64, 36), Fraction(30), TIME_BASE))
    first._write(Picture(numbered_image(0), 0, TIME_BASE, 0.0))
    assert run.seconds(3, {CAMERA: LATE_MS, RECORDING: ON_TIME_MS})[-1] == "256x256"


def test_a_recording_counts_once_it_is_the_only_output_left() -> None:
    run = LiveRun(camera(), recording())
    run.pipeline._outputs[0]._fail(OSError("virtual: given up"))
    assert run.seconds(2, {RECORDING: LATE_MS})[-1] == "256x256"


def test_behind_the_privacy_screen_nothing_is_held_against_the_network() -> None:
    run = LiveRun(camera())
    run.pipeline.screen.set()
    assert set(run.seconds(10, {})) == {"320x320"}
    run.pipeline.screen.clear()
    assert set(run.seconds(10, {CAMERA: ON_TIME_MS})) == {"320x320"}
    assert run.seconds(2, {CAMERA: LATE_MS})[-1] == "256x256"
