"""Interlaced pictures become progressive before anything else sees them."""

import logging
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import Clip, pass_through, read_times
from tests.second_reader import ffprobe_stream
from u2cam.core.frame import Frame
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.video import FileSource

SIZE_WH = (96, 64)
INTERLACED = {"crf": "0", "preset": "ultrafast", "flags": "+ildct+ilme"}


def bar(step: int) -> np.ndarray:
    """A white bar on gray, at a place that moves with time."""
    image = np.full((SIZE_WH[1], SIZE_WH[0], 3), 60, np.uint8)
    image[:, 8 + step : 24 + step] = 220
    return image


def two_fields(number: int) -> np.ndarray:
    """One picture of two moments: even lines are earlier than odd ones."""
    image = bar(4 * number)
    image[1::2] = bar(4 * number + 2)[1::2]
    return image


def frames_of(path: Path, **how: bool) -> list[Frame]:
    frames = []
    with FileSource(str(path), **how) as source:
        try:
            while True:
                frames.append(source.read())
        except EndOfStream:
            return frames


def combing(frame: Frame) -> float:
    """Mean distance of a line from what its neighbours say."""
    gray = frame.image.astype(float).mean(axis=2)
    return float(np.abs(gray[1:-1] - (gray[:-2] + gray[2:]) / 2).mean())


@pytest.fixture
def interlaced(tmp_path: Path) -> Path:
    return Clip(SIZE_WH, frames=12, draw=two_fields, options=INTERLACED).write(tmp_path / "a.mp4")


def test_fields_are_not_combed_and_times_stay(
    interlaced: Path, caplog: pytest.LogCaptureFixture
) -> None:
    combed = frames_of(interlaced, deinterlace=False)
    assert not caplog.records
    smooth = frames_of(interlaced)
    assert combing(combed[5]) > 2
    assert max(combing(frame) for frame in smooth) < 0.2 * combing(combed[5])
    assert [frame.time_s for frame in smooth] == [frame.time_s for frame in combed]
    assert [frame.time_s for frame in smooth] == pytest.approx([n / 25 for n in range(12)])
    said = [one.getMessage() for one in caplog.records]
    assert len(said) == 1
    assert "capture.deinterlace = off" in said[0]


def test_what_is_written_is_progressive(interlaced: Path, tmp_path: Path) -> None:
    pass_through(interlaced, tmp_path / "b.mp4")
    assert ffprobe_stream(tmp_path / "b.mp4", "video")["field_order"] == "progressive"
    assert read_times(tmp_path / "b.mp4") == read_times(interlaced)


def test_still_parts_keep_every_line(tmp_path: Path) -> None:
    clip = Clip(SIZE_WH, frames=6, draw=lambda number: bar(0), options=INTERLACED)
    path = clip.write(tmp_path / "a.mp4")
    before, after = frames_of(path, deinterlace=False), frames_of(path)
    for one, other in zip(before, after, strict=True):
        assert np.abs(one.image.astype(int) - other.image).max() <= 1


def test_progressive_pictures_are_not_touched(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = Clip(SIZE_WH, frames=6, draw=two_fields).write(tmp_path / "a.mp4")
    before, after = frames_of(path, deinterlace=False), frames_of(path)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(before, after, strict=True))
    assert not caplog.records


@pytest.mark.parametrize("start_s", [0.1, 0.2])
def test_a_start_within_gives_the_pictures_from_there(interlaced: Path, start_s: float) -> None:
    with FileSource(str(interlaced), start_s=start_s, max_frames=3) as source:
        frames = [source.read() for _ in range(3)]
    assert [frame.pts * frame.time_base for frame in frames] == [Fraction(n, 25) for n in range(3)]
    assert max(combing(frame) for frame in frames) < 1


@pytest.mark.parametrize("codec", ["mpeg2video", "dvvideo"])
def test_other_codecs_that_flag_fields(tmp_path: Path, codec: str) -> None:
    size_wh = (720, 576)

    def draw(number: int) -> np.ndarray:
        image = np.full((576, 720, 3), 60, np.uint8)
        image[::2, 100 + 8 * number : 200 + 8 * number] = 220
        image[1::2, 104 + 8 * number : 204 + 8 * number] = 220
        return image

    how = {"codec": codec, "pixel_format": "yuv420p", "draw": draw, "frames": 6}
    ending = "avi" if codec == "dvvideo" else "mpg"
    clip = Clip(size_wh, **how)  # type: ignore[arg-type]
    path = write_interlaced(clip, tmp_path / f"a.{ending}")
    with FileSource(str(path)) as source:
        frame = [source.read() for _ in range(4)][-1]
    with FileSource(str(path), deinterlace=False) as source:
        combed = [source.read() for _ in range(4)][-1]
    assert combing(frame) < 0.4 * combing(combed)


def write_interlaced(clip: Clip, path: Path) -> Path:
    """Write with the encoder's flag for fields, which `Clip` gives to libx264 only."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream(clip.codec, rate=25)
        stream.width, stream.height = clip.size_wh
        stream.pix_fmt = clip.pixel_format
        stream.codec_context.options = {"flags": "+ildct+ilme"}
        stream.codec_context.bit_rate = 8_000_000
        for number in range(clip.frames):
            assert clip.draw is not None
            frame = av.VideoFrame.from_ndarray(clip.draw(number), format="rgb24")
            frame.pts = number
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path


def test_the_shared_case_is_not_combed(shared_dir: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = shared_dir / "cases" / "interlaced.mts"
    if not path.exists():
        pytest.skip("interlaced.mts is not there")
    combed, smooth = frames_of(path, deinterlace=False), frames_of(path)
    assert len(smooth) == len(combed) == 30
    worst = max(range(30), key=lambda number: combing(combed[number]))
    assert combing(smooth[worst]) < combing(combed[worst])
    assert [one.levelno for one in caplog.records] == [logging.WARNING]


@pytest.mark.parametrize(("start_s", "left"), [(0.04, 29), (0.2, 25), (0.9, 7)])
def test_a_start_within_a_short_transport_stream_is_found(
    shared_dir: Path, start_s: float, left: int
) -> None:
    path = shared_dir / "cases" / "interlaced.mts"
    if not path.exists():
        pytest.skip("interlaced.mts is not there")
    with FileSource(str(path), start_s=start_s) as source:
        assert source.read().pts == 0
        assert sum(1 for _ in iter(lambda: _next(source), None)) == left - 1


def _next(source: FileSource) -> Frame | None:
    try:
        return source.read()
    except EndOfStream:
        return None
