"""Every container, codec and picture that is written, read back by FFmpeg's own programs."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media import Clip, Sound, pass_through, read_number, scene
from tests.second_reader import decoded, decodes_cleanly, ffprobe, ffprobe_stream, frame_times
from tests.stream.sinks.test_deep_color import hdr_clip
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import IMAGE_KINDS
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import SourceInfo

SIZE_WH, MS = (256, 120), Fraction(1, 1000)
"""The least that DNxHR takes."""
PTS = [0, 40, 120, 160]
QUICK = OutputSettings(preset="ultrafast")


def alpha() -> NDArray[np.uint8]:
    """Clear on the left, full on the right."""
    ramp = np.zeros(SIZE_WH[::-1], np.uint8)
    ramp[:, 64:192] = 128
    ramp[:, 192:] = 255
    return ramp


def write(path: Path, settings: OutputSettings = QUICK, kind: str = "rgb") -> None:
    source = SourceInfo("a", SIZE_WH, Fraction(25), False, MS, duration_s=0.2)
    sink = FileSink(path, settings)
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, kind, source))  # type: ignore[arg-type]
    for number, pts in enumerate(PTS):
        image = scene(number, SIZE_WH)
        if kind == "rgba":
            image = np.dstack([image, alpha()])
        sink.write(Picture(alpha() if kind == "gray" else image, pts, MS, 0.0))
    sink.close(failed=False)


WRITTEN = [
    ("mp4", "auto", 8, "h264", "yuv420p", "avc1"),
    ("mov", "auto", 8, "h264", "yuv420p", "avc1"),
    ("mkv", "auto", 8, "h264", "yuv420p", None),
    ("webm", "auto", 8, "vp9", "yuv420p", None),
    ("gif", "auto", 8, "gif", "bgra", None),
    ("mp4", "auto", 10, "hevc", "yuv420p10le", "hvc1"),
    ("mov", "auto", 10, "hevc", "yuv420p10le", "hvc1"),
    ("mkv", "auto", 10, "hevc", "yuv420p10le", None),
    ("webm", "auto", 10, "av1", "yuv420p10le", None),
    ("mp4", "libx265", 8, "hevc", "yuv420p", "hvc1"),
    ("mov", "libx265", 8, "hevc", "yuv420p", "hvc1"),
    ("mkv", "libx265", 8, "hevc", "yuv420p", None),
    ("mp4", "libsvtav1", 8, "av1", "yuv420p10le", "av01"),
    ("mkv", "libsvtav1", 8, "av1", "yuv420p10le", None),
    ("mp4", "libvpx-vp9", 8, "vp9", "yuv420p", "vp09"),
    ("mkv", "libvpx-vp9", 8, "vp9", "yuv420p", None),
    ("webm", "libvpx", 8, "vp8", "yuv420p", None),
    ("mkv", "libvpx", 8, "vp8", "yuv420p", None),
    ("mp4", "mpeg4", 8, "mpeg4", "yuv420p", "mp4v"),
    ("mov", "mpeg4", 8, "mpeg4", "yuv420p", "mp4v"),
    ("mkv", "mpeg4", 8, "mpeg4", "yuv420p", None),
    ("mp4", "mjpeg", 8, "mjpeg", "yuvj420p", "mp4v"),
    ("mov", "mjpeg", 8, "mjpeg", "yuvj420p", "jpeg"),
    ("mkv", "mjpeg", 8, "mjpeg", "yuvj420p", None),
    ("mov", "prores_ks", 8, "prores", "yuv422p10le", "apch"),
    ("mkv", "prores_ks", 8, "prores", "yuv422p10le", "apch"),
    ("mov", "dnxhd", 8, "dnxhd", "yuv422p10le", "AVdh"),
    ("mp4", "ffv1", 8, "ffv1", "yuv420p", "FFV1"),
    ("mkv", "ffv1", 8, "ffv1", "yuv420p", None),
    ("mkv", "ffv1", 10, "ffv1", "yuv420p10le", None),
]
"""Ending, output.codec, output.bits; codec, pixel format and tag that ffprobe finds."""
UNTAGGED = {"gif", "vp8", "mpeg4", "dnxhd", "ffv1"}
"""Codecs whose stream has no place for all of the colours' tags; containers then may have one."""


@pytest.mark.parametrize(("ending", "codec", "bits", "found", "pixels", "tag"), WRITTEN)
def test_pictures_times_colours_and_tags_are_those_that_were_written(
    tmp_path: Path, ending: str, codec: str, bits: int, found: str, pixels: str, tag: str | None
) -> None:
    path = tmp_path / f"a.{ending}"
    write(path, OutputSettings(codec=codec, bits=bits, preset="ultrafast"))  # type: ignore[arg-type]
    stream = ffprobe_stream(path, "video")
    assert (stream["codec_name"], stream["pix_fmt"]) == (found, pixels)
    assert (stream["width"], stream["height"]) == SIZE_WH
    if tag is not None:
        assert stream["codec_tag_string"] == tag
    assert frame_times(path) == [Fraction(pts, 1000) for pts in PTS]
    assert decodes_cleanly(path)
    if found not in UNTAGGED:
        assert stream["color_space"] in ("bt709", "bt470bg", "smpte170m")
        assert stream["color_range"] == ("pc" if pixels.startswith("yuvj") else "tv")
    shown = decoded(path, "rgb24", SIZE_WH)
    assert [read_number(one) for one in shown] == [0, 1, 2, 3]
    for number, one in enumerate(shown):
        apart = np.abs(one.astype(int) - scene(number, SIZE_WH))
        assert apart.mean() < (8 if found == "gif" else 6)


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm"])
def test_the_tags_of_the_colours_are_written_by_default(tmp_path: Path, ending: str) -> None:
    write(tmp_path / f"a.{ending}")
    stream = ffprobe_stream(tmp_path / f"a.{ending}", "video")
    names = ("color_range", "color_space", "color_primaries", "color_transfer")
    assert [stream[name] for name in names] == ["tv", "bt709", "bt709", "bt709"]


@pytest.mark.parametrize(("transfer", "name"), [("smpte2084", "PQ"), ("arib-std-b67", "HLG")])
@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm"])
def test_high_dynamic_range_is_tagged(
    tmp_path: Path, ending: str, transfer: str, name: str
) -> None:
    before, after = hdr_clip(tmp_path / "before.mkv", transfer), tmp_path / f"a.{ending}"
    settings = OutputSettings(hdr="keep", preset="ultrafast")
    pass_through(before, after, settings, keep_hdr=True)
    stream = ffprobe_stream(after, "video")
    assert (stream["color_space"], stream["color_primaries"]) == ("bt2020nc", "bt2020")
    assert stream["color_transfer"] == transfer
    assert stream["pix_fmt"] == "yuv420p10le"
    assert decodes_cleanly(after)


@pytest.mark.parametrize(
    ("ending", "pixels"), [("mov", "yuva444p"), ("mkv", "bgra"), ("webm", None), ("gif", "bgra")]
)
def test_alpha_comes_back(tmp_path: Path, ending: str, pixels: str | None) -> None:
    path = tmp_path / f"a.{ending}"
    write(path, kind="rgba")
    if pixels is not None:
        assert ffprobe_stream(path, "video")["pix_fmt"].startswith(pixels)
    # FFmpeg's own VP9 decoder drops alpha.
    how = ("-c:v", "libvpx-vp9") if ending == "webm" else ()
    shown = decoded(path, "rgba", SIZE_WH, *how)
    assert len(shown) == 4
    seen = shown[0][..., 3].astype(int)
    assert seen[:, :48].max() <= 3
    assert seen[:, 208:].min() >= 252
    if ending != "gif":  # all or nothing
        assert np.abs(seen[:, 80:176] - 128).max() <= 6


@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "webm"])
def test_a_matte_comes_back(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    write(path, kind="gray")
    shown = decoded(path, "rgb24", SIZE_WH)
    assert np.abs(shown[0].astype(int) - alpha()[..., None]).mean() < 3
    assert frame_times(path) == [Fraction(pts, 1000) for pts in PTS]


@pytest.mark.parametrize(
    ("ending", "codec"), [("mp4", "aac"), ("mov", "aac"), ("mkv", "opus"), ("webm", "opus")]
)
@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1"])
def test_sound_has_its_layout(tmp_path: Path, ending: str, codec: str, layout: str) -> None:
    codec_before, name = ("aac", "b.mp4") if layout == "5.1" else ("adpcm_ms", "b.avi")
    clip = Clip(frames=10, sounds=[Sound(0.4, codec=codec_before, layout=layout)])
    before = clip.write(tmp_path / name)
    pass_through(before, tmp_path / f"a.{ending}")
    stream = ffprobe_stream(tmp_path / f"a.{ending}", "audio")
    assert stream["channel_layout"] == layout
    assert float(ffprobe(tmp_path / f"a.{ending}")["format"]["duration"]) == pytest.approx(
        0.4, abs=0.08
    )
    if layout != "5.1":
        assert stream["codec_name"] == codec
    assert decodes_cleanly(tmp_path / f"a.{ending}")


@pytest.mark.parametrize("ending", [one for one in IMAGE_KINDS if one not in (".avif", ".jpeg")])
@pytest.mark.parametrize("kind", ["rgb", "rgba", "gray"])
def test_pictures_come_back(tmp_path: Path, ending: str, kind: str) -> None:
    if kind not in IMAGE_KINDS[ending]:
        pytest.skip(f"{ending} holds no {kind}")
    path, image = tmp_path / f"a{ending}", scene(3, SIZE_WH)
    given = {"rgb": image, "gray": alpha(), "rgba": np.dstack([image, alpha()])}[kind]
    sink = ImageSink(path, OutputSettings())
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, kind))  # type: ignore[arg-type]
    sink.write(Picture(np.ascontiguousarray(given), 0, MS, 0.0))
    sink.close(failed=False)
    (shown,) = decoded(path, "rgba" if kind == "rgba" else "rgb24", SIZE_WH)
    wanted = given if kind != "gray" else np.repeat(given[..., None], 3, 2)
    apart = np.abs(shown.astype(int) - wanted)
    seen = apart if kind != "rgba" else apart[:, 192:]
    assert seen.mean() < 4
    if kind == "rgba":
        assert apart[..., 3].max() <= 2


def test_a_tiff_has_16_bits_and_they_are_exact(tmp_path: Path) -> None:
    sink = ImageSink(tmp_path / "a.tif", OutputSettings())
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS))
    sink.write(Picture(scene(3, SIZE_WH), 0, MS, 0.0))
    sink.close(failed=False)
    assert ffprobe_stream(tmp_path / "a.tif", "video")["pix_fmt"] == "rgb48le"
    (shown,) = decoded(tmp_path / "a.tif", "rgb24", SIZE_WH)
    assert np.abs(shown.astype(int) - scene(3, SIZE_WH)).max() <= 1


def test_a_numbered_sequence_is_read_as_one(tmp_path: Path) -> None:
    sink = ImageSink(tmp_path / "%03d.png", OutputSettings())
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS))
    for number in range(3):
        sink.write(Picture(scene(number, SIZE_WH), 40 * number, MS, 0.0))
    sink.close(failed=False)
    shown = decoded(tmp_path / "%03d.png", "rgb24", SIZE_WH)
    assert [read_number(one) for one in shown] == [0, 1, 2]
