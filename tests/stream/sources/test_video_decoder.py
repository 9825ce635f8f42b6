"""Time stamps and damage: what the decoder's pictures become."""

import logging
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media import Clip, Sound, read_number, scene, scramble, truncate
from tests.reading import SIZE_WH, read_clip
from u2cam.core.errors import NotAVideoError, SourceError
from u2cam.stream.sources.video import FileSource

# Time


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "webm"])
def test_variable_frame_rate_keeps_every_pts(tmp_path: Path, ending: str) -> None:
    pts = [0, 40, 50, 150, 151, 400, 433, 1000]
    codec = "libvpx-vp9" if ending == "webm" else "libx264"
    clip = Clip(frames=8, pts=pts, time_base=Fraction(1, 1000), codec=codec)
    frames = read_clip(clip.write(tmp_path / f"a.{ending}"))
    assert [frame.pts * frame.time_base * 1000 for frame in frames] == pts
    assert [read_number(frame.image) for frame in frames] == list(range(8))


def test_a_picture_that_starts_after_the_sound_stays_late(tmp_path: Path) -> None:
    clip = Clip(frames=5, pts=[12, 13, 14, 15, 16], sounds=[Sound(1.0)])
    frames = read_clip(clip.write(tmp_path / "a.mp4"))
    assert frames[0].time_s == pytest.approx(12 / 25)


def test_mpeg_ts_starts_at_0_whatever_its_clock_says(tmp_path: Path) -> None:
    clip = Clip(frames=10, pts=range(100, 110), sounds=[Sound(0.4, start_s=3.9)])
    with FileSource(str(clip.write(tmp_path / "a.ts"))) as source:
        first = source.read()
        start_s = source.info.start_s
    assert start_s + first.time_s == pytest.approx(4.0)
    assert start_s == pytest.approx(3.9, abs=0.03)  # the sound's first packet


def test_stamps_that_repeat_or_fall_back_are_repaired(tmp_path: Path) -> None:
    # Matroska stores what it is given; the encoder would refuse such stamps.
    pts = [0, 40, 40, 80, 120, 110, 200]
    path = write_raw_stamps(tmp_path / "a.mkv", pts)
    frames = read_clip(path)
    got = [frame.pts for frame in frames]
    assert got == sorted(set(got))
    assert len(got) == len(pts)
    for index in (0, 1, 3, 4, 6):
        assert abs(got[index] - pts[index]) <= 20


def write_raw_stamps(path: Path, pts: list[int]) -> Path:
    with av.open(str(path), "w") as output:
        stream = output.add_stream("mjpeg", rate=25)
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH, "yuvj420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for number, stamp in enumerate(pts):
            frame = av.VideoFrame.from_ndarray(scene(number, SIZE_WH), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 1000)
            for packet in stream.encode(frame):
                packet.pts, packet.dts = stamp, number
                output.mux(packet)
    return path


# Damage


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("damage", [truncate, scramble])
def test_a_damaged_file_gives_what_comes_before_and_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, ending: str, damage: object
) -> None:
    path = Clip(frames=60).write(tmp_path / f"a.{ending}")
    if ending == "mp4":
        path = faststart(path)
    damage(path, 0.5)  # type: ignore[operator]
    frames = read_clip(path)
    assert 1 <= len(frames) < 60
    numbers = [read_number(frame.image) for frame in frames]
    assert numbers[:10] == list(range(10))
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert len(warnings) == 1
    assert "a." in warnings[0].getMessage()
    assert "\n" not in warnings[0].getMessage()


def faststart(path: Path) -> Path:
    """Move the index of an MP4 file to its front, so that a cut leaves it whole."""
    front = path.with_name("front.mp4")
    options = {"movflags": "+faststart"}
    with av.open(str(path)) as media, av.open(str(front), "w", container_options=options) as out:
        stream = out.add_stream_from_template(media.streams.video[0], opaque=True)
        for packet in media.demux(video=0):
            if packet.size:
                packet.stream = stream
                out.mux(packet)
    return front.rename(path)


def test_a_whole_file_gives_no_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_clip(Clip(frames=10, sounds=[Sound(1.0)]).write(tmp_path / "a.mp4"))
    assert not caplog.records


def test_a_video_without_one_good_picture_is_a_source_error(tmp_path: Path) -> None:
    path = truncate(Clip(frames=10).write(tmp_path / "a.mp4"), 0.5)  # its index is at the end
    with pytest.raises(SourceError, match="damaged") as caught, FileSource(str(path)):
        pass
    assert not isinstance(caught.value, NotAVideoError)
