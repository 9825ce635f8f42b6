"""Time stamps and damage: what the decoder's pictures become."""

import logging
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media import (
    Clip,
    Sound,
    pass_through,
    read_beeps,
    read_number,
    read_times,
    scene,
    scramble,
    truncate,
)
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
                packet.pts, packet.dts = stamp, number - 10_000  # no picture before its decoding
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


# Stamps that cannot be true


def warned(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_file_with_one_stamp_for_all_goes_by_its_rate_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    frames = read_clip(write_raw_stamps(tmp_path / "a.mkv", [0] * 50))
    assert len(frames) == 50
    assert frames[-1].time_s == pytest.approx(49 / 25, abs=0.03)
    assert warned(caplog) == [
        "a.mkv: the time stamps stand still at 0.06 s; the pictures go by the frame rate"
    ]


def test_a_leap_of_hours_is_closed_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    leap_ms = 12 * 3_600_000
    pts = [40 * number + (leap_ms if number >= 10 else 0) for number in range(20)]
    frames = read_clip(write_raw_stamps(tmp_path / "a.mkv", pts))
    assert [frame.pts for frame in frames] == [40 * number for number in range(20)]
    assert warned(caplog) == [
        "a.mkv: the time stamps leap ahead by 0.5 days at 0.40 s; the gap is closed"
    ]


def test_a_file_that_claims_to_last_for_days_is_refused_in_one_line(tmp_path: Path) -> None:
    path = write_raw_stamps(tmp_path / "a.mkv", [0, 40, 80, 3 * 86_400_000])
    with pytest.raises(SourceError, match=r"a\.mkv: 72\.0 hours are more than .*"):
        read_clip(path)


def test_transport_streams_that_leap_or_fall_back_by_hours_go_on_with_their_sound(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = b""
    for number, start in enumerate((0, 25 * 3600 * 20, 25 * 3600 * 3)):
        sound = Sound(1.0, codec="mp2", start_s=start / 25, beeps_s=(start / 25 + 0.5,))
        part = Clip(frames=25, pts=range(start, start + 25), sounds=[sound])
        data += part.write(tmp_path / f"{number}.ts").read_bytes()
    (tmp_path / "a.ts").write_bytes(data)
    pass_through(tmp_path / "a.ts", tmp_path / "b.mp4")
    times = read_times(tmp_path / "b.mp4")
    assert len(times) == 75
    assert times == pytest.approx([number / 25 for number in range(75)], abs=0.05)
    assert read_beeps(tmp_path / "b.mp4") == pytest.approx([0.5, 1.5, 2.5], abs=0.1)
    leaps = [one for one in warned(caplog) if "leap ahead by 0.8 days at 1.0" in one]
    assert len(leaps) == 1
