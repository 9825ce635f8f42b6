"""Sound, subtitles and tags: what is copied, encoded again, converted or left out."""

from functools import partial
from pathlib import Path

import av
import pytest

from tests.media import Clip, Sound, read_packets
from tests.stream.sinks.test_sound_kinds import loud_channels, write_dts, write_film
from tests.u2cam.in_out.program import SAME, done
from tests.u2cam.in_out.table import NONE, Cell, Row, Table

ENDINGS = (".mp4", ".mov", ".mkv", ".webm")


def _film(folder: Path, codec: str, ending: str) -> Path:
    path = folder / f"film{ending}"
    if codec == "dts":
        return write_dts(path, 2)
    try:
        return write_film(path, codec, "stereo")
    except (av.FFmpegError, ValueError) as error:
        pytest.skip(f"no encoder {codec} here: {error}")


def _codec(path: Path) -> str:
    with av.open(str(path)) as media:
        return str(media.streams.audio[0].codec_context.codec.canonical_name)


def _sound_is(codec: str, source: str, ending: str, says: str, folder: Path) -> None:
    before, out = _film(folder, codec, source), folder / f"out{ending}"
    done(before, out)
    given = {data for _, data in read_packets(before, "audio")}
    written = [data for _, data in read_packets(out, "audio")]
    if says == "copied":
        assert set(written) <= given
        assert len(written) >= len(given) - 2  # what begins before time 0 may be left out
    else:
        assert _codec(out) == {"AAC": "aac", "Opus": "opus"}[says]
        assert not set(written) & given


def _row(what: str, codec: str, source: str, *says: str) -> Row:
    cells = [
        Cell(one, partial(_sound_is, codec, source, ending, one))
        for ending, one in zip(ENDINGS, says, strict=True)
    ]
    return Row(what, tuple(cells))


SOUNDS = Table(
    "Sound by default, copied or encoded again:",
    ("sound of the input", "mp4", "mov", "mkv", "webm"),
    [
        _row("AAC", "aac", ".mov", "copied", "copied", "copied", "Opus"),
        _row("MP3", "libmp3lame", ".mov", "copied", "copied", "copied", "Opus"),
        _row("MPEG layer 2", "mp2", ".mkv", "copied", "copied", "copied", "Opus"),
        _row("AC-3", "ac3", ".mkv", "copied", "copied", "copied", "Opus"),
        _row("E-AC-3", "eac3", ".mkv", "copied", "copied", "copied", "Opus"),
        _row("DTS", "dts", ".mkv", "AAC", "AAC", "copied", "Opus"),
        _row("Opus", "libopus", ".mkv", "copied", "AAC", "copied", "copied"),
        _row("Vorbis", "vorbis", ".mkv", "AAC", "AAC", "copied", "copied"),
        _row("FLAC", "flac", ".mkv", "copied", "AAC", "copied", "Opus"),
        _row("ALAC", "alac", ".mov", "copied", "copied", "copied", "Opus"),
        _row("PCM, 16 and 24 bits", "pcm_s24le", ".mov", "AAC", "copied", "copied", "Opus"),
        _row("PCM, 8 bits, of an AVI", "pcm_u8", ".avi", "AAC", "copied", "copied", "Opus"),
        _row("ADPCM", "adpcm_ms", ".avi", "AAC", "AAC", "Opus", "Opus"),
    ],
)


# Subtitles

_TEXT = "A word"


def _subtitle_is(codec: str, source: str, ending: str, says: str, folder: Path) -> None:
    pictures = "libvpx-vp9" if source == ".webm" else "libx264"
    clip = Clip(frames=10, codec=pictures, subtitles=[(40, 300, _TEXT)], subtitle_codec=codec)
    out = folder / f"out{ending}"
    done(clip.write(folder / f"a{source}"), out)
    with av.open(str(out)) as media:
        (track,) = media.streams.subtitles
        assert track.codec_context.codec.canonical_name == says
    ((time, data),) = [one for one in read_packets(out, "subtitle") if len(one[1]) > 2]
    assert _TEXT.encode() in data
    assert float(time) == pytest.approx(0.04, abs=0.002)


def _text_row(what: str, codec: str, source: str, *says: str) -> Row:
    cells = [
        Cell(one, partial(_subtitle_is, codec, source, ending, one))
        for ending, one in zip(ENDINGS, says, strict=True)
    ]
    return Row(what, tuple(cells))


SUBTITLES = Table(
    "Subtitles that are text:",
    ("subtitles of the input", "mp4", "mov", "mkv", "webm"),
    [
        _text_row("QuickTime's", "mov_text", ".mp4", "mov_text", "mov_text", "subrip", "webvtt"),
        _text_row("SubRip", "subrip", ".mkv", "mov_text", "mov_text", "subrip", "webvtt"),
        _text_row("ASS", "ass", ".mkv", "mov_text", "mov_text", "ass", "webvtt"),
        _text_row("WebVTT", "webvtt", ".webm", "mov_text", "mov_text", "webvtt", "webvtt"),
    ],
)


# What else


def _is_exact(folder: Path) -> None:
    for codec, ending in (("pcm_s24le", ".mov"), ("vorbis", ".mkv")):
        before = _film(folder, codec, ending)
        done(before, folder / "out.mp4", *SAME, "--set", "output.audio=exact")
        assert _codec(folder / "out.mp4") == codec
    before = _film(folder, "adpcm_ms", ".avi")
    ran = done(before, folder / "out.mp4", *SAME, "--set", "output.audio=exact")
    assert "encoded again" in ran.line


def _by_default(folder: Path) -> None:
    done(_film(folder, "pcm_s24le", ".mov"), folder / "out.mp4")
    assert _codec(folder / "out.mp4") == "aac"


def _silent(folder: Path) -> None:
    clip = Clip(frames=5, sounds=[Sound(0.2)], subtitles=[(0, 100, _TEXT)])
    before = clip.write(folder / "a.mp4")
    done(before, folder / "out.mp4", *SAME, "--set", "output.audio=none")
    with av.open(str(folder / "out.mp4")) as media:
        assert [one.type for one in media.streams] == ["video"]


def _all_tracks(folder: Path) -> None:
    sounds = [
        Sound(0.2, language="eng"),
        Sound(0.2, codec="ac3", layout="5.1(side)", language="fra"),
    ]
    clip = Clip(frames=5, sounds=sounds, chapters=[(0, 0.1, "One"), (0.1, 0.2, "Two")])
    before = clip.write(folder / "a.mp4")
    for ending in ENDINGS:
        done(before, folder / f"out{ending}")
        with av.open(str(folder / f"out{ending}")) as media:
            assert [one.language for one in media.streams.audio] == ["eng", "fra"]
            titles = [chapter["metadata"]["title"] for chapter in media.chapters()]
        assert titles == ["One", "Two"]


def _places_of_channels(folder: Path) -> None:
    before = write_film(folder / "a.mov", "pcm_s16le", "5.1(side)", loud=4)
    for ending in (".mp4", ".webm"):
        done(before, folder / f"out{ending}")
        assert loud_channels(folder / f"out{ending}") == ["BL"]
    unnamed = write_film(folder / "b.mkv", "pcm_s16le", "5.1", loud=2)  # Matroska names none
    for ending in ENDINGS:
        done(unnamed, folder / f"out{ending}")
        with av.open(str(folder / f"out{ending}")) as media:
            assert media.streams.audio[0].layout.nb_channels == 6


def _rates(folder: Path) -> None:
    done(write_film(folder / "a.avi", "pcm_s16le", "mono", 37_800), folder / "out.mp4")
    with av.open(str(folder / "out.mp4")) as media:
        assert media.streams.audio[0].rate == 44_100


_TAGS = {"title": "A talk", "location": "+48.8577+002.2950/", "make": "Acme"}


def _tags(path: Path) -> str:
    with av.open(str(path)) as media:
        return str([media.metadata, *(one.metadata for one in media.streams)])


def _owner_is_left_out(folder: Path) -> None:
    before = Clip(frames=5, metadata=_TAGS).write(folder / "a.mkv")
    for ending in ENDINGS:
        done(before, folder / f"out{ending}")
        said = _tags(folder / f"out{ending}")
        assert "A talk" in said
        assert not any(word in said for word in ("48.85", "Acme"))


def _owner_is_kept(folder: Path) -> None:
    before = Clip(frames=5, metadata=_TAGS).write(folder / "a.mkv")
    done(before, folder / "out.mkv", *SAME, "--set", "output.metadata=keep")
    assert all(word in _tags(folder / "out.mkv") for word in ("A talk", "48.85", "Acme"))


def _flight_log(keep: bool, folder: Path) -> None:
    lines = [(0, 200, "[latitude: 48.8577] [longitude: 2.2950]")]
    before = Clip(frames=10, subtitles=lines).write(folder / "a.mp4")
    more = ("--set", "output.metadata=keep") if keep else ()
    ran = done(before, folder / "out.mp4", *SAME, *more)
    assert len(ran.lines) == (0 if keep else 1)
    with av.open(str(folder / "out.mp4")) as media:
        assert len(media.streams.subtitles) == keep


SOUND_AND_TAGS = Table(
    "More of sound and tags:",
    ("in a file", "by default", "other choice"),
    [
        Row(
            "sound that common players do not play in such a file",
            (
                Cell("encoded again", _by_default),
                Cell("`output.audio = exact` copies where the file can hold it", _is_exact),
            ),
        ),
        Row(
            "several tracks, languages, chapters",
            (
                Cell("kept", _all_tracks),
                Cell("`output.audio = none`: no sound, no subtitles", _silent),
            ),
        ),
        Row(
            "5.1(side), layouts without a name",
            (Cell("where encoded, each channel in its place", _places_of_channels), NONE),
        ),
        Row("odd rates", (Cell("where encoded, the next that there is", _rates), NONE)),
        Row(
            "places, devices, serial numbers in tags",
            (
                Cell("left out, title and the like kept", _owner_is_left_out),
                Cell("`output.metadata = keep`", _owner_is_kept),
            ),
        ),
        Row(
            "subtitles that are a flight log",
            (
                Cell("left out, said in one line", partial(_flight_log, False)),
                Cell("`output.metadata = keep`", partial(_flight_log, True)),
            ),
        ),
    ],
)
