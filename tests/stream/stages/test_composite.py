"""When the placeholder is due and which times pictures carry, on a fake clock."""

import threading
from fractions import Fraction

import numpy as np
import pytest

from tests.fakes import TIME_BASE, FakeClock, FakeMatter, FakeRenderer, numbered_image
from u2cam.core.frame import Frame, MattedFrame, Picture
from u2cam.core.protocols import ReadyFrame
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.devices.viewers import REST_PERIOD_S
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sources.base import SourceInfo
from u2cam.stream.stages.composite import composite_loop

pytestmark = pytest.mark.timeout(20)
SIZE_WH = (64, 36)
RATE = Fraction(10)
INFO = SourceInfo("fake", SIZE_WH, RATE, live=True, time_base=TIME_BASE, frames=None)
FORMAT = PictureFormat(SIZE_WH, RATE, TIME_BASE, "rgb", INFO)


class Stage:
    """The composite stage on a fake clock; frames are planned before it runs."""

    def __init__(self) -> None:
        self.clock = FakeClock(50.0)
        self.ready = FrameQueue[ReadyFrame]("ready", 9, "wait", self.clock)
        self.screen, self.awake = threading.Event(), threading.Event()
        self.awake.set()
        self.metrics = Metrics()
        self.renderer = FakeRenderer()
        self.made: list[tuple[float, Picture]] = []

    def frame_at(self, time_s: float, number: int, captured_at_s: float | None = None) -> None:
        """Plan that a frame gets here `time_s` after the start, with its matte."""
        taken_s = 50.0 + (time_s if captured_at_s is None else captured_at_s)
        frame = Frame(numbered_image(number), number, number * 9000, TIME_BASE, taken_s)
        matted = MattedFrame(frame, np.ones((36, 64), np.float32), SIZE_WH)
        self.clock.at(50.0 + time_s, lambda: self.ready.put(matted))

    def run(self, end_s: float, hold_after_s: float | None = 0.7) -> list[tuple[float, bool]]:
        """Run to a time after the start; return when pictures came and which are placeholders."""
        self.clock.at(50.0 + end_s, self.ready.end)
        composite_loop(
            self.ready,
            CpuCompositor(FakeMatter(), self.renderer),
            lambda picture: self.made.append((self.clock.now_s() - 50.0, picture)),
            FORMAT,
            self.metrics,
            frame_size_wh=SIZE_WH,
            hold_after_s=hold_after_s,
            screen=self.screen,
            awake=self.awake,
            clock=self.clock,
        )
        return [(round(at_s, 6), picture.placeholder) for at_s, picture in self.made]


def test_before_the_first_frame_placeholders_come_at_the_rate() -> None:
    stage = Stage()
    assert stage.run(0.95) == [(0.7, True), (0.8, True), (0.9, True)]
    assert stage.metrics.counted("placeholder") == 3


def test_a_gap_is_bridged_from_when_it_is_noticed_until_the_next_frame() -> None:
    stage = Stage()
    for number, at_s in enumerate((0.1, 0.2, 1.15, 1.2)):
        stage.frame_at(at_s, number)
    made = stage.run(1.5)
    assert made == [
        (0.1, False),
        (0.2, False),
        (0.9, True),
        (1.0, True),
        (1.1, True),
        (1.15, False),
        (1.2, False),
    ]


def test_times_go_on_without_frames_and_never_back() -> None:
    stage = Stage()
    stage.frame_at(0.1, 1)  # pts 0.1 s
    stage.frame_at(1.05, 3)  # pts 0.3 s: earlier than the placeholders before it
    stage.run(1.1)
    times_s = [round(float(picture.pts * TIME_BASE), 4) for _, picture in stage.made]
    assert times_s[:4] == [0.1, 0.8, 0.9, 1.0]
    assert times_s[4] == pytest.approx(1.0, abs=0.0002)
    assert times_s == sorted(times_s)
    assert len({picture.pts for _, picture in stage.made}) == len(stage.made)


def test_at_rest_one_placeholder_a_second_is_made() -> None:
    stage = Stage()
    stage.awake.clear()
    assert [at_s for at_s, _ in stage.run(4.0)] == pytest.approx(
        [0.7, 0.7 + REST_PERIOD_S, 0.7 + 2 * REST_PERIOD_S, 0.7 + 3 * REST_PERIOD_S]
    )


def test_the_privacy_screen_shows_placeholders_at_the_frames_times() -> None:
    stage = Stage()
    stage.screen.set()
    stage.frame_at(0.1, 0)
    stage.frame_at(0.25, 1)
    assert stage.run(0.3) == [(0.1, True), (0.25, True)]
    assert stage.renderer.renders == 0


def test_offline_no_placeholder_is_ever_made() -> None:
    stage = Stage()
    stage.frame_at(0.1, 0)
    stage.frame_at(500.0, 1)
    assert stage.run(900.0, hold_after_s=None) == [(0.1, False), (500.0, False)]


def test_a_picture_carries_the_capture_time_of_its_frame() -> None:
    stage = Stage()
    stage.frame_at(0.3, 0, captured_at_s=0.05)
    stage.run(0.4)
    assert stage.made[0][1].captured_at_s == pytest.approx(50.05)
