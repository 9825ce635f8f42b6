"""`output.crf` and `output.codec` mean something for every encoder, or are refused in words."""

import shutil
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import Clip, pass_through, read_rgb, read_times
from tests.second_reader import decodes_cleanly, ffprobe_stream
from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import check_output
from u2cam.stream.sinks.video import FileSink

SIZE_WH = (320, 240)


def noisy(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(60, 190, (240, 320, 3)).astype(np.uint8)


def has_encoder(name: str) -> bool:
    try:
        av.Codec(name, "w")
    except av.codec.codec.UnknownCodecError:
        return False
    return True


@pytest.mark.parametrize(
    ("codec", "ending"),
    [
        ("libx264", "mp4"),
        ("libx265", "mp4"),
        ("mpeg4", "mp4"),
        ("libvpx", "webm"),
        ("libvpx-vp9", "webm"),
        ("mjpeg", "mov"),
        ("mjpeg", "mkv"),
        ("mjpeg", "mp4"),
        ("prores_ks", "mov"),
        ("dnxhd", "mov"),
        ("msmpeg4", "mkv"),
        ("libsvtav1", "mp4"),
    ],
)
def test_a_lower_crf_is_better_and_larger(tmp_path: Path, codec: str, ending: str) -> None:
    if not has_encoder(codec):
        pytest.skip(f"no encoder {codec} here")
    before = Clip(SIZE_WH, frames=3, draw=noisy).write(tmp_path / "a.mkv")
    sizes, errors = [], []
    for crf in (4, 40):
        after = tmp_path / f"{crf}.{ending}"
        pass_through(before, after, OutputSettings(codec=codec, crf=crf, preset="ultrafast"))
        sizes.append(after.stat().st_size)
        pictures = zip(read_rgb(before), read_rgb(after), strict=True)
        errors.append(np.mean([np.abs(a.astype(int) - b).mean() for a, b in pictures]))
        assert decodes_cleanly(after)
    assert sizes[0] > 1.3 * sizes[1]
    assert errors[0] < errors[1]


def test_a_quality_that_an_encoder_does_not_have_is_refused_before_the_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"output\.crf: snow has no constant quality"):
        check_output(tmp_path / "a.mkv", "rgb", OutputSettings(codec="snow", crf=10))
    check_output(tmp_path / "a.mkv", "rgb", OutputSettings(codec="snow"))
    check_output(tmp_path / "a.mkv", "rgb", OutputSettings(codec="ffv1", crf=10))  # is lossless


def test_an_encoder_that_does_not_take_the_picture_is_named_in_words(tmp_path: Path) -> None:
    sink = FileSink(tmp_path / "a.mov", OutputSettings(codec="h263"))
    with pytest.raises(SinkError, match=r"output\.codec h263 does not encode 322x242"):
        sink.open(PictureFormat((322, 242), Fraction(25), Fraction(1, 25)))


@pytest.mark.parametrize("ending", ["mov", "mkv"])
def test_motion_jpeg_keeps_its_colours(tmp_path: Path, ending: str) -> None:
    color = np.full((240, 320, 3), (200, 60, 40), np.uint8)
    sink = FileSink(tmp_path / f"a.{ending}", OutputSettings(codec="mjpeg", crf=2))
    sink.open(PictureFormat(SIZE_WH, Fraction(25), Fraction(1, 25)))
    for number in range(2):
        sink.write(Picture(color, number, Fraction(1, 25), 0.0))
    sink.close(failed=False)
    found = ffprobe_stream(tmp_path / f"a.{ending}", "video")
    assert found["codec_name"] == "mjpeg"
    assert found["color_range"] == "pc"
    with av.open(str(tmp_path / f"a.{ending}")) as media:
        planes = [np.frombuffer(p, np.uint8)[0] for p in next(media.decode(video=0)).planes]
    # BT.709, full range: ITU-T H.273, equations 38 to 43.
    luma = 0.2126 * 200 + 0.7152 * 60 + 0.0722 * 40
    expected = [luma, 128 + (40 - luma) / 1.8556, 128 + (200 - luma) / 1.5748]
    assert planes == pytest.approx(expected, abs=2)


@pytest.mark.parametrize("ending", ["mp4", "mov"])
def test_hevc_has_the_name_that_apple_takes(tmp_path: Path, ending: str) -> None:
    before = Clip(frames=3).write(tmp_path / "a.mp4")
    after = tmp_path / f"b.{ending}"
    pass_through(before, after, OutputSettings(codec="libx265", preset="ultrafast"))
    assert ffprobe_stream(after, "video")["codec_tag_string"] == "hvc1"
    assert b"hvc1" in after.read_bytes()
    assert decodes_cleanly(after)


def test_hevc_in_matroska_is_as_it_was(tmp_path: Path) -> None:
    before = Clip(frames=3).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / "b.mkv", OutputSettings(codec="libx265", preset="ultrafast"))
    assert ffprobe_stream(tmp_path / "b.mkv", "video")["codec_name"] == "hevc"


@pytest.mark.parametrize("moving", [0, 4])
def test_theora_shows_still_pictures_again(tmp_path: Path, moving: int) -> None:
    # What stays the same is an empty packet.
    program = shutil.which("ffmpeg")
    if program is None:
        pytest.skip("ffmpeg is not installed")
    drawn = f"testsrc=s=160x120:r=25:d={(moving + 1) / 25},tpad=stop_mode=clone:stop=20"
    film = tmp_path / "a.ogv"
    made = [program, "-v", "error", "-f", "lavfi", "-i", drawn, "-c:v", "libtheora", str(film)]
    subprocess.run(made, check=True, timeout=60)
    pass_through(film, tmp_path / "b.mp4")
    times = read_times(tmp_path / "b.mp4")
    # FFmpeg's writer leaves out what is repeated at the end.
    assert 20 + moving - 2 <= len(times) <= 21 + moving
    assert times == pytest.approx([number / 25 for number in range(len(times))])
