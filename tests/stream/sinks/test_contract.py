"""What every sink promises; a new sink joins by adding a case."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import pyvirtualcam

from tests.fakes import FakeGui, FakeVirtualBackend, numbered_image
from u2cam.core.frame import Picture
from u2cam.stream.media.pipes.names import PipeFormat
from u2cam.stream.settings import OutputSettings, VirtualCameraSettings
from u2cam.stream.sinks.base import PictureFormat, Sink
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sinks.pipes.matroska import MatroskaPipeSink
from u2cam.stream.sinks.pipes.uncoded import UncodedPipeSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sinks.window import WindowSink

TIME_BASE = Fraction(1, 90_000)
RATE = Fraction(30)


@dataclass(frozen=True)
class Case:
    make: Callable[[Path], Sink]
    paced: bool = False
    live: bool = False
    keeps: bool = True
    """Whether a finished run leaves files."""
    kinds: tuple[str, ...] = ("rgb", "gray")


def file_case(name: str, *kinds: str) -> Case:
    return Case(lambda folder: FileSink(folder / name, OutputSettings()), kinds=kinds)


def pipe_case(written: PipeFormat, *kinds: str) -> Case:
    return Case(
        lambda _p: UncodedPipeSink(written, OutputSettings()), live=True, keeps=False, kinds=kinds
    )


CASES = {
    "null": Case(lambda _p: NullSink(), keeps=False, kinds=("rgb", "gray", "rgba")),
    "virtual": Case(
        lambda _p: VirtualCameraSink(VirtualCameraSettings(backend="fake")),
        paced=True,
        live=True,
        keeps=False,
    ),
    "window": Case(
        lambda _p: WindowSink(lambda _action: None, gui=FakeGui()), live=True, keeps=False
    ),
    "mp4": file_case("out.mp4", "rgb", "gray"),
    "mov": file_case("out.mov", "rgb", "gray", "rgba"),
    "mkv": file_case("out.mkv", "rgb", "gray", "rgba"),
    "webm": file_case("out.webm", "rgb", "gray", "rgba"),
    "gif": file_case("out.gif", "rgb", "gray", "rgba"),
    "png sequence": Case(
        lambda p: ImageSink(p / "%03d.png", OutputSettings()), kinds=("rgb", "gray", "rgba")
    ),
    "webp animation": Case(
        lambda p: ImageSink(p / "out.webp", OutputSettings()), kinds=("rgb", "gray", "rgba")
    ),
    "jpg sequence": Case(lambda p: ImageSink(p / "%03d.jpg", OutputSettings())),
    "mkv pipe": Case(
        lambda _p: MatroskaPipeSink(OutputSettings()),
        live=True,
        keeps=False,
        kinds=("rgb", "gray", "rgba"),
    ),
    "y4m pipe": pipe_case("y4m", "rgb", "gray"),
    "rgb24 pipe": pipe_case("rgb24", "rgb", "gray"),
    "png pipe": pipe_case("png", "rgb", "gray", "rgba"),
}


@pytest.fixture(autouse=True)
def no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    """Lead standard output into a file: sinks of pipes take no terminal."""


@pytest.fixture(autouse=True)
def fake_backend() -> Iterator[None]:
    FakeVirtualBackend.forget()
    pyvirtualcam.register_backend("fake", FakeVirtualBackend)
    yield
    del pyvirtualcam.camera.BACKENDS["fake"]


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def sink(case: Case, tmp_path: Path) -> Sink:
    return case.make(tmp_path)


def picture_format(kind: str = "rgb", size_wh: tuple[int, int] = (64, 36)) -> PictureFormat:
    return PictureFormat(size_wh, RATE, TIME_BASE, kind)


def picture(number: int, kind: str = "rgb", size_wh: tuple[int, int] = (64, 36)) -> Picture:
    image = numbered_image(number, size_wh)
    if kind == "gray":
        image = image[..., 1].copy()
    elif kind == "rgba":
        image = np.dstack([image, np.full(image.shape[:2], 128, np.uint8)])
    return Picture(image, number * 3000, TIME_BASE, captured_at_s=0.0)


def left_behind(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def assert_left(folder: Path, case: Case) -> None:
    """Finished files and nothing temporary where the sink keeps any; else nothing at all."""
    left = left_behind(folder)
    assert bool(left) == case.keeps
    assert not [name for name in left if name.startswith(".") or "part" in name]


def test_takes_pictures_of_every_kind_it_promises(case: Case, tmp_path: Path) -> None:
    for kind in case.kinds:
        folder = tmp_path / kind
        folder.mkdir()
        sink = case.make(folder)
        sink.open(picture_format(kind))
        for number in range(3):
            sink.write(picture(number, kind))
        sink.close(failed=False)
        assert_left(folder, case)


def test_name_pacing_and_whether_it_is_watched_are_known_before_opening(
    case: Case, sink: Sink
) -> None:
    assert sink.name
    assert (sink.paced, sink.live) == (case.paced, case.live)


def test_close_is_idempotent(case: Case, sink: Sink, tmp_path: Path) -> None:
    sink.open(picture_format())
    sink.write(picture(0))
    sink.close(failed=False)
    sink.close(failed=False)
    sink.close(failed=True)
    assert_left(tmp_path, case)


def test_close_without_opening_does_no_harm(sink: Sink, tmp_path: Path) -> None:
    sink.close(failed=False)
    assert left_behind(tmp_path) == []


def test_a_failed_run_leaves_nothing(sink: Sink, tmp_path: Path) -> None:
    sink.open(picture_format())
    for number in range(3):
        sink.write(picture(number))
    sink.close(failed=True)
    assert left_behind(tmp_path) == []


def test_write_without_opening_is_an_error(sink: Sink) -> None:
    with pytest.raises((OSError, RuntimeError)) as caught:
        sink.write(picture(0))
    assert "\n" not in str(caught.value)


def test_write_after_closing_is_an_error(sink: Sink) -> None:
    sink.open(picture_format())
    sink.write(picture(0))
    sink.close(failed=False)
    with pytest.raises((OSError, RuntimeError)):
        sink.write(picture(1))


WRONG = {
    "other size": picture(1, size_wh=(36, 64)),
    "larger": picture(1, size_wh=(66, 36)),
    "gray for rgb": picture(1, "gray"),
    "rgba for rgb": picture(1, "rgba"),
    "float": Picture(np.zeros((36, 64, 3), np.float32), 3000, TIME_BASE, 0.0),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_picture_of_another_format_is_refused(sink: Sink, wrong: str) -> None:
    sink.open(picture_format())
    sink.write(picture(0))
    with pytest.raises((ValueError, OSError)) as caught:
        sink.write(WRONG[wrong])
    assert "\n" not in str(caught.value)
    # The refused picture did no harm.
    sink.write(picture(2))
    sink.close(failed=False)


def test_a_kind_that_it_cannot_show_is_refused_at_opening(case: Case, tmp_path: Path) -> None:
    if "rgba" in case.kinds:
        pytest.skip("takes everything")
    sink = case.make(tmp_path)
    with pytest.raises((OSError, ValueError)) as caught:
        sink.open(picture_format("rgba"))
    assert "\n" not in str(caught.value)
    sink.close(failed=True)
    assert left_behind(tmp_path) == []


@pytest.mark.parametrize("size_wh", [(1, 1), (33, 19), (2, 2)])
def test_odd_and_tiny_sizes_work(case: Case, sink: Sink, size_wh: tuple[int, int]) -> None:
    sink.open(picture_format(size_wh=size_wh))
    sink.write(picture(0, size_wh=size_wh))
    sink.write(picture(1, size_wh=size_wh))
    sink.close(failed=False)


def test_pictures_are_not_written_into(sink: Sink) -> None:
    shown = picture(7)
    shown.image.flags.writeable = False
    before = shown.image.copy()
    sink.open(picture_format())
    sink.write(shown)
    sink.close(failed=True)
    assert np.array_equal(shown.image, before)


def test_pictures_need_not_be_contiguous(sink: Sink) -> None:
    wide = numbered_image(0, (128, 36))
    sink.open(picture_format())
    sink.write(Picture(wide[:, ::2], 0, TIME_BASE, 0.0))
    sink.close(failed=True)
