"""`u2cam.Pipeline` and `u2cam.process`: runs from Python, with sources and sinks of one's own."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import u2cam
from tests.fakes import FakeSink, FakeSource
from tests.media import Clip, Sound, read_beeps, read_rgb, read_times
from tests.u2cam.test_matter_call import person
from u2cam.cli.main import main

pytestmark = pytest.mark.timeout(120)
GREEN = np.array([0, 177, 64])


def filmed(count: int, **how: object) -> FakeSource:
    return FakeSource([person(number) for number in range(count)], **how)  # type: ignore[arg-type]


def test_own_frames_go_through_to_an_own_sink() -> None:
    source, sink = filmed(7), FakeSink()
    run = u2cam.Pipeline(source, [sink], background="#00b140", model="grabcut")
    with run:
        assert run.wait()
    assert [picture.pts for picture in sink.pictures] == [3000 * number for number in range(7)]
    assert np.abs(sink.pictures[3].image[5, 5] - GREEN).max() < 3
    assert np.abs(sink.pictures[3].image[45, 80].astype(int) - (220, 170, 140)).max() < 12
    assert (source.opened, sink.closes) == (1, [False])
    assert source.closed
    frames = run.statistics()["frames"]
    assert (frames["in"], frames["out"], frames["dropped"]) == (7, 7, {})


def test_run_goes_through_in_the_calling_thread() -> None:
    sink, ticks = FakeSink(), []
    run = u2cam.Pipeline(filmed(3), sink, background="red", model="grabcut")
    run.run(lambda: ticks.append(1))
    assert len(sink.pictures) == 3
    assert ticks


def test_leaving_the_block_stops_a_live_run_and_finishes_its_sinks() -> None:
    source, sink = filmed(10_000, live=True), FakeSink()
    with u2cam.Pipeline(source, sink, background="red", model="grabcut") as run:
        assert not run.wait(timeout_s=0.3)
        run.set_background("#0000ff")
        run.screen.set()
    assert sink.closes == [False]
    assert source.closed


def test_a_source_that_is_not_live_is_paced_where_live_is_asked_for() -> None:
    sink = FakeSink()
    begin_s = time.monotonic()
    run = u2cam.Pipeline(filmed(8), sink, live=True, background="red", model="grabcut")
    run.run()
    assert time.monotonic() - begin_s > 7 / 30


def test_the_first_error_of_a_run_is_raised_by_wait() -> None:
    sink = FakeSink(fail_at=2, error=u2cam.SinkError("fake: full"))
    with (
        pytest.raises(u2cam.SinkError, match="full"),
        u2cam.Pipeline(filmed(50), sink, background="red", model="grabcut") as run,
    ):
        run.wait()
    assert sink.closes == [True]


def test_an_error_that_nobody_waited_for_is_raised_at_the_end_of_the_block() -> None:
    source, sink = filmed(5, fail_at=1, error=u2cam.SourceError("fake: torn")), FakeSink()
    with (
        pytest.raises(u2cam.SourceError, match="torn"),
        u2cam.Pipeline(source, sink, background="red", model="grabcut"),
    ):
        deadline_s = time.monotonic() + 60
        while not sink.closes and time.monotonic() < deadline_s:
            time.sleep(0.01)


def test_what_goes_wrong_in_the_block_is_not_hidden_and_the_sinks_are_finished() -> None:
    sink = FakeSink()
    with (
        pytest.raises(ZeroDivisionError),
        u2cam.Pipeline(filmed(10_000, live=True), sink, background="red", model="grabcut"),
    ):
        _ = 1 / 0
    assert sink.closes == [False]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: u2cam.Pipeline(filmed(1)), "an output is needed"),
        (lambda: u2cam.Pipeline(filmed(1), "out.mp4", start_s=2), "sought"),
        (lambda: u2cam.Pipeline("0", "null", live=False), "cannot wait"),
        (lambda: u2cam.Pipeline("demo", ["null", "null"]), "twice"),
        (lambda: u2cam.Pipeline("demo", "null", background="studoi"), "studio"),
        (lambda: u2cam.Pipeline("demo", "null", device="gpu"), "gpu"),
        (lambda: u2cam.Pipeline("demo", "null", view="upside-down"), "upside-down"),  # type: ignore[arg-type]
        (lambda: u2cam.Pipeline("demo", "out.xyz"), ".xyz"),
        (lambda: u2cam.Pipeline("demo", "null").wait(), "not started"),
        (lambda: u2cam.Pipeline("demo", "null").statistics(), "has not begun"),
        (lambda: u2cam.Pipeline(filmed(1, live=True), "null", live=False).run(), "cannot wait"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_a_source_that_cannot_be_used_is_closed_again() -> None:
    source = filmed(1, live=True)
    with pytest.raises(u2cam.UsageError):
        u2cam.Pipeline(source, "null", live=False).run()
    assert source.closed


class Unfinished(FakeSink):
    """A sink with something half-written."""

    discards = 0

    def discard(self) -> None:
        self.discards += 1


def test_a_second_ctrl_c_at_the_end_of_the_block_discards_what_is_half_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pressed_again(run: u2cam.Pipeline, timeout_s: float | None) -> bool:
        raise KeyboardInterrupt

    sink = Unfinished()
    with (
        monkeypatch.context() as patched,
        pytest.raises(KeyboardInterrupt),
        u2cam.Pipeline(filmed(9999, live=True), sink, background="red", model="grabcut"),
    ):
        patched.setattr(u2cam.Pipeline, "_joined", pressed_again)
        raise KeyboardInterrupt
    assert sink.discards == 1


def test_a_pipeline_runs_once() -> None:
    run = u2cam.Pipeline(filmed(1), "null", model="grabcut", background="red")
    run.run()
    with pytest.raises(u2cam.UsageError, match="runs once"):
        run.start()


def test_process_does_what_the_command_line_does(tmp_path: Path) -> None:
    clip = Clip(size_wh=(160, 120), frames=6, draw=person, sounds=[Sound(0.4, beeps_s=[0.1])])
    talk, one, other = clip.write(tmp_path / "talk.mp4"), tmp_path / "a.mkv", tmp_path / "b.mkv"
    calls: list[u2cam.Progress] = []
    # As a matte, which is written without loss: x264 does not give the same bytes every time.
    facts = u2cam.process(talk, one, view="matte", model="grabcut", progress=calls.append)
    assert main(["-i", str(talk), "-o", str(other), "--view", "matte", "-m", "grabcut"]) == 0
    assert read_times(one) == read_times(other)
    assert read_beeps(one) == read_beeps(other)
    assert all(np.array_equal(a, b) for a, b in zip(read_rgb(one), read_rgb(other), strict=True))
    assert facts["frames"]["out"] == 6
    assert (calls[-1].frames, calls[-1].total) == (6, 6)
    assert str(calls[-1]).startswith("6 of 6 frames, ")


def test_a_run_is_put_together_in_one_place() -> None:
    product = Path(u2cam.__file__).parents[1]
    paths = [
        p
        for folder in ("u2cam", "imaging", "stream", "model")
        for p in (product / folder).rglob("*.py")
    ]
    threads = "from u2cam.stream.pipeline import Pipeline"
    made = [p.name for p in paths if threads in (text := p.read_text()) and " Pipeline(" in text]
    assert made == ["build.py"]


def test_new_settings_take_over_while_running() -> None:
    sink = FakeSink()
    with u2cam.Pipeline(filmed(10_000, live=True), sink, model="grabcut") as run:
        with pytest.raises(u2cam.SettingsError, match="did you mean"):
            run.use_settings({"matte": {"lo": 0.1}})
        run.use_settings({"matte": {"low": 0.1}})
        assert not run.wait(0.1)
    assert sink.closes == [False]


def test_process_raises_for_a_sink_that_failed_when_the_others_are_finished() -> None:
    broken, sound = FakeSink("broken", fail_at=1), FakeSink("sound")
    with pytest.raises(u2cam.SinkError, match="broken: failed"):
        u2cam.process(filmed(4), [broken, sound], background="red", model="grabcut")
    assert len(sound.pictures) == 4
    assert sound.closes == [False]


@pytest.mark.parametrize(
    ("pts", "wanted"),
    [
        ([0] * 6, [0, 1500, 4500, 7500, 10500, 13500]),
        ([0, 3000, 6000, -900_000, -897_000, -894_000], [3000 * number for number in range(6)]),
        ([0, 3000, 6000, 10**10, 10**10 + 3000, 10**10 + 6000], [3000 * n for n in range(6)]),
    ],
)
def test_own_frames_whose_pts_do_not_grow_go_by_the_rate_and_it_is_said_once(
    pts: list[int], wanted: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    sink = FakeSink()
    source = filmed(6, pts=pts)
    u2cam.Pipeline(source, sink, background="red", model="grabcut").run()
    assert [picture.pts for picture in sink.pictures] == wanted
    said = [one.getMessage() for one in caplog.records if "does not follow" in one.getMessage()]
    assert len(said) == 1
    assert said[0].startswith("fake: frame ")


def test_where_an_own_frame_says_that_it_has_no_picture_the_background_shows() -> None:
    class Barred(FakeSource):
        def read(self) -> u2cam.Frame:
            frame = super().read()
            coverage = np.full(frame.image.shape[:2], 255, np.uint8)
            coverage[:, 70:90] = 0
            return replace(frame, coverage=coverage)

    sink = FakeSink()
    source = Barred([person(number) for number in range(3)])
    u2cam.Pipeline(source, sink, background="#00b140", model="grabcut").run()
    assert np.abs(sink.pictures[2].image[45, 80] - GREEN).max() < 3
