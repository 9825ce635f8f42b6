from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.media import Sound, scene
from u2cam.core.frame import Picture
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat, Sink
from u2cam.stream.sinks.containers import check_output
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import SourceInfo

SIZE_WH = (96, 64)
MS = Fraction(1, 1000)
FINE = OutputSettings(crf=4)

LARGEST_MEAN_ERROR = {
    ".mov": (1.5, 0.3),
    ".webm": (3.0, 1.5),
    ".mkv": (0.0, 0.0),
    ".png": (0.0, 0.0),
}
"""Of colour where alpha is full, and of alpha. FFV1 and PNG are lossless."""


def picture(number: int) -> NDArray[np.uint8]:
    """Return RGBA: the scene with a soft disc as alpha, straight."""
    width, height = SIZE_WH
    y, x = np.mgrid[0:height, 0:width]
    radius = np.hypot(x - 30 - 3 * number, y - 32)
    alpha = np.clip((28 - radius) / 12, 0, 1) * 255
    return np.dstack([scene(number, SIZE_WH), alpha.astype(np.uint8)])


def make_sink(path: Path, settings: OutputSettings) -> Sink:
    return ImageSink(path, settings) if path.suffix == ".png" else FileSink(path, settings)


def write(path: Path, settings: OutputSettings = FINE, source: SourceInfo | None = None) -> None:
    sink = make_sink(path, settings)
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, "rgba", source))
    for number in range(3):
        sink.write(Picture(picture(number), 40 * number, MS, 0.0))
    sink.close(failed=False)


def read_rgba(path: Path) -> list[NDArray[np.uint8]]:
    if path.suffix == ".png":
        found = sorted(path.parent.glob("*.png"))
        coded = [cv2.imread(str(one), cv2.IMREAD_UNCHANGED) for one in found]
        return [np.asarray(cv2.cvtColor(one, cv2.COLOR_BGRA2RGBA), np.uint8) for one in coded]
    with av.open(str(path)) as media:
        stream = media.streams.video[0]
        if path.suffix != ".webm":
            return [frame.to_ndarray(format="rgba") for frame in media.decode(stream)]
        # FFmpeg's own VP9 decoder drops alpha.
        decoder = av.CodecContext.create("libvpx-vp9", "r")
        packets = [packet for packet in media.demux(stream) if packet.size]
        frames = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
        return [frame.to_ndarray(format="rgba") for frame in frames]


@pytest.mark.parametrize("name", ["a.mov", "a.webm", "a.mkv", "%05d.png"])
def test_colour_and_alpha_come_back(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    pictures = read_rgba(tmp_path / name)
    assert len(pictures) == 3
    colour_error, alpha_error = LARGEST_MEAN_ERROR[Path(name).suffix]
    for number, got in enumerate(pictures):
        wanted = picture(number).astype(int)
        apart = np.abs(got.astype(int) - wanted)
        assert apart[..., 3].mean() <= alpha_error
        assert apart[wanted[..., 3] == 255][:, :3].mean() <= colour_error


@pytest.mark.parametrize("name", ["a.mov", "a.webm", "a.mkv", "%05d.png"])
def test_straight_colours_stay_where_alpha_is_low(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    got = read_rgba(tmp_path / name)[0].astype(int)
    wanted = picture(0).astype(int)
    soft = (wanted[..., 3] > 20) & (wanted[..., 3] < 100)
    assert np.abs(got - wanted)[soft][:, :3].mean() < 4


@pytest.mark.parametrize("name", ["a.mov", "a.webm", "a.mkv", "%05d.png"])
def test_premultiplied_colours_fade_with_alpha(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, OutputSettings(crf=4, alpha="premultiplied"))
    got = read_rgba(tmp_path / name)[0].astype(float)
    wanted = picture(0).astype(float)
    faded = wanted[..., :3] * wanted[..., 3:] / 255
    error = np.abs(got[..., :3] - faded).mean()
    assert error < (0.51 if name[-3:] in ("mkv", "png") else 4)
    assert np.abs(got[..., 3] - wanted[..., 3]).mean() < 1.5


def test_the_formats_are_those_that_editors_know(tmp_path: Path) -> None:
    known = {
        ".mov": ("prores", "yuva444p12le"),
        ".mkv": ("ffv1", "bgra"),
        ".webm": ("vp9", "yuv420p"),
    }
    for ending, expected in known.items():
        write(tmp_path / f"a{ending}")
        with av.open(str(tmp_path / f"a{ending}")) as media:
            stream = media.streams.video[0]
            frame = next(media.decode(stream))
            assert (stream.codec_context.name, frame.format.name) == expected
            if ending == ".mov":
                assert stream.codec_context.codec_tag == "ap4h"
            if ending == ".webm":
                assert stream.metadata.get("alpha_mode", stream.metadata.get("ALPHA_MODE")) == "1"


def test_sound_goes_with_alpha_too(tmp_path: Path) -> None:
    from tests.media import Clip, read_beeps

    clip = Clip(size_wh=SIZE_WH, frames=3, sounds=[Sound(0.5, (0.2,))])
    media = clip.write(tmp_path / "a.mp4")
    info = SourceInfo("a.mp4", SIZE_WH, Fraction(25), False, MS, media=media)
    write(tmp_path / "b.mov", source=info)
    # The picture ends at 0.12 s as its file does, so the sound is kept whole.
    assert read_beeps(tmp_path / "b.mov") == pytest.approx([0.2], abs=0.003)


@pytest.mark.parametrize("name", ["a.mp4", "a.jpg"])
def test_endings_without_alpha_are_refused_and_others_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"cannot hold alpha; take \.mov \.mkv \.webm \.png"):
        check_output(tmp_path / name, "rgba")
    with pytest.raises(ValueError, match="cannot hold alpha"):
        sink = ImageSink if name.endswith("jpg") else FileSink
        sink(tmp_path / name, FINE).open(PictureFormat(SIZE_WH, Fraction(25), MS, "rgba"))
    assert not list(tmp_path.iterdir())


def test_a_codec_without_alpha_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="libx264 has no alpha"):
        check_output(tmp_path / "a.mkv", "rgba", OutputSettings(codec="libx264"))
