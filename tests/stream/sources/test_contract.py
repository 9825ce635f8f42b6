"""What every source promises; a new source joins by adding a case."""

import tempfile
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes import FakeCapture, FakeSource, numbered_image
from tests.pictures import animation
from u2cam.core.errors import SourceError
from u2cam.stream.geometry import Box
from u2cam.stream.media.pipes.reader import PipeReader
from u2cam.stream.settings import CaptureSettings, LimitsSettings
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.base import EndOfStream, Source
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.images import ImageSource
from u2cam.stream.sources.pipes.standard_input import StandardInput
from u2cam.stream.sources.video import FileSource
from u2cam.stream.sources.wrappers.framed import FramedSource
from u2cam.stream.sources.wrappers.framing import Framing
from u2cam.stream.sources.wrappers.paced import PacedSource
from u2cam.stream.sources.wrappers.part import PartSource

FRAMES = 5
WHOLE = Framing(crop=Box.parse("0,0,1,1"))


@dataclass(frozen=True)
class Case:
    make: Callable[[Path], Source]
    live: bool = False
    endless: bool = False
    frames: int = FRAMES


def camera(_folder: Path) -> Source:
    return CameraSource(0, CaptureSettings(), lambda _device, _backend: FakeCapture())


def write_images(folder: Path, count: int = FRAMES) -> Path:
    for number in range(count):
        image_bgr = cv2.cvtColor(numbered_image(number), cv2.COLOR_RGB2BGR)
        assert cv2.imwrite(str(folder / f"shot{number}.png"), image_bgr)
    return folder


def video(folder: Path) -> Path:
    import av

    path = folder / "clip.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        for number in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(numbered_image(number), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_animation(folder: Path) -> Path:
    path = folder / "a.webp"
    path.write_bytes(animation(images_of(), [33] * FRAMES, "WEBP"))
    return path


def images_of(count: int = FRAMES) -> list[np.ndarray]:
    return [numbered_image(number) for number in range(count)]


def pictures_in_a_row(folder: Path) -> bytes:
    files = sorted(write_images(folder).glob("shot*.png"))
    return b"".join(file.read_bytes() for file in files)


def piped(data: bytes, *, raw: bool = False) -> Source:
    """Give a source of bytes that are read once, as from a pipe."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 (open as long as its source is there)
    file.write(data)
    file.seek(0)
    capture = CaptureSettings(width=64, height=36)
    source = StandardInput(capture, LimitsSettings(), raw=raw, pipe=PipeReader(file.fileno()))
    weakref.finalize(source, file.close)
    return source


CASES = {
    "camera": Case(camera, live=True, endless=True),
    "single image": Case(lambda p: ImageSource(write_images(p, 1) / "shot0.png"), frames=1),
    "folder": Case(lambda p: ImageSource(write_images(p))),
    "pattern": Case(lambda p: ImageSource(write_images(p) / "shot%d.png", fps=29.97)),
    "animation": Case(lambda p: AnimationSource(write_animation(p))),
    "demo": Case(lambda _p: DemoSource((64, 36), rate=Fraction(5, 8))),
    "file": Case(lambda p: FileSource(str(video(p)))),
    "piped file": Case(lambda p: piped(video(p).read_bytes())),
    "piped pictures": Case(lambda p: piped(pictures_in_a_row(p))),
    "raw pipe": Case(lambda _p: piped(b"".join(map(bytes, images_of())), raw=True)),
    "paced images": Case(lambda p: PacedSource(ImageSource(write_images(p), fps=200)), live=True),
    "paced demo": Case(lambda _p: PacedSource(QuickDemo((64, 36), Fraction(500))), live=True),
    "paced file": Case(lambda p: PacedSource(FileSource(str(video(p)))), live=True),
    "framed file": Case(lambda p: FramedSource(FileSource(str(video(p))), WHOLE)),
    "part of a folder": Case(lambda p: PartSource(ImageSource(write_images(p, 9)), FRAMES / 30)),
    "part of a file": Case(lambda p: FileSource(str(video(p)), end_s=3 / 30), frames=3),
    "fake": Case(lambda _p: FakeSource(images_of())),
    "live fake": Case(lambda _p: FakeSource(images_of(), rate=Fraction(200), live=True), live=True),
}


class QuickDemo(DemoSource):
    """A demo cut to a few frames, so that it can be played in time."""

    def __init__(self, size_wh: tuple[int, int], rate: Fraction) -> None:
        super().__init__(size_wh, rate)
        self._frames_left = FRAMES

    def read(self):
        if self._frames_left == 0:
            raise EndOfStream
        self._frames_left -= 1
        return super().read()


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def source(case: Case, tmp_path: Path) -> Source:
    return case.make(tmp_path)


def read_some(source: Source, case: Case) -> list:
    if case.endless:
        return [source.read() for _ in range(FRAMES)]
    frames = []
    while True:
        try:
            frames.append(source.read())
        except EndOfStream:
            return frames


def test_frames_are_contiguous_rgb_of_the_announced_size(case: Case, source: Source) -> None:
    with source:
        width, height = source.info.size_wh
        frames = read_some(source, case)
    # On a busy machine a live source may lose some, and counts them.
    assert len(frames) + (getattr(source, "dropped", 0) if case.live else 0) >= case.frames
    assert 1 <= len(frames) <= case.frames
    for frame in frames:
        assert frame.image.shape == (height, width, 3)
        assert frame.image.dtype == np.uint8
        assert frame.image.flags.c_contiguous


def test_a_frame_keeps_its_pixels_while_later_ones_are_read(case: Case, source: Source) -> None:
    with source:
        first = source.read()
        before = first.image.copy()
        with suppress(EndOfStream):
            source.read()
        assert np.array_equal(first.image, before)


def test_channels_are_red_green_blue(case: Case, source: Source) -> None:
    # Red tells the frame's number, green the row, blue the column.
    with source:
        image = source.read().image.astype(int)
    if "demo" in source.info.name:
        # The suit at the bottom is orange.
        assert image[-4:, 8:16, 0].mean() > image[-4:, 8:16, 2].mean() + 60
        return
    assert image[-1, 0, 1] > image[0, 0, 1] + 20
    assert image[0, -1, 2] > image[0, 0, 2] + 40
    assert image[0, 0, 0] < 30


def test_indices_count_from_0_and_pts_increase(case: Case, source: Source) -> None:
    with source:
        time_base = source.info.time_base
        frames = read_some(source, case)
    assert [frame.index for frame in frames] == list(range(len(frames)))
    assert all(frame.time_base == time_base for frame in frames)
    pts = [frame.pts for frame in frames]
    assert pts == sorted(set(pts)), "strictly increasing"
    assert pts[0] >= 0


def test_capture_times_are_monotonic_times(case: Case, source: Source) -> None:
    before_s = time.monotonic()
    with source:
        frames = read_some(source, case)
    times = [frame.captured_at_s for frame in frames]
    assert times == sorted(times)
    # A paced frame's capture time is when it was due.
    assert all(before_s <= at_s <= time.monotonic() + 0.1 for at_s in times)


def test_info_says_live_or_not_and_a_sensible_rate(case: Case, source: Source) -> None:
    with source:
        info = source.info
        assert info.live == case.live
        assert info.rate > 0
        assert isinstance(info.rate, Fraction)
        assert info.name
        if info.frames is not None:
            assert info.frames in (case.frames, 4000)  # a rate of 500 makes the demo's 8 s 4000


def test_end_of_stream_repeats(case: Case, source: Source) -> None:
    if case.endless:
        pytest.skip("a camera has no end")
    with source:
        read_some(source, case)
        for _ in range(3):
            with pytest.raises(EndOfStream):
                source.read()


def test_close_is_idempotent(source: Source) -> None:
    with source:
        source.read()
        source.close()
        source.close()
    source.close()


def test_a_closed_source_gives_no_more_frames(source: Source) -> None:
    with source:
        source.read()
    with pytest.raises((SourceError, EndOfStream)):
        source.read()


def test_close_before_opening_does_no_harm(source: Source) -> None:
    source.close()


def test_close_from_another_thread_ends_reading(case: Case, source: Source) -> None:
    ended = threading.Event()

    def read_on() -> None:
        try:
            while True:
                source.read()
        except (EndOfStream, SourceError):
            ended.set()

    with source:
        thread = threading.Thread(target=read_on, name="capture")
        thread.start()
        source.close()
        assert ended.wait(timeout=5)
        thread.join(timeout=5)
        assert not thread.is_alive()


def test_reopen_of_a_file_fails_and_does_not_raise(case: Case, source: Source) -> None:
    if case.live and "paced" not in type(source).__name__.lower():
        pytest.skip("live sources do come back")
    if isinstance(source, FakeSource):
        pytest.skip("answers what the test says")
    with source:
        assert source.reopen() is False


BROKEN: dict[str, Callable[[Path], Source]] = {
    "no camera": lambda _p: CameraSource(
        99, CaptureSettings(), lambda _d, _b: FakeCapture(opens=False)
    ),
    "camera without pictures": lambda _p: CameraSource(
        98, CaptureSettings(), lambda _d, _b: FakeCapture(endless=False)
    ),
    "no image": lambda p: ImageSource(p / "absent.png"),
    "no folder": lambda p: ImageSource(p / "absent"),
    "empty folder": lambda p: ImageSource(p),
    "no match": lambda p: ImageSource(p / "%03d.png"),
    "text as image": lambda p: ImageSource(text_file(p, "a.png")),
    "no file": lambda p: FileSource(str(p / "absent.mp4")),
    "text as video": lambda p: FileSource(text_file(p, "a.mp4")),
    "paced nothing": lambda p: PacedSource(ImageSource(p / "absent.png")),
}


def text_file(folder: Path, name: str) -> str:
    (folder / name).write_text("not a picture\n")
    return str(folder / name)


@pytest.mark.parametrize("broken", BROKEN)
def test_what_cannot_be_opened_says_so_in_one_line(broken: str, tmp_path: Path) -> None:
    source = BROKEN[broken](tmp_path)
    with pytest.raises((OSError, ValueError)) as caught, source:
        pass
    message = str(caught.value)
    assert message.strip()
    assert "\n" not in message
    source.close()
