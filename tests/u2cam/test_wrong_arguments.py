"""What a caller gets wrong in Python: one line of ours says who, what was wanted, what came."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import u2cam
from tests.fakes import FakeSink, FakeSource
from tests.u2cam.test_matter_call import person

pytestmark = pytest.mark.timeout(120)
NAN = float("nan")


def run(source: Any = "demo", sinks: Any = "null", **given: Any) -> u2cam.Pipeline:
    return u2cam.Pipeline(source, sinks, **{"model": "grabcut", "background": "red", **given})


class Half:
    """A sink that is not one yet."""

    name, paced = "half", False

    def write(self, picture: u2cam.Picture) -> None:
        pass


class OnlyDeclared(u2cam.Source):
    """A source without a method of its own."""


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "settings": (lambda: run(settings=3), "settings: wanted u2cam.Settings or values as .* got 3"),
    "settings file": (lambda: run(settings="a.toml"), "settings: wanted .* got 'a.toml' .str."),
    "settings of Matter": (lambda: u2cam.Matter(settings=3), "settings: wanted"),  # type: ignore[arg-type]
    "settings of cut_out": (lambda: u2cam.cut_out(person(0), settings=3), "settings: wanted"),  # type: ignore[arg-type]
    "no source": (lambda: u2cam.process(None, "null"), "source: wanted a name or .*, got None"),  # type: ignore[arg-type]
    "number as source": (lambda: run(0), "source: wanted a camera's number as text, '0', got 0"),
    "class as source": (lambda: run(FakeSource), "source: FakeSource is a class; give an object"),
    "bare source": (lambda: run(OnlyDeclared()), "lacks info, read, __enter__"),
    "bytes as source": (lambda: run(b"a.mp4"), "source: wanted a name or .*, got b'a.mp4'"),
    "no sink": (lambda: run(sinks=None), "sinks: wanted a name or a u2cam.Sink, got None"),
    "half a sink": (lambda: run(sinks=[Half()]), "sinks: Half lacks live, open, close"),
    "class as sink": (lambda: run(sinks=[FakeSink]), "sinks: FakeSink is a class"),
    "number among sinks": (lambda: run(sinks=["null", 3]), "sinks: wanted a name or .*, got 3"),
    "no outputs": (lambda: run(sinks=[]), "an output is needed"),
    "background": (lambda: run(background=3), "background: wanted text as 'blur:6'.*, got 3 .int."),
    "frames as text": (lambda: run(frames="2"), "frames: wanted a whole number .*, got '2' .str."),
    "no frames": (lambda: run(frames=0), "frames: wanted a whole number above 0, or None, got 0"),
    "part of a frame": (lambda: run(frames=1.5), "frames: wanted a whole number .*, got 1.5"),
    "frames as truth": (lambda: run(frames=True), "frames: wanted a whole number .*, got True"),
    "start before": (lambda: run(start_s=-1), "start_s: wanted a number of seconds from 0 on, got"),
    "start never": (lambda: run(start_s=NAN), "start_s: wanted a number of seconds .*, got nan"),
    "alpha to a window": (lambda: run(sinks="window", view="cutout"), "cannot show transparency"),
    "end before": (lambda: run(end_s=-1), "end_s: wanted a number of seconds from 0 on, got -1"),
    "end never": (lambda: run(end_s=NAN), "end_s: wanted a number of seconds .*, got nan"),
    "end as text": (lambda: run(end_s="1"), "end_s: wanted a number of seconds .* '1'"),
    "end as a switch": (lambda: run(end_s=True), "end_s: wanted a number of seconds .* True"),
    "start as text": (lambda: run(start_s="1"), "start_s: wanted a number of seconds .* '1'"),
    "progress": (lambda: run(progress=3), "progress: wanted something to call, as print, got 3"),
    "live": (lambda: run(live="yes"), "live: wanted True or False, got 'yes'"),
    "view": (lambda: run(view=3), "view 3: must be one of"),
    "model": (lambda: run(model="u2nett").run(), "model 'u2nett' is not known; did you mean"),
    "ending": (lambda: run(sinks="out.xyz"), "unknown ending"),
    "on_tick": (lambda: run().run(3), "on_tick: wanted something to call"),  # type: ignore[arg-type]
    "waiting": (lambda: run().wait(NAN), "timeout_s: wanted a number of seconds"),
    "no image": (lambda: u2cam.cut_out(None), "cut_out: wanted an image file or an array"),  # type: ignore[arg-type]
    "flat image": (lambda: u2cam.cut_out(np.zeros((4, 4), np.uint8)), "got shape .4, 4."),
    "floats": (lambda: u2cam.cut_out(np.zeros((4, 4, 3))), "wanted .* uint8 RGB, got float64"),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_argument_is_one_line_of_ours(case: str) -> None:
    call, said = WRONG[case]
    with pytest.raises(u2cam.UsageError, match=said) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_the_wrong_kind_of_thing_is_a_type_error_too() -> None:
    with pytest.raises(TypeError):
        run(background=3)
    with pytest.raises(ValueError, match="background"):
        run(background=3)


def test_a_path_is_as_good_as_its_name(tmp_path: Path) -> None:
    with pytest.raises(u2cam.BackgroundError, match=r"gone\.jpg: no such file"):
        run(background=tmp_path / "gone.jpg")


def test_a_matter_refuses_what_is_no_frame_and_no_time() -> None:
    with u2cam.Matter("grabcut") as matter:
        for frame, said in ((None, "got None"), (np.zeros((4, 4, 4), np.uint8), "got shape")):
            with pytest.raises(u2cam.UsageError, match=said):
                matter(frame)  # type: ignore[arg-type]
        with pytest.raises(u2cam.UsageError, match="time_s: wanted a number of seconds, got nan"):
            matter(person(0), NAN)
        matter(person(0), -1.0)


def frame(image: Any, pts: Any = 0, captured_at_s: float = 0.0) -> u2cam.Frame:
    return u2cam.Frame(image, 0, pts, Fraction(1, 90_000), captured_at_s)


@pytest.mark.parametrize(
    ("read", "said"),
    [
        (None, "fake: read gave None; wanted a u2cam.Frame, or EndOfStream"),
        (person(0), "fake: read gave a ndarray; wanted"),
        (frame(person(0)[..., 0]), r"wrong image: wanted \(H, W, 3\) uint8 RGB, got shape"),
        (frame(person(0).astype(np.float32)), "wrong image: wanted .*, got float32"),
        (frame(person(0, (32, 20))), "a frame of 32x20, but info says 160x120"),
        (frame(person(0), pts=0.5), "pts 0.5 in units of"),
        (frame(person(0), captured_at_s=NAN), "captured at nan s"),
    ],
)
@pytest.mark.parametrize("given", [{}, {"end_s": 9.0, "settings": {"capture": {"mirror": True}}}])
def test_what_a_source_reads_must_be_frames(read: Any, said: str, given: dict[str, Any]) -> None:
    class Odd(FakeSource):
        def read(self) -> Any:
            return read

    sink = FakeSink()
    with pytest.raises(u2cam.SourceError, match=said):
        run(Odd([person(0)]), sink, **given).run()
    assert (sink.pictures, sink.closes) == ([], [True])


@pytest.mark.parametrize(
    ("info", "said"),
    [
        (None, "info of Odd: wanted a u2cam.SourceInfo, got None"),
        (u2cam.SourceInfo("x", (0, 9), Fraction(30), False, Fraction(1, 30)), "size_wh as"),
        (u2cam.SourceInfo("x", (9, 9), 30.0, False, Fraction(1, 30)), "rate: wanted a Fraction"),  # type: ignore[arg-type]
        (
            u2cam.SourceInfo("x", (9, 9), Fraction(30), False, Fraction(0)),
            "wanted above 0",
        ),
    ],
)
@pytest.mark.parametrize("given", [{}, {"end_s": 9.0, "settings": {"capture": {"mirror": True}}}])
def test_what_a_source_says_of_itself_must_be_facts(
    info: Any, said: str, given: dict[str, Any]
) -> None:
    class Odd(FakeSource):
        @property
        def info(self) -> Any:
            return info

    source = Odd([person(0)])
    with pytest.raises(u2cam.UsageError, match=said):
        run(source, FakeSink(), **given).run()
    assert source.closed


@pytest.mark.parametrize("number", [np.float32(0.25), Fraction(1, 4)])
def test_seconds_may_be_any_kind_of_number(number: Any) -> None:
    sink = FakeSink()
    run("demo", sink, end_s=2 * number, model="grabcut", frames=1).run()
    assert len(sink.pictures) == 1
