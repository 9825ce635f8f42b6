import _thread
import threading
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from tests.conftest import ours
from tests.fakes import (
    FakeMatter,
    FakePropagator,
    FakeRenderer,
    FakeSink,
    FakeSource,
    numbered_image,
)
from u2cam.core.errors import MatteError, SinkError, SourceError
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.devices.viewers import OnDemand
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.sinks.base import PictureFormat, Sink

pytestmark = pytest.mark.timeout(20)


def pipeline(
    source: FakeSource,
    sinks: Sequence[Sink],
    *,
    matter: FakeMatter | None = None,
    renderer: FakeRenderer | None = None,
    **options: Any,
) -> Pipeline:
    options.setdefault("live", source.info.live)
    options.setdefault("settings", PipelineSettings(hold_after_s=0.2))
    return Pipeline(
        source,
        CpuCompositor(matter or FakeMatter(), renderer or FakeRenderer()),
        sinks,
        capture=CaptureSettings(reconnect_min_s=0.05, reconnect_max_s=0.1),
        **options,
    )


def frames(count: int) -> list[Any]:
    return [numbered_image(number) for number in range(count)]


def test_offline_every_frame_arrives_once_and_in_order() -> None:
    source, sink = FakeSource(frames(50)), FakeSink(write_s=0.001)
    run = pipeline(source, [sink], matter=FakeMatter(matte_s=0.001))
    run.run()
    assert [int(p.image[0, 0, 0]) for p in sink.pictures] == list(range(50))
    assert run.dropped() == {}
    assert sink.closes == [False]


def test_offline_pictures_carry_the_pts_of_their_frames() -> None:
    pts = [0, 10, 11, 5000, 5001]
    source, sink = FakeSource(frames(5), pts=pts), FakeSink()
    pipeline(source, [sink]).run()
    assert [picture.pts for picture in sink.pictures] == pts


def test_the_network_forgets_before_the_first_frame_of_a_new_scene() -> None:
    matter = FakeMatter()
    begins = [4, 7]
    pipeline(
        FakeSource(frames(9)),
        [FakeSink()],
        matter=matter,
        begins_scene=lambda image: int(image[0, 0, 0]) in begins,
    ).run()
    assert matter.reset_before == begins


def test_every_output_receives_every_frame() -> None:
    sinks = [FakeSink("a"), FakeSink("b", write_s=0.002)]
    pipeline(FakeSource(frames(20)), sinks).run()
    assert [len(sink.pictures) for sink in sinks] == [20, 20]


def test_each_sink_lives_in_one_thread_of_its_own() -> None:
    sink = FakeSink("a")
    pipeline(FakeSource(frames(3)), [sink]).run()
    assert sink.threads == {"sink:a"}


def test_live_a_slow_network_drops_old_frames_and_counts_them() -> None:
    source, sink = FakeSource(frames(30), live=True), FakeSink()
    run = pipeline(source, [sink], matter=FakeMatter(matte_s=0.1))
    run.run()
    dropped = run.dropped()["captured"]["full"]
    shown = [p for p in sink.pictures if not p.placeholder]
    assert dropped > 5
    assert len(shown) + dropped == 30
    assert [p.pts for p in sink.pictures] == sorted({p.pts for p in sink.pictures})


def test_max_frames_ends_the_run_early() -> None:
    sink = FakeSink()
    pipeline(FakeSource(frames(50)), [sink], max_frames=7).run()
    assert len(sink.pictures) == 7


@pytest.mark.parametrize("stage", ["capture", "inference", "composite"])
def test_the_first_error_reaches_the_caller_with_its_stage_and_traceback(stage: str) -> None:
    source = FakeSource(frames(20), fail_at=5 if stage == "capture" else None)
    matter = FakeMatter(failures={5: "raise"} if stage == "inference" else {})
    renderer = FakeRenderer(fail_at=5 if stage == "composite" else None)
    sink = FakeSink()
    with pytest.raises((SourceError, RuntimeError)) as caught:
        pipeline(source, [sink], matter=matter, renderer=renderer).run()
    assert f"in stage '{stage}'" in caught.value.__notes__
    origin = {"capture": "read", "inference": "matte", "composite": "render"}[stage]
    assert origin in [entry.name for entry in caught.traceback]
    assert sink.closes == [True]


@pytest.mark.parametrize("failure", ["nan", "wrong_size", "out_of_range"])
def test_offline_an_invalid_matte_fails_the_run(failure: Any) -> None:
    sink = FakeSink()
    with pytest.raises(MatteError, match="matte of frame 3"):
        pipeline(FakeSource(frames(9)), [sink], matter=FakeMatter(failures={3: failure})).run()
    assert sink.closes == [True]


def test_a_failing_sink_does_not_stop_the_other() -> None:
    bad, good = FakeSink("bad", fail_at=3), FakeSink("good")
    run = pipeline(FakeSource(frames(20)), [bad, good])
    run.run()
    assert len(good.pictures) == 20
    assert (bad.closes, good.closes) == ([True], [False])
    assert list(run.failed_sinks) == ["bad"]


def test_the_last_sink_that_fails_stops_the_run() -> None:
    # Far apart: each has a thread of its own, and may be some pictures ahead of the other.
    sinks = [FakeSink("a", fail_at=2), FakeSink("b", fail_at=400)]
    with pytest.raises(SinkError) as caught:
        pipeline(FakeSource(frames(1000)), sinks).run()
    assert str(caught.value) == "b: failed"
    assert caught.value.__notes__ == ["in stage 'sink:b'"]


def test_a_sink_that_cannot_open_stops_the_run_before_the_first_frame() -> None:
    source = FakeSource(frames(20))
    other = FakeSink("other")
    run = pipeline(source, [other, FakeSink("shut", refuse="shut: no such device")])
    with pytest.raises(SinkError, match="no such device"):
        run.run()
    assert run.metrics.counted("in") == 0
    assert (other.pictures, other.closes) == ([], [True])


def test_a_source_without_a_single_frame_is_an_error() -> None:
    sink = FakeSink()
    source = FakeSource(frames(1))
    source.images.clear()
    with pytest.raises(SourceError, match="no frame came"):
        pipeline(source, [sink]).run()
    assert sink.closes == [True]


def test_the_viewer_can_quit_and_what_was_written_is_kept() -> None:
    sink = FakeSink(quit_at=5)
    pipeline(FakeSource(frames(1000)), [sink]).run()
    assert (len(sink.pictures), sink.closes) == (5, [False])


def test_ctrl_c_ends_within_a_second_and_keeps_what_was_written() -> None:
    sink = FakeSink(write_s=0.01)
    run = pipeline(FakeSource(frames(5000)), [sink])

    pressed: list[float] = []

    def press_after_some_frames() -> None:
        if len(sink.pictures) > 5 and not pressed:
            pressed.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run.run(press_after_some_frames, tick_s=0.01)
    assert time.monotonic() - pressed[0] < 1.0
    assert sink.closes == [False]


class Presses:
    """An `on_tick` that presses Ctrl-C at its first calls once `when` is true; then `after`."""

    def __init__(
        self, when: Callable[[], bool], after: Callable[[], None] = lambda: None, times: int = 1
    ) -> None:
        self.when = when
        self.after = after
        self.left = times

    def __call__(self) -> None:
        if self.left and self.when():
            self.left -= 1
            raise KeyboardInterrupt
        if not self.left:
            self.after()


class OnlySinksAreLeft:
    """True from the second call without a stage: the first may still belong to the stages."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> bool:
        names = {thread.name for thread in ours(threading.enumerate())}
        self.calls += names <= {"sink:a", "sink:b", "sink:fake"}
        return self.calls >= 2


def test_ctrl_c_while_the_sinks_finish_loses_no_picture() -> None:
    sink = FakeSink(stall_at=2)
    run = pipeline(FakeSource(frames(5)), [sink])
    try:
        with pytest.raises(KeyboardInterrupt):
            run.run(Presses(OnlySinksAreLeft(), sink.go_on.set), tick_s=0.01)
        assert (len(sink.pictures), sink.closes) == (5, [False])
    finally:
        sink.go_on.set()


def test_ctrl_c_while_stages_are_waited_for_finishes_the_sinks() -> None:
    class Pressed(FakeSource):
        def close(self) -> None:
            super().close()
            if self.closed == 1:
                raise KeyboardInterrupt

    source = Pressed(frames(50), live=True, stall_at=3)
    sink = FakeSink(quit_at=2)
    with pytest.raises(KeyboardInterrupt):
        pipeline(source, [sink]).run()
    assert sink.closes == [False]
    assert not ours(threading.enumerate())


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_while_sinks_open_ends_before_the_first_frame() -> None:
    class Opening(FakeSink):
        def open(self, picture_format: PictureFormat) -> None:
            super().open(picture_format)
            _thread.interrupt_main()
            self.go_on.wait(0.2)

    sink = Opening()
    run = pipeline(FakeSource(frames(50)), [sink])
    with pytest.raises(KeyboardInterrupt):
        run.run()
    assert (run.metrics.counted("in"), sink.closes) == (0, [False])


def test_a_second_ctrl_c_ends_at_once() -> None:
    sink = FakeSink(stall_at=2)
    run = pipeline(FakeSource(frames(5)), [sink])
    try:
        with pytest.raises(KeyboardInterrupt):
            run.run(Presses(OnlySinksAreLeft(), times=2), tick_s=0.01)
        assert sink.closes == [], "it waited"
    finally:
        sink.go_on.set()


@pytest.mark.parametrize("live", [False, True])
@pytest.mark.parametrize("while_finishing", [False, True])
def test_an_error_of_on_tick_ends_every_thread_and_closes_every_sink(
    live: bool, while_finishing: bool
) -> None:
    sinks = [FakeSink("a", paced=live, write_s=0.01), FakeSink("b", write_s=0.01)]
    finishing = OnlySinksAreLeft()

    def tick() -> None:
        if sinks[0].pictures and (finishing() or not while_finishing):
            raise RuntimeError("out of memory")

    count = 20 if while_finishing else 5000
    source = FakeSource(frames(count), live=live, rate=Fraction(200))
    with pytest.raises(RuntimeError, match="out of memory"):
        pipeline(source, sinks).run(tick, tick_s=0.001)
    assert not ours(threading.enumerate())
    assert [len(sink.closes) for sink in sinks] == [1, 1]
    if not while_finishing:
        assert [sink.closes for sink in sinks] == [[True], [True]]


def test_the_error_of_a_stage_goes_before_one_of_on_tick() -> None:
    sink = FakeSink(write_s=0.05)
    run = pipeline(FakeSource(frames(20), fail_at=5), [sink])

    def tick() -> None:
        if not any(thread.name == "capture" for thread in threading.enumerate()):
            raise RuntimeError("later")

    with pytest.raises(SourceError, match="fake: failed"):
        run.run(tick, tick_s=0.001)
    assert sink.closes == [True]


def test_a_thread_that_cannot_start_fails_the_run_and_closes_its_sinks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == "inference":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    sink = FakeSink()
    with pytest.raises(RuntimeError, match="can't start"):
        pipeline(FakeSource(frames(20)), [sink]).run()
    assert sink.closes == [True]
    assert not ours(threading.enumerate())


def test_stop_closes_a_live_source_whose_read_is_stuck() -> None:
    source, sink = FakeSource(frames(50), live=True, stall_at=3), FakeSink()
    run = pipeline(source, [sink])
    timer = threading.Timer(0.5, run.stop)
    timer.start()
    run.run()
    timer.join()
    assert source.closed == 1
    assert sink.closes == [False]


def test_a_lost_source_is_found_again_and_placeholders_fill_the_gap() -> None:
    source = FakeSource(frames(20), live=True, fail_at=10, reopens=[False] * 4)
    sink = FakeSink()
    run = pipeline(source, [sink])
    run.run()
    assert source.reopened == 5
    lost = sum(reasons.total() for reasons in run.dropped().values())
    assert [p.placeholder for p in sink.pictures].count(False) + lost == 20
    assert any(p.placeholder for p in sink.pictures)
    assert not sink.pictures[-1].placeholder


def test_the_privacy_screen_hides_every_frame() -> None:
    sink = FakeSink()
    run = pipeline(FakeSource(frames(5)), [sink], renderer=FakeRenderer(placeholder=(1, 2, 3)))
    run.screen.set()
    run.run()
    assert all(p.placeholder and np.all(p.image == (1, 2, 3)) for p in sink.pictures)


def test_a_paced_sink_is_fed_at_the_rate_while_the_source_is_silent() -> None:
    source = FakeSource(frames(60), live=True, stall_at=10)
    sink = FakeSink(paced=True)
    run = pipeline(source, [sink])
    timer = threading.Timer(1.2, source.go_on.set)
    timer.start()
    run.run()
    timer.join()
    gaps = np.diff(sink.written_at_s)
    # 30 a second: two periods are already a stutter; the margin is for a busy machine.
    assert gaps.max() < 0.25
    assert any(p.placeholder for p in sink.pictures)


class Audience:
    """Viewers of a virtual camera who are always there."""

    def wait(self, timeout_s: float) -> bool:
        time.sleep(min(timeout_s, 0.01))
        return True

    def close(self) -> None:
        pass


def test_the_tests_watch_every_thread_that_a_run_starts() -> None:
    before = set(threading.enumerate())
    seen: set[threading.Thread] = set()
    on_demand = OnDemand(lambda: None, Audience)
    on_demand.awake.set()
    pipeline(
        FakeSource(frames(10), live=True),
        [FakeSink()],
        propagator=FakePropagator(),
        on_demand=on_demand,
    ).run(lambda: seen.update(set(threading.enumerate()) - before), tick_s=0.01)
    assert {thread.name for thread in seen} == {
        "capture",
        "propagate",
        "inference",
        "composite",
        "sink:fake",
        "viewers",
    }
    assert len(ours(seen)) == len(seen)
