"""What comes through a pipe is recognised by its contents, and taken apart."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.media import Clip, Sound, read_number, scene
from tests.pictures import animation, still
from u2cam.core.errors import NotAVideoError, SourceError, TooLargeError
from u2cam.core.frame import Frame
from u2cam.stream.media.pipes.reader import PipeReader
from u2cam.stream.settings import CaptureSettings, LimitsSettings
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.pipes.splitting import PictureSplitter
from u2cam.stream.sources.pipes.standard_input import StandardInput

SIZE_WH = (64, 48)


class Pipe:
    """A real pipe, with a thread that writes into it in pieces."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()
        self._thread: threading.Thread | None = None

    def give(self, data: bytes, piece: int = 1000) -> None:
        def write() -> None:
            with os.fdopen(self._writing, "wb", buffering=0) as file:
                for at in range(0, len(data), piece):
                    try:
                        file.write(data[at : at + piece])
                    except BrokenPipeError:
                        return

        self._thread = threading.Thread(target=write)
        self._thread.start()

    def end(self) -> None:
        os.close(self.reading)
        if self._thread is None:
            os.close(self._writing)
        else:
            self._thread.join(timeout=10)


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.end()


def read(pipe: Pipe, data: bytes, *, raw: bool = False, **how: int) -> tuple[str, list[Frame]]:
    pipe.give(data)
    reader = PipeReader(pipe.reading)
    source = StandardInput(CaptureSettings(**how), LimitsSettings(), raw=raw, pipe=reader)
    frames = []
    with source:
        try:
            while True:
                frames.append(source.read())
        except EndOfStream:
            return source.kind, frames


def pictures(ending: str, count: int = 3) -> bytes:
    images = (scene(number, SIZE_WH)[..., ::-1] for number in range(count))
    return b"".join(cv2.imencode(ending, image)[1].tobytes() for image in images)


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.avi", "a.flv", "a.gif"])
def test_a_container_is_read_to_its_end(pipe: Pipe, tmp_path: Path, name: str) -> None:
    codec = {"a.flv": "flv", "a.avi": "mpeg4", "a.gif": "gif"}.get(name, "libx264")
    how = {"pixel_format": "rgb8"} if name == "a.gif" else {}
    sounds = [] if name == "a.gif" else [Sound(length_s=0.3, codec="mp3", rate=44_100)]
    clip = Clip(frames=8, codec=codec, sounds=sounds, **how).write(tmp_path / name)
    kind, frames = read(pipe, clip.read_bytes())
    assert (kind, len(frames)) == ("video", 8)


@pytest.mark.parametrize("ending", [".png", ".jpg"])
def test_pictures_in_a_row_come_one_by_one(pipe: Pipe, ending: str) -> None:
    kind, frames = read(pipe, pictures(ending))
    assert kind == "images"
    assert [read_number(frame.image) for frame in frames] == [0, 1, 2]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_one_picture_is_a_still(pipe: Pipe, kind: str) -> None:
    found, frames = read(pipe, still(scene(5, SIZE_WH), kind))
    assert (found, len(frames)) == ("image", 1)
    assert read_number(frames[0].image) == 5


def test_what_a_camera_adds_behind_its_picture_is_no_second_one(pipe: Pipe) -> None:
    photo = pictures(".jpg", 1)
    table = b"\xff\xe2\x00\x08MPF\0\0\0"
    kind, frames = read(pipe, photo[:2] + table + photo[2:] + pictures(".jpg", 2))
    assert (kind, len(frames)) == ("image", 1)


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_an_animation_keeps_its_frames(pipe: Pipe, kind: str) -> None:
    data = animation([scene(number, SIZE_WH) for number in range(3)], [40] * 3, kind)
    found, frames = read(pipe, data)
    assert (found, len(frames)) == ("animation", 3)


def test_gray_raw_pictures_are_no_transport_stream(pipe: Pipe) -> None:
    gray = np.full((*SIZE_WH[::-1], 3), 0x47, np.uint8)
    kind, frames = read(pipe, gray.tobytes() * 2, width=64, height=48)
    assert (kind, len(frames)) == ("raw", 2)


def test_raw_pictures_that_begin_like_a_jpeg_can_be_said_to_be_raw(pipe: Pipe) -> None:
    image = np.full((*SIZE_WH[::-1], 3), (255, 216, 255), np.uint8)
    kind, frames = read(pipe, image.tobytes(), raw=True, width=64, height=48)
    assert (kind, len(frames)) == ("raw", 1)
    assert np.array_equal(frames[0].image, image)


def test_a_raw_picture_that_is_cut_off_is_left_out(
    pipe: Pipe, caplog: pytest.LogCaptureFixture
) -> None:
    image = scene(1, SIZE_WH).tobytes()
    _kind, frames = read(pipe, image + image[:100], width=64, height=48)
    assert len(frames) == 1
    assert "ends within a picture" in caplog.text


@pytest.mark.parametrize(
    ("data", "error", "says"),
    [
        (b"", NotAVideoError, "nothing came"),
        (b"x" * 5000, NotAVideoError, "--width and --height"),
        (b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\1\0mdat" + bytes(300), SourceError, "Matroska"),
        (pictures(".png", 1)[:500], SourceError, "damaged"),
        (pictures(".png", 1) + still(scene(0, (40, 40)), "PNG"), SourceError, "40x40"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    pipe: Pipe, data: bytes, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says) as caught:
        read(pipe, data)
    assert "\n" not in str(caught.value)


def test_a_picture_without_end_is_refused_before_memory_is_full(pipe: Pipe) -> None:
    pipe.give(b"\x89PNG\r\n\x1a\n" + b"\0\1\0\0teXt" + bytes(300_000), piece=50_000)
    with pytest.raises(TooLargeError, match="max_megapixels"):
        PictureSplitter(PipeReader(pipe.reading), 60_000).next()


def test_closing_wakes_who_waits_for_a_pipe_that_stands_still(pipe: Pipe) -> None:
    reader = PipeReader(pipe.reading)
    threading.Timer(0.05, reader.close).start()
    began_s = time.monotonic()
    assert reader.read(100) == b""
    assert time.monotonic() - began_s < 5
