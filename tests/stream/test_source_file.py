import logging
import socket
import threading
from fractions import Fraction
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from stream.frame import Frame
from stream.source import ColorTags, EndOfStream, SourceError, SourceLost
from stream.source_file import FileSource, NotAVideoError
from tests.media import Clip, Sound, read_number, scene, scramble, truncate

SIZE_WH = (64, 48)


def read_all(source: FileSource) -> list[Frame]:
    frames = []
    while True:
        try:
            frames.append(source.read())
        except EndOfStream:
            return frames


def read_clip(path: Path, **how: object) -> list[Frame]:
    with FileSource(str(path), **how) as source:  # type: ignore[arg-type]
        return read_all(source)


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(int) - other.astype(int)).mean())


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
    # Matroska stores what it is told; the encoder would refuse such stamps.
    pts = [0, 40, 40, 80, 120, 110, 200]
    path = write_raw_stamps(tmp_path / "a.mkv", pts)
    frames = read_clip(path)
    got = [frame.pts for frame in frames]
    assert got == sorted(set(got))
    assert len(got) == len(pts)
    for index in (0, 1, 3, 4, 6):
        assert abs(got[index] - pts[index]) <= 20


def write_raw_stamps(path: Path, pts: list[int]) -> Path:
    import av

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


# Colour

COLORS = np.array([[200, 40, 60], [30, 180, 70], [50, 60, 190], [128, 128, 128], [250, 250, 5]])
KR_KB = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
MATRIX = {"bt601": 6, "bt709": 1, "bt2020": 9}


def coded(rgb: np.ndarray, matrix: str, full: bool, bits: int) -> np.ndarray:
    """Code colours (N, 3) as Y, Cb, Cr by the formulas of H.273."""
    kr, kb = KR_KB[matrix]
    red, green, blue = (rgb / 255).T
    luma = kr * red + (1 - kr - kb) * green + kb * blue
    cb, cr = (blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)
    scale = 2 ** (bits - 8)
    if full:
        top = 2**bits - 1
        values = [top * luma, top * cb + 128 * scale, top * cr + 128 * scale]
    else:
        values = [219 * luma + 16, 224 * cb + 128, 224 * cr + 128]
        values = [value * scale for value in values]
    return np.round(np.stack(values, axis=1))


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", KR_KB)
def test_colours_are_those_of_the_standards(
    tmp_path: Path, matrix: str, full: bool, bits: int
) -> None:
    values = coded(COLORS, matrix, full, bits)

    def planes(_number: int) -> np.ndarray:
        # Each colour is a stripe of 16 columns: wide enough for clean chroma in its middle.
        luma = np.repeat(values[:, 0], 16)[None].repeat(16, 0)
        chroma = [np.repeat(values[:, part], 8)[None].repeat(8, 0) for part in (1, 2)]
        flat = np.concatenate([luma.ravel(), *(one.ravel() for one in chroma)])
        return flat.reshape(-1, 80).astype(np.uint8 if bits == 8 else np.uint16)

    clip = Clip(
        size_wh=(80, 16),
        frames=1,
        codec="ffv1",
        pixel_format="yuv420p" if bits == 8 else "yuv420p10le",
        planes=planes,
        color=(2 if full else 1, MATRIX[matrix], 1, 1),
    )
    frame = read_clip(clip.write(tmp_path / "a.mkv"))[0]
    seen = frame.image[8, 8::16]
    assert np.abs(seen.astype(int) - COLORS).max() <= 2


@pytest.mark.parametrize(
    ("size_wh", "matrix"), [((64, 48), "bt601"), ((1280, 16), "bt709"), ((16, 720), "bt709")]
)
def test_an_untagged_file_is_taken_as_players_take_it(
    tmp_path: Path, size_wh: tuple[int, int], matrix: str
) -> None:
    path = Clip(frames=1, size_wh=size_wh).write(tmp_path / "a.mp4")
    with FileSource(str(path)) as source:
        assert source.info.color == ColorTags("limited", matrix, "unknown", "unknown")


def test_tags_of_the_file_are_told(tmp_path: Path) -> None:
    path = Clip(frames=1, color=(2, 5, 5, 13)).write(tmp_path / "a.mp4")
    with FileSource(str(path)) as source:
        assert source.info.color == ColorTags("full", "bt601", "bt470bg", "iec61966-2-1")


def test_pictures_coded_as_rgb_come_out_as_they_are(tmp_path: Path) -> None:
    path = Clip(frames=1, codec="ffv1", pixel_format="bgr0").write(tmp_path / "a.mkv")
    assert np.array_equal(read_clip(path)[0].image, scene(0, SIZE_WH))


def test_alpha_of_the_input_is_left_out(tmp_path: Path) -> None:
    path = Clip(frames=1, codec="ffv1", pixel_format="bgra").write(tmp_path / "a.mkv")
    assert read_clip(path)[0].image.shape == (48, 64, 3)


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
    import av

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
    assert "127.0.0.1" in str(caught.value)


def test_a_live_stream_that_broke_off_comes_back_on_the_same_clock(tmp_path: Path) -> None:
    data = Clip(frames=30).write(tmp_path / "a.ts").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server, data, 2))
        thread.start()
        source = FileSource(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        with source:
            assert source.info.live
            assert source.info.media is None
            before = read_until_lost(source)
            assert source.reopen()
            after = read_until_lost(source)
        thread.join(timeout=5)
    assert not source.reopen()
    assert len(before) >= 20
    assert len(after) >= 20
    frames = before + after
    assert [frame.index for frame in frames] == list(range(len(frames)))
    pts = [frame.pts for frame in frames]
    assert pts[0] == 0
    assert pts == sorted(set(pts))


def test_a_live_stream_that_is_gone_does_not_come_back(tmp_path: Path) -> None:
    data = Clip(frames=30).write(tmp_path / "a.ts").read_bytes()
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server, data, 1))
        thread.start()
        source = FileSource(f"tcp://127.0.0.1:{server.getsockname()[1]}")
        source.__enter__()
        thread.join(timeout=5)
    try:
        read_until_lost(source)
        assert not source.reopen()
    finally:
        source.close()


def serve(server: socket.socket, data: bytes, times: int) -> None:
    for _ in range(times):
        connection, _ = server.accept()
        with connection:
            connection.sendall(data)


def read_until_lost(source: FileSource) -> list[Frame]:
    frames = []
    while True:
        try:
            frames.append(source.read())
        except SourceLost:
            return frames
