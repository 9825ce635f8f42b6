"""Opening files and addresses: what they tell, where they begin, how they are turned."""

import threading
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.media import Clip, Sound, read_number, scene
from tests.reading import SIZE_WH, read_all, read_clip
from u2cam.core.errors import NotAVideoError, SourceError
from u2cam.stream.sources.video import FileSource

# What it tells


def test_info_tells_size_rate_length_and_count(tmp_path: Path) -> None:
    path = Clip(frames=30, rate=Fraction(30_000, 1001)).write(tmp_path / "a.mp4")
    with FileSource(str(path)) as source:
        info = source.info
    assert info.name == "a.mp4"
    assert info.size_wh == SIZE_WH
    assert info.rate == Fraction(30_000, 1001)
    assert info.frames == 30
    assert info.duration_s == pytest.approx(30 * 1001 / 30_000, abs=1e-4)
    assert info.media == path
    assert not info.live


def test_info_of_a_cut_is_that_of_the_cut(tmp_path: Path) -> None:
    path = Clip(frames=50).write(tmp_path / "a.mp4")
    with FileSource(str(path), start_s=1.0, max_frames=5) as source:
        assert source.info.frames == 5
        assert source.info.duration_s == pytest.approx(0.2)
        assert source.info.start_s == 1.0


def test_info_before_opening_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="enter the source first"):
        _ = FileSource(str(tmp_path / "a.mp4")).info


# Start and length


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("start", [1, 7, 24, 25, 49])
def test_start_is_exact_to_the_frame(tmp_path: Path, ending: str, start: int) -> None:
    options = {"crf": "0", "preset": "ultrafast", "g": "20", "bf": "2"}
    path = Clip(frames=50, options=options).write(tmp_path / f"a.{ending}")
    with FileSource(str(path), start_s=start / 25) as source:
        frames = read_all(source)
        info = source.info
    assert [read_number(frame.image) for frame in frames] == list(range(start, 50))
    assert frames[0].pts == 0
    assert info.start_s == pytest.approx(start / 25, abs=1e-3)


def test_start_between_two_frames_takes_the_later_one(tmp_path: Path) -> None:
    path = Clip(frames=10).write(tmp_path / "a.mp4")
    assert read_number(read_clip(path, start_s=0.09)[0].image) == 3


def test_start_behind_the_end_names_the_end(tmp_path: Path) -> None:
    path = Clip(frames=10).write(tmp_path / "a.mp4")
    with (
        pytest.raises(ValueError, match=r"second 9 .*ends at 0\.40 s"),
        FileSource(str(path), start_s=9),
    ):
        pass


def test_max_frames_ends_the_stream(tmp_path: Path) -> None:
    path = Clip(frames=10).write(tmp_path / "a.mp4")
    assert len(read_clip(path, max_frames=3)) == 3


# Geometry


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [(False, False), (True, False), (False, True)])
def test_the_display_matrix_is_applied(
    tmp_path: Path, degrees: int, mirror: tuple[bool, bool]
) -> None:
    path = Clip(frames=1, rotation=(degrees, *mirror)).write(tmp_path / "a.mp4")
    # FFmpeg's own meaning of the matrix: turn counter-clockwise, then mirror.
    shown = np.rot90(scene(0, SIZE_WH), degrees // 90)
    shown = shown[:, ::-1] if mirror[0] else shown
    shown = shown[::-1] if mirror[1] else shown
    with FileSource(str(path)) as source:
        image = source.read().image
        assert source.info.size_wh == (shown.shape[1], shown.shape[0])
    assert image.shape == shown.shape
    assert difference(image, shown) < 4
    assert image.flags.c_contiguous


def test_pixels_come_out_square(tmp_path: Path) -> None:
    path = Clip(frames=1, aspect=Fraction(4, 3)).write(tmp_path / "a.mp4")
    with FileSource(str(path)) as source:
        assert source.info.size_wh == (85, 48)
        assert source.read().image.shape == (48, 85, 3)


def test_aspect_belongs_to_the_stored_picture_before_it_is_turned(tmp_path: Path) -> None:
    clip = Clip(frames=1, aspect=Fraction(2), rotation=(90, False, False))
    with FileSource(str(clip.write(tmp_path / "a.mp4"))) as source:
        assert source.info.size_wh == (48, 128)


@pytest.mark.parametrize("size_wh", [(1, 1), (35, 21)])
def test_odd_sizes_keep_their_size(tmp_path: Path, size_wh: tuple[int, int]) -> None:
    path = Clip(frames=2, size_wh=size_wh, codec="ffv1").write(tmp_path / "a.mkv")
    frames = read_clip(path)
    assert [frame.size_wh for frame in frames] == [size_wh] * 2


# What is no video


def no_video(folder: Path, what: str) -> Path:
    path = folder / f"{what.replace(' ', '_')}.mp4"
    if what == "sound only":
        path = Clip(frames=0, sounds=[Sound(0.2)]).write(path)
    elif what == "a text":
        path.write_text("Nothing to see here.\n" * 100)
    elif what == "a text file":
        path = path.with_suffix(".txt")
        path.write_text("Nothing to see here.\n" * 100)
    elif what == "a subtitle file":
        path = path.with_suffix(".srt")
        path.write_text("1\n00:00:00,000 --> 00:00:01,000\nHello\n")
    elif what == "noise":
        path.write_bytes(np.random.default_rng(0).bytes(5000))
    else:
        path.write_bytes(b"")
    return path


@pytest.mark.parametrize(
    "what", ["sound only", "a text", "a text file", "a subtitle file", "noise", "nothing"]
)
def test_what_is_no_video_is_refused_in_one_line(tmp_path: Path, what: str) -> None:
    path = no_video(tmp_path, what)
    with pytest.raises(NotAVideoError) as caught, FileSource(str(path)):
        pass
    assert path.name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_files_and_folders_have_their_own_errors(tmp_path: Path) -> None:
    with (
        pytest.raises(FileNotFoundError, match="no such file"),
        FileSource(str(tmp_path / "a.mp4")),
    ):
        pass
    with pytest.raises(IsADirectoryError, match="a folder"), FileSource(str(tmp_path)):
        pass


# Names and addresses


def test_a_name_that_looks_like_a_protocol_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Clip(frames=2).write(tmp_path / "b.mp4").rename(tmp_path / "http:b é.mp4")
    monkeypatch.chdir(tmp_path)
    assert len(read_clip(Path("http:b é.mp4"))) == 2


def test_a_url_is_read(tmp_path: Path) -> None:
    Clip(frames=20).write(tmp_path / "a.mp4")
    handler = partial(QuietHandler, directory=str(tmp_path))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            with FileSource(f"{address}/a.mp4", start_s=0.4) as source:
                assert not source.info.live
                assert read_number(source.read().image) == 10
            with (
                pytest.raises(SourceError, match="cannot be opened"),
                FileSource(f"{address}/b.mp4"),
            ):
                pass
        finally:
            server.shutdown()
            thread.join(timeout=5)


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_password_is_not_shown() -> None:
    with pytest.raises(SourceError) as caught, FileSource("rtsp://me:secret@127.0.0.1:9/cam"):
        pass
    assert "secret" not in str(caught.value)
    assert "rtsp://127.0.0.1:9/cam" in str(caught.value)
