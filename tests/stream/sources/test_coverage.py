"""Where an input has no picture (transparent parts, bars) its frames say so."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from tests import alpha_clips
from tests.alpha_clips import ANIMATIONS, OPAQUE_FROM, SHOWN, VIDEOS, half_clear, near
from tests.media import Clip
from tests.reading import read_clip
from tests.stream.sources.test_picture_shape import joined
from u2cam.core.frame import Frame
from u2cam.inputs import plan_input
from u2cam.settings import Settings
from u2cam.stream.sources.base import EndOfStream


def frames_of(path: Path) -> list[Frame]:
    frames = []
    with plan_input(str(path), Settings()).source as source:
        try:
            while True:
                frames.append(source.read())
        except EndOfStream:
            return frames


def write(path: Path) -> Path:
    if path.name in VIDEOS:
        return alpha_clips.write_video(path)
    if path.stem == "moving":
        return alpha_clips.write_animation(path)
    Image.fromarray(half_clear()).save(path)
    return path


KINDS = [
    *VIDEOS,
    *(f"moving.{ending}" for ending in ANIMATIONS),
    *(f"still.{ending}" for ending in ("png", "webp", "tiff", "avif", "gif")),
]


@pytest.mark.parametrize("name", KINDS)
def test_transparent_parts_of_every_kind_are_black_and_not_covered(
    tmp_path: Path, name: str
) -> None:
    frames = frames_of(write(tmp_path / name))
    assert frames
    for frame in frames:
        assert frame.coverage is not None
        assert frame.coverage.shape == frame.image.shape[:2]
        assert frame.coverage[10, 5] == 0
        assert frame.coverage[10, OPAQUE_FROM + 10] == 255
        assert frame.image[10, 5].tolist() == [0, 0, 0]
        assert near(frame.image[10, OPAQUE_FROM + 10], SHOWN)


def test_a_soft_edge_is_half_there_and_half_black(tmp_path: Path) -> None:
    Image.fromarray(half_clear(128)).save(tmp_path / "a.png")
    frame = frames_of(tmp_path / "a.png")[0]
    assert frame.coverage is not None
    assert frame.coverage[0, -1] == 128
    assert near(frame.image[0, -1], (100, 15, 30))


def test_an_alpha_that_hides_nothing_is_left_out(tmp_path: Path) -> None:
    Image.fromarray(np.full((48, 64, 4), 255, np.uint8)).save(tmp_path / "a.png")
    assert frames_of(tmp_path / "a.png")[0].coverage is None


def test_a_turned_video_has_its_transparent_parts_turned(tmp_path: Path) -> None:
    upright = alpha_clips.write_video(tmp_path / "png.mov")
    turned = _turned(upright, tmp_path / "b.mov")
    frame = read_clip(turned)[0]
    assert frame.coverage is not None
    assert frame.coverage.shape == frame.image.shape[:2] == (64, 48)
    assert np.array_equal(frame.coverage == 255, frame.image.max(axis=2) > 0)


def _turned(path: Path, to: Path) -> Path:
    with av.open(str(path)) as media, av.open(str(to), "w") as output:
        stream = output.add_stream_from_template(media.streams.video[0], opaque=True)
        stream.set_display_rotation(90)
        for packet in media.demux(video=0):
            if packet.size:
                packet.stream = stream
                output.mux(packet)
    return to


def test_bars_are_not_covered_and_pictures_of_the_first_shape_are_whole(tmp_path: Path) -> None:
    path = joined(tmp_path, ((320, 180), Fraction(1)), ((180, 180), Fraction(1)))
    frames = read_clip(path)
    assert [frame.coverage is None for frame in frames] == [True] * 10 + [False] * 10
    coverage = frames[-1].coverage
    assert coverage is not None
    assert coverage.shape == (180, 320)
    assert not coverage[:, :70].any()
    assert not coverage[:, -70:].any()
    assert (coverage[:, 70:250] == 255).all()
    assert not frames[-1].image[:, :70].any()


def test_a_clip_without_alpha_is_covered_whole(tmp_path: Path) -> None:
    assert read_clip(Clip(frames=2).write(tmp_path / "a.mp4"))[0].coverage is None
