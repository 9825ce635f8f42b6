import logging
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from tests.media import (
    Clip,
    Sound,
    flash,
    pass_through,
    read_beeps,
    read_duration,
    read_flashes,
    read_packets,
    read_times,
    truncate,
)
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.video import FileSource

SIZE_WH = (64, 48)
QUICK = OutputSettings(preset="ultrafast")


def flashing(at: tuple[int, ...], sound: Sound, frames: int = 75, **how: object) -> Clip:
    """Make a clip at 25 fps with white frames at some numbers."""
    return Clip(
        frames=frames,
        draw=lambda number: flash(number, at, SIZE_WH),
        sounds=[sound],
        **how,  # type: ignore[arg-type]
    )


FLASHES = (10, 40, 60)
BEEPS_S = tuple(number / 25 for number in FLASHES)


# In sync

SYNC_S = 0.003
"""How exactly a beep's start is found after lossy coding."""


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "webm"])
@pytest.mark.parametrize("codec", ["aac", "libopus", "flac", "pcm_s16le", "mp2"])
def test_beeps_stay_with_their_flashes(tmp_path: Path, ending: str, codec: str) -> None:
    clip = flashing(FLASHES, Sound(3.0, BEEPS_S, codec))
    before, after = (
        clip.write(tmp_path / "a.mkv"),
        tmp_path / f"b.{ending}",
    )
    pass_through(before, after)
    assert read_flashes(after) == pytest.approx(BEEPS_S, abs=1e-3)
    assert read_beeps(after) == pytest.approx(read_beeps(before), abs=SYNC_S)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov", "webm"])
@pytest.mark.parametrize("start", [0.8, 1.0, 1.234])
def test_beeps_stay_with_their_flashes_after_a_start(
    tmp_path: Path, ending: str, start: float
) -> None:
    before = flashing(FLASHES, Sound(3.0, BEEPS_S)).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / f"b.{ending}", start_s=start)
    flashes = read_flashes(tmp_path / f"b.{ending}")
    first = -(-round(start * 1000) // 40) / 25  # the frame at or after the start
    assert flashes == pytest.approx([1.6 - first, 2.4 - first], abs=1e-3)
    assert read_beeps(tmp_path / f"b.{ending}") == pytest.approx(flashes, abs=SYNC_S)


@pytest.mark.parametrize("late", ["sound", "picture"])
@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_tracks_that_start_at_different_times_stay_in_sync(
    tmp_path: Path, late: str, ending: str
) -> None:
    offset = 0 if late == "sound" else 8
    sound = Sound(2.5, BEEPS_S, start_s=0.3 if late == "sound" else 0.0)
    clip = Clip(
        frames=75 - offset,
        pts=range(offset, 75),
        draw=lambda number: flash(number + offset, FLASHES, SIZE_WH),
        sounds=[sound],
    )
    before, after = clip.write(tmp_path / f"a.{ending}"), tmp_path / "b.mp4"
    pass_through(before, after)
    assert len(read_flashes(after)) == 3
    assert read_beeps(after) == pytest.approx(read_flashes(after), abs=SYNC_S)


def test_variable_rate_keeps_sound_in_sync(tmp_path: Path) -> None:
    pts = [0, 100, 130, 400, 410, 1000, 1013, 1500, 2200, 2210]
    sound = Sound(2.5, (0.4, 1.5))
    clip = flashing((3, 7), sound, frames=10, pts=pts, time_base=Fraction(1, 1000))
    pass_through(clip.write(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    assert read_flashes(tmp_path / "b.mp4") == pytest.approx([0.4, 1.5], abs=1e-3)
    assert read_beeps(tmp_path / "b.mp4") == pytest.approx([0.4, 1.5], abs=SYNC_S)


# Copied as it is


@pytest.mark.parametrize(
    ("before", "after", "codec"),
    [
        ("mp4", "mp4", "aac"),
        ("mp4", "mov", "aac"),
        ("mkv", "mkv", "libopus"),
        ("mkv", "webm", "libopus"),
        ("mkv", "mp4", "libopus"),
        ("mkv", "mkv", "flac"),
        ("mov", "mov", "pcm_s16le"),
        ("mkv", "mp4", "flac"),
    ],
)
def test_packets_are_copied_where_the_container_allows(
    tmp_path: Path, before: str, after: str, codec: str
) -> None:
    clip = Clip(frames=25, sounds=[Sound(1.1, (0.5,), codec)])
    one = clip.write(tmp_path / f"a.{before}")
    other = tmp_path / f"b.{after}"
    pass_through(one, other)
    ours, theirs = read_packets(one, "audio"), read_packets(other, "audio")
    assert [data for _, data in ours] == [data for _, data in theirs]
    for (mine, _), (copied, _) in zip(ours, theirs, strict=True):
        assert abs(mine - copied) <= Fraction(1, 1000)


def test_aac_in_matroska_loses_no_more_than_its_lead_in(tmp_path: Path) -> None:
    one = Clip(frames=25, sounds=[Sound(1.0, (0.5,))]).write(tmp_path / "a.mp4")
    pass_through(one, tmp_path / "b.mkv")
    ours, theirs = read_packets(one, "audio"), read_packets(tmp_path / "b.mkv", "audio")
    assert [data for time, data in ours if time >= 0] == [data for _, data in theirs]
    assert read_times(tmp_path / "b.mkv")[0] == 0


def test_all_tracks_come_along_with_their_languages(tmp_path: Path) -> None:
    sounds = [Sound(1.0, (0.2,), language="eng"), Sound(1.0, (0.6,), language="fra")]
    pass_through(Clip(sounds=sounds).write(tmp_path / "a.mp4"), tmp_path / "b.mkv")
    with av.open(str(tmp_path / "b.mkv")) as media:
        assert [stream.language for stream in media.streams.audio] == ["eng", "fra"]
    assert read_beeps(tmp_path / "b.mkv", track=1) == pytest.approx([0.6], abs=SYNC_S)


def test_sound_longer_than_the_picture_is_kept_whole(tmp_path: Path) -> None:
    clip = Clip(frames=10, sounds=[Sound(2.0, (1.8,))])
    pass_through(clip.write(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    assert read_beeps(tmp_path / "b.mp4") == pytest.approx([1.8], abs=SYNC_S)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
def test_a_cut_picture_cuts_the_sound(tmp_path: Path, ending: str) -> None:
    before = flashing(FLASHES, Sound(3.0, BEEPS_S)).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / f"b.{ending}", start_s=0.2, max_frames=30)
    with av.open(str(tmp_path / f"b.{ending}")) as media:
        assert media.duration is not None
        assert 1.2 <= media.duration / av.time_base < 1.25


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_a_truncated_film_keeps_its_sound_so_far(tmp_path: Path, ending: str) -> None:
    before = flashing(FLASHES, Sound(3.0, BEEPS_S)).write(tmp_path / "a.mkv")
    pass_through(truncate(before, 0.6), tmp_path / f"b.{ending}")
    flashes, beeps = (read(tmp_path / f"b.{ending}") for read in (read_flashes, read_beeps))
    assert beeps
    assert beeps == pytest.approx(flashes[: len(beeps)], abs=SYNC_S)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "webm"])
def test_a_start_behind_the_sound_gives_a_silent_film(tmp_path: Path, ending: str) -> None:
    before = Clip(frames=50, sounds=[Sound(0.3, (0.1,))]).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / f"b.{ending}", start_s=1.0)
    assert len(read_times(tmp_path / f"b.{ending}")) == 25
    assert read_beeps(tmp_path / f"b.{ending}") == []


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_films_joined_end_to_end_stay_in_sync(tmp_path: Path, ending: str) -> None:
    # `cat one.ts two.ts > both.ts`: the clock starts anew in the middle.
    one = flashing(FLASHES, Sound(3.0, BEEPS_S)).write(tmp_path / "a.ts")
    one.write_bytes(one.read_bytes() * 2)
    pass_through(one, tmp_path / f"b.{ending}")
    flashes = read_flashes(tmp_path / f"b.{ending}")
    assert len(read_times(tmp_path / f"b.{ending}")) == 150
    assert len(flashes) == 6
    assert read_beeps(tmp_path / f"b.{ending}") == pytest.approx(flashes, abs=0.08)


@pytest.mark.parametrize("codec", ["aac", "ac3", "mp2"])
def test_packets_whose_stamps_fall_are_copied(tmp_path: Path, codec: str) -> None:
    # The second part begins 0.2 s before the first ends: too little to be a clock that starts anew.
    parts = [
        Clip(frames=20, pts=range(begin, begin + 20), sounds=[Sound(1.0, (), codec, begin / 25)])
        for begin in (0, 20)
    ]
    written = [part.write(tmp_path / f"{n}.ts").read_bytes() for n, part in enumerate(parts)]
    (tmp_path / "a.ts").write_bytes(b"".join(written))
    pass_through(tmp_path / "a.ts", tmp_path / "b.mp4")
    ours, theirs = (read_packets(tmp_path / name, "audio") for name in ("a.ts", "b.mp4"))
    assert len(theirs) >= len(ours) - 1  # AAC's lead-in is hidden by the container
    stamps = [time for time, _ in theirs]
    assert stamps == sorted(set(stamps))


def test_sound_can_be_left_out(tmp_path: Path) -> None:
    before = Clip(sounds=[Sound()], subtitles=[(0, 100, "Hi")]).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / "b.mp4", OutputSettings(audio="none"))
    with av.open(str(tmp_path / "b.mp4")) as media:
        assert [stream.type for stream in media.streams] == ["video"]


# Encoded again


@pytest.mark.parametrize(
    ("ending", "codec", "becomes"),
    [("webm", "aac", "opus"), ("mov", "flac", "aac"), ("mp4", "pcm_mulaw", "aac")],
)
def test_sound_that_does_not_fit_is_encoded_again(
    tmp_path: Path, ending: str, codec: str, becomes: str
) -> None:
    clip = flashing(FLASHES, Sound(3.0, BEEPS_S, codec))
    before = clip.write(tmp_path / ("a.mov" if codec == "pcm_mulaw" else "a.mkv"))
    after = tmp_path / f"b.{ending}"
    pass_through(before, after)
    with av.open(str(after)) as media:
        assert media.streams.audio[0].codec_context.name == becomes
    assert read_beeps(after) == pytest.approx(read_beeps(before), abs=SYNC_S)
    assert abs(read_duration(after, "audio") - 3) < Fraction(1, 20)


def joined(tmp_path: Path, first: Sound, then: Sound) -> Path:
    """Make a transport stream of 3 s whose sound goes on as another after 1.5 s."""
    parts = []
    for frames, sound in ((range(38), first), (range(38, 75), then)):
        beeps_s = [number / 25 for number in FLASHES if number in frames]
        clip = Clip(
            frames=len(frames),
            pts=frames,
            draw=lambda number, begin=frames.start: flash(number + begin, FLASHES, SIZE_WH),
            sounds=[
                replace(
                    sound,
                    start_s=frames.start / 25,
                    length_s=len(frames) / 25,
                    beeps_s=beeps_s,
                )
            ],
        )
        parts.append(clip.write(tmp_path / f"{frames.start}.ts").read_bytes())
    path = tmp_path / "a.ts"
    path.write_bytes(b"".join(parts))
    return path


MONO, STEREO, SURROUND = Sound(), Sound(layout="stereo"), Sound(layout="5.1")


@pytest.mark.parametrize("ending", ["webm", "mkv", "mp4", "mov"])
@pytest.mark.parametrize(
    ("first", "then"),
    [
        (STEREO, SURROUND),
        (SURROUND, STEREO),
        (MONO, STEREO),
        (STEREO, replace(STEREO, rate=32_000)),
    ],
    ids=["2.0 to 5.1", "5.1 to 2.0", "1.0 to 2.0", "48 to 32 kHz"],
)
def test_sound_that_changes_within_the_file_becomes_what_it_began_as(
    tmp_path: Path, ending: str, first: Sound, then: Sound
) -> None:
    after = tmp_path / f"b.{ending}"
    pass_through(joined(tmp_path, first, then), after)
    with av.open(str(after)) as media:
        kinds = {(frame.layout.name, frame.sample_rate) for frame in media.decode(audio=0)}
    assert kinds == {(first.layout, 48_000)}
    assert len(read_flashes(after)) == 3
    assert read_beeps(after) == pytest.approx(read_flashes(after), abs=SYNC_S)


@pytest.mark.parametrize("codec", ["ac3", "mp2"])
def test_sound_whose_frames_tell_their_layout_is_copied_though_it_changes(
    tmp_path: Path, codec: str
) -> None:
    first, then = Sound(codec=codec), Sound(codec=codec, layout="stereo")
    before, after = joined(tmp_path, first, then), tmp_path / "b.mp4"
    pass_through(before, after)
    ours, theirs = read_packets(before, "audio"), read_packets(after, "audio")
    assert [data for _, data in ours] == [data for _, data in theirs]


def test_a_variant_of_a_layout_that_the_encoder_lacks_is_encoded_as_the_usual_one(
    tmp_path: Path,
) -> None:
    # 5.1(side), as AC-3 has it.
    clip = Clip(frames=25, sounds=[Sound(codec="ac3", beeps_s=(0.5,), layout="5.1(side)")])
    pass_through(clip.write(tmp_path / "a.mkv"), tmp_path / "b.webm")
    with av.open(str(tmp_path / "b.webm")) as media:
        assert media.streams.audio[0].layout.name == "5.1"
    assert read_beeps(tmp_path / "b.webm") == pytest.approx([0.5], abs=SYNC_S)


# Subtitles, chapters, metadata

LINES = [(200, 700, "First line"), (1000, 1600, "Second line")]


def read_lines(path: Path) -> list[tuple[float, float, str]]:
    lines = []
    with av.open(str(path)) as media:
        stream = media.streams.subtitles[0]
        assert stream.language == "eng"
        for packet in media.demux(stream):
            text = (
                "".join(one.dialogue.decode() for one in stream.decode(packet))
                if packet.size
                else ""
            )
            if text:
                begin = float((packet.pts or 0) * packet.time_base)
                length = float((packet.duration or 0) * packet.time_base)
                lines.append((begin, begin + length, text.strip()))
    return lines


@pytest.mark.parametrize("after", ["mp4", "mkv", "mov", "webm"])
@pytest.mark.parametrize(
    ("before", "codec"), [("mp4", "mov_text"), ("mkv", "subrip"), ("mkv", "ass"), ("mkv", "webvtt")]
)
def test_text_subtitles_come_along(tmp_path: Path, before: str, codec: str, after: str) -> None:
    clip = Clip(frames=50, subtitles=LINES, subtitle_codec=codec)
    pass_through(clip.write(tmp_path / f"a.{before}"), tmp_path / f"b.{after}")
    expected = [(start / 1000, end / 1000, text) for start, end, text in LINES]
    got = read_lines(tmp_path / f"b.{after}")
    assert [text for *_, text in got] == [text for *_, text in expected]
    for one, other in zip(got, expected, strict=True):
        assert one[:2] == pytest.approx(other[:2], abs=2e-3)


@pytest.mark.parametrize("after", ["mp4", "mkv"])
def test_subtitles_move_with_the_start(tmp_path: Path, after: str) -> None:
    clip = Clip(frames=50, subtitles=LINES)
    pass_through(clip.write(tmp_path / "a.mp4"), tmp_path / f"b.{after}", start_s=0.8)
    got = read_lines(tmp_path / f"b.{after}")
    assert [text for *_, text in got] == ["Second line"]
    assert got[0][:2] == pytest.approx((0.2, 0.8), abs=2e-3)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "mov"])
def test_chapters_and_metadata_are_kept(tmp_path: Path, ending: str) -> None:
    clip = Clip(
        frames=50,
        chapters=[(0, 1, "Opening"), (1, 2, "End")],
        metadata={"title": "A talk", "artist": "An artist", "comment": "Ünicode"},
    )
    pass_through(clip.write(tmp_path / "a.mp4"), tmp_path / f"b.{ending}")
    with av.open(str(tmp_path / f"b.{ending}")) as media:
        metadata = {key.lower(): value for key, value in media.metadata.items()}
        assert metadata["title"] == "A talk"
        assert metadata["artist"] == "An artist"
        assert metadata["comment"] == "Ünicode"
        chapters = [
            (float(one["start"] * one["time_base"]), one["metadata"]["title"])
            for one in media.chapters()
            if one["time_base"] is not None
        ]
    assert chapters == [(0.0, "Opening"), (1.0, "End")]


def test_chapters_are_cut_with_the_picture(tmp_path: Path) -> None:
    clip = Clip(frames=75, chapters=[(0, 1, "Opening"), (1, 2, "Middle"), (2, 3, "End")])
    before = clip.write(tmp_path / "a.mkv")
    pass_through(before, tmp_path / "b.mp4", start_s=1.2, max_frames=15)
    with av.open(str(tmp_path / "b.mp4")) as media:
        times = [
            (float(one["start"] * one["time_base"]), float(one["end"] * one["time_base"]))
            for one in media.chapters()
            if one["time_base"] is not None
        ]
    assert times == [pytest.approx((0.0, 0.6), abs=1e-3)]


def test_the_shape_of_the_old_picture_does_not_come_along(tmp_path: Path) -> None:
    clip = Clip(frames=2, rotation=(90, False, False), aspect=Fraction(2))
    pass_through(clip.write(tmp_path / "a.mp4"), tmp_path / "b.mp4")
    with av.open(str(tmp_path / "b.mp4")) as media:
        frame = next(media.decode(video=0))
        assert frame.rotation == 0
        assert (frame.width, frame.height) == (48, 128)
        assert media.streams.video[0].sample_aspect_ratio in (None, 0, 1)


# What cannot be kept


def test_a_gif_says_nothing_aloud_about_sound(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pass_through(Clip(sounds=[Sound()]).write(tmp_path / "a.mp4"), tmp_path / "b.gif")
    assert not [one for one in caplog.records if one.levelno >= logging.WARNING]


def test_bitmap_subtitles_are_named_where_they_cannot_be_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.mkv"
    with av.open(str(path), "w") as output:
        video = output.add_stream("ffv1", rate=25)
        video.width, video.height, video.pix_fmt = *SIZE_WH, "yuv420p"
        output.add_mux_stream("hdmv_pgs_subtitle")
        for number in range(3):
            frame = av.VideoFrame(*SIZE_WH, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 25)
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
    pass_through(path, tmp_path / "b.mp4")
    assert ["cannot be kept" in one.getMessage() for one in caplog.records] == [True]


def test_media_that_vanished_is_a_warning_not_the_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = Clip(sounds=[Sound()]).write(tmp_path / "a.mp4")
    with FileSource(str(before)) as source:
        info = source.info
        frame = source.read()
    before.unlink()
    sink = FileSink(tmp_path / "b.mp4", QUICK)
    sink.open(PictureFormat(info.size_wh, info.rate, info.time_base, "rgb", info))
    sink.write(Picture(frame.image, frame.pts, frame.time_base, 0.0))
    sink.close(failed=False)
    assert ["sound cannot be copied" in one.getMessage() for one in caplog.records] == [True]
    assert len(read_times(tmp_path / "b.mp4")) == 1
