"""A written film does not say where its input was made, in any of its containers."""

import logging
from pathlib import Path

import av
import pytest

from tests.media import Clip, Sound, pass_through
from tests.second_reader import ffprobe
from u2cam.stream.settings import OutputSettings

PLACE = "+48.8577+002.2950/"
TAGS = {"title": "A talk", "location": PLACE, "make": "Acme", "model": "Phone 9"}
KEEP = OutputSettings(metadata="keep", preset="ultrafast")


def tags_of(path: Path) -> str:
    """Return all tags of a file, as our reader and FFmpeg's own program see them."""
    with av.open(str(path)) as media:
        ours = [media.metadata, *(one.metadata for one in media.streams)]
        ours += [chapter["metadata"] for chapter in media.chapters()]
    return f"{ours} {ffprobe(path)}"


@pytest.mark.parametrize("after", ["mp4", "mov", "mkv", "webm"])
@pytest.mark.parametrize("before", ["mp4", "mov", "mkv"])
def test_place_and_device_are_not_handed_on(tmp_path: Path, before: str, after: str) -> None:
    clip = Clip(frames=10, sounds=[Sound(0.4)], metadata=TAGS, chapters=[(0, 0.4, "One")])
    pass_through(clip.write(tmp_path / f"a.{before}"), tmp_path / f"b.{after}")
    said = tags_of(tmp_path / f"b.{after}")
    assert "A talk" in said
    assert "48.85" not in said
    assert "Acme" not in said
    assert b"48.85" not in (tmp_path / f"b.{after}").read_bytes()


def test_place_and_device_are_kept_where_asked(tmp_path: Path) -> None:
    before = Clip(frames=5, metadata=TAGS).write(tmp_path / "a.mkv")
    pass_through(before, tmp_path / "b.mkv", KEEP)
    assert PLACE in tags_of(tmp_path / "b.mkv")
    assert "Phone 9" in tags_of(tmp_path / "b.mkv")


def test_subtitles_that_are_a_flight_log_are_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = [(0, 200, "[latitude: 48.8577] [longitude: 2.2950]"), (200, 400, "GPS(2.2,48.8,18)")]
    before = Clip(frames=10, subtitles=lines).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / "b.mp4")
    assert "subtitle" not in [one["codec_type"] for one in ffprobe(tmp_path / "b.mp4")["streams"]]
    assert [one.levelno for one in caplog.records] == [logging.WARNING]
    pass_through(before, tmp_path / "c.mp4", KEEP)
    assert "subtitle" in [one["codec_type"] for one in ffprobe(tmp_path / "c.mp4")["streams"]]
