"""Colours on their way through a file and back: planes, tags and palettes."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.media import Clip, pass_through, read_planes, read_rgb, scene
from u2cam.core.frame import Picture
from u2cam.imaging.color_tags import ColorTags
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import SourceInfo

SIZE_WH = (64, 48)
MS = Fraction(1, 1000)
LOSSLESS = OutputSettings(crf=0, preset="ultrafast")


def write(path: Path, pts: list[int], source: SourceInfo | None = None) -> None:
    sink = FileSink(path, OutputSettings(preset="ultrafast"))
    sink.open(PictureFormat(SIZE_WH, Fraction(25), MS, "rgb", source))
    for number, stamp in enumerate(pts):
        sink.write(Picture(scene(number, SIZE_WH), stamp, MS, 0.0))
    sink.close(failed=False)


def worst(before: Path, after: Path) -> tuple[float, float]:
    """Return mean and 99.9th percentile of the planes' differences, of the worst plane."""
    means, tails = [], []
    for ours, theirs in zip(read_planes(before), read_planes(after), strict=True):
        for one, other in zip(ours, theirs, strict=True):
            apart = np.abs(one.astype(int) - other.astype(int))
            means.append(float(apart.mean()))
            tails.append(float(np.percentile(apart, 99.9)))
    return max(means), max(tails)


@pytest.mark.parametrize("color", [(1, 1, 1, 1), (2, 1, 1, 1), (1, 6, 6, 6), (2, 5, 5, 6)])
def test_planes_and_tags_come_through(tmp_path: Path, color: tuple[int, int, int, int]) -> None:
    clip = Clip(size_wh=(160, 120), frames=3, color=color)
    before, after = clip.write(tmp_path / "a.mp4"), tmp_path / "b.mp4"
    pass_through(before, after, LOSSLESS)
    mean, tail = worst(before, after)
    # Asked for are < 1 and <= 4; swscale rounds full range once more on its way.
    assert (mean, tail) == (0, 0) if color[0] == 1 else (mean < 0.5 and tail <= 1)
    assert color_of(after) == color


def color_of(path: Path) -> tuple[int, int, int, int]:
    with av.open(str(path)) as media:
        context = media.streams.video[0].codec_context
        return (
            context.color_range,
            context.colorspace,
            context.color_primaries,
            context.color_trc,
        )


@pytest.mark.parametrize("name", ["talk_d12", "talk_d20", "outdoor_s32"])
def test_planes_of_real_clips_come_through(shared_dir: Path, tmp_path: Path, name: str) -> None:
    before = shared_dir / "clips" / f"{name}.mp4"
    pass_through(before, tmp_path / "b.mp4", LOSSLESS, max_frames=3)
    with av.open(str(before)) as media:
        ours = [
            frame.to_ndarray() for _, frame in zip(range(3), media.decode(video=0), strict=False)
        ]
    with av.open(str(tmp_path / "b.mp4")) as media:
        theirs = [frame.to_ndarray() for frame in media.decode(video=0)]
    apart = np.abs(np.array(ours, dtype=int) - np.array(theirs, dtype=int))
    assert apart.mean() < 0.01  # a few colours lie outside RGB and are cut
    assert (apart > 4).mean() < 0.001


def test_pictures_without_a_file_are_tagged_bt709_limited(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", [0])
    assert color_of(tmp_path / "a.mp4") == (1, 1, 1, 1)


def test_an_untagged_file_is_written_with_what_was_guessed(tmp_path: Path) -> None:
    before = Clip(frames=1).write(tmp_path / "a.mp4")
    pass_through(before, tmp_path / "b.mp4")
    assert color_of(tmp_path / "b.mp4") == (1, 6, 2, 2)


def test_gif_colours_are_near(tmp_path: Path) -> None:
    write(tmp_path / "a.gif", [0, 40])
    for number, image in enumerate(read_rgb(tmp_path / "a.gif")):
        assert np.abs(image.astype(int) - scene(number, SIZE_WH)).mean() < 8


def test_unknown_tags_stay_unknown(tmp_path: Path) -> None:
    info = SourceInfo(
        "a", SIZE_WH, Fraction(25), False, MS, color=ColorTags("full", "bt601", "unknown", "film")
    )
    write(tmp_path / "a.mp4", [0], source=info)
    assert color_of(tmp_path / "a.mp4") == (2, 6, 2, 2)
