"""What the capture stage does when its source is lost or at rest, on a fake clock."""

import threading

import numpy as np
import pytest

from tests.fakes import FakeClock, FakeMatter, FakeRenderer, FakeSink, FakeSource, numbered_image
from u2cam.core.errors import SourceLost
from u2cam.core.frame import Frame
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.devices.viewers import OnDemand
from u2cam.stream.frame_queue import FrameQueue
from u2cam.stream.metrics import Metrics
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.stages.capture import capture_loop
from u2cam.stream.stages.scenes import SceneCounter

pytestmark = pytest.mark.timeout(20)
SETTINGS = CaptureSettings(reconnect_min_s=0.5, reconnect_max_s=2.0)


def source(count: int, fail_at: int | None = None, reopens: tuple[bool, ...] = ()) -> FakeSource:
    return FakeSource(
        [numbered_image(number) for number in range(count)],
        fail_at=fail_at,
        error=SourceLost("fake: lost"),
        reopens=reopens,
    )


def captured(
    from_source: FakeSource,
    clock: FakeClock,
    on_demand: OnDemand | None = None,
    stop: threading.Event | None = None,
) -> list[Frame]:
    queue = FrameQueue[Frame]("captured", 99, "wait")
    capture_loop(
        from_source,
        queue,
        Metrics(),
        stop or threading.Event(),
        SETTINGS,
        SceneCounter(),
        on_demand=on_demand,
        clock=clock,
    )
    return [queue.get() for _ in range(len(queue))]


def test_a_lost_source_is_looked_for_with_growing_pauses_and_begins_a_new_scene() -> None:
    clock = FakeClock(100.0)
    frames = captured(source(6, 3, (False, False, False, False)), clock)
    assert clock.now_s() == 100.0 + 0.5 + 1.0 + 2.0 + 2.0 + 2.0
    assert [frame.index for frame in frames] == list(range(6))
    assert [frame.scene for frame in frames] == [0, 0, 0, 1, 1, 1]


def test_a_source_that_is_looked_for_stops_at_once() -> None:
    clock, stop = FakeClock(), threading.Event()
    clock.at(3.0, stop.set)
    assert len(captured(source(6, 3, (False,) * 99), clock, stop=stop)) == 3
    assert clock.now_s() == 3.0


def test_a_source_that_was_at_rest_begins_a_new_scene() -> None:
    clock = FakeClock()
    rests: list[float] = []

    def rest() -> None:
        rests.append(clock.now_s())
        clock.at(clock.now_s() + 60.0, on_demand.awake.set)

    on_demand = OnDemand(rest, lambda: pytest.fail("not asked here"))
    on_demand.awake.set()
    resting = source(4)
    read = resting.read

    def read_and_rest_after_two() -> Frame:
        frame = read()
        if frame.index == 1:
            on_demand.awake.clear()
        return frame

    resting.read = read_and_rest_after_two  # type: ignore[method-assign]
    assert [frame.scene for frame in captured(resting, clock, on_demand)] == [0, 0, 1, 1]
    assert (rests, resting.reopened) == ([0.0], 1)
    assert 60.0 <= clock.now_s() < 60.2


@pytest.mark.parametrize("live", [True, False])
def test_after_a_gap_the_network_forgets_before_the_first_frame(live: bool) -> None:
    """With a crop of where the person was, it would see the first frame without them."""
    lost = FakeSource(
        [numbered_image(number) for number in range(20)],
        live=live,
        fail_at=10,
        error=SourceLost("fake: lost"),
    )
    matted: list[int] = []

    def alpha(image: np.ndarray) -> np.ndarray:
        matted.append(int(image[0, 0, 0]))
        return np.ones(image.shape[:2], np.float32)

    matter = FakeMatter(alpha)
    Pipeline(
        lost,
        CpuCompositor(matter, FakeRenderer()),
        [FakeSink()],
        live=live,
        settings=PipelineSettings(),
        capture=CaptureSettings(reconnect_min_s=0.01, reconnect_max_s=0.02),
    ).run()
    first = next(call for call, number in enumerate(matted) if number >= 10)
    assert matter.reset_before == [first]
