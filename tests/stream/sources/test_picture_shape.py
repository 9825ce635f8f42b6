"""A picture of another shape keeps its own: a circle stays a circle."""

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from tests.media import Clip
from u2cam.core.frame import Frame
from u2cam.imaging.decoding.decoded import Decoded
from u2cam.stream.sources.base import ColorTags, EndOfStream
from u2cam.stream.sources.decoding.picture_shape import PictureShape, square_size
from u2cam.stream.sources.video import FileSource

FIRST_WH = (320, 180)


def circle(size_wh: tuple[int, int], aspect: float = 1.0) -> np.ndarray:
    """A white disc in the middle, round where a pixel has the aspect; gray beside it."""
    width, height = size_wh
    image = np.full((height, width, 3), 90, np.uint8)
    radius = min(width * aspect, height) // 4
    axes = (round(radius / aspect), round(radius))
    cv2.ellipse(image, (width // 2, height // 2), axes, 0, 0, 360, (235, 235, 235), -1)
    return image


def joined(folder: Path, *kinds: tuple[tuple[int, int], Fraction]) -> Path:
    """Make a transport stream that goes on in other sizes and shapes of a pixel."""
    data = b""
    for number, (size_wh, aspect) in enumerate(kinds):
        clip = Clip(
            size_wh,
            frames=10,
            pts=range(10 * number, 10 * number + 10),
            draw=lambda _, size_wh=size_wh, aspect=aspect: circle(size_wh, float(aspect)),
            aspect=aspect,
        )
        data += clip.write(folder / f"{number}.ts").read_bytes()
    path = folder / "a.ts"
    path.write_bytes(data)
    return path


def frames_of(path: Path) -> list[Frame]:
    frames = []
    with FileSource(str(path)) as source:
        try:
            while True:
                frames.append(source.read())
        except EndOfStream:
            return frames


def disc_wh(image: np.ndarray) -> tuple[int, int]:
    white = image.min(axis=2) > 170
    return int(white.any(axis=0).sum()), int(white.any(axis=1).sum())


@pytest.mark.parametrize(
    ("then_wh", "aspect", "bars"),
    [
        ((160, 90), Fraction(1), False),  # the same shape, smaller
        ((180, 320), Fraction(1), True),  # turned to portrait
        ((320, 240), Fraction(1), True),  # 4:3
        ((320, 64), Fraction(1), True),
        ((320, 180), Fraction(3, 4), True),  # the same size, another pixel
        ((240, 180), Fraction(4, 3), False),  # narrower pixels' number, the same picture
        ((192, 192), Fraction(1), True),
    ],
)
def test_a_circle_stays_a_circle(
    tmp_path: Path,
    then_wh: tuple[int, int],
    aspect: Fraction,
    bars: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    path = joined(tmp_path, (FIRST_WH, Fraction(1)), (then_wh, aspect), (FIRST_WH, Fraction(1)))
    frames = frames_of(path)
    assert len(frames) == 30
    assert {frame.image.shape for frame in frames} == {(180, 320, 3)}
    for number in (5, 15, 25):
        width, height = disc_wh(frames[number].image)
        assert width == pytest.approx(height, abs=3), number
    edges = frames[15].image
    has_bars = edges[:, :4].max() < 30 or edges[:4].max() < 30
    assert bool(has_bars) is bars
    assert frames[25].image[:, :4].min() > 60  # the first shape again, without bars
    said = [one.getMessage() for one in caplog.records]
    assert len(said) == 1
    assert "size changes" in said[0]
    assert ("bars" in said[0]) is bars


def test_a_picture_of_the_first_shape_is_converted_without_scaling() -> None:
    image = np.random.default_rng(0).integers(0, 255, (18, 32, 3)).astype(np.uint8)
    decoded = Decoded(av.VideoFrame.from_ndarray(image, format="rgb24"), 0, None)
    shape = PictureShape("a", decoded, None, ColorTags(), (32, 18))
    assert np.array_equal(shape.shaped(decoded).image, image)


@pytest.mark.parametrize(
    ("size_wh", "aspect", "shown_wh"),
    [
        ((720, 576), Fraction(16, 15), (768, 576)),
        ((720, 576), Fraction(64, 45), (1024, 576)),
        ((720, 576), None, (720, 576)),
        ((720, 576), Fraction(0), (720, 576)),
        ((720, 576), Fraction(1000), (720, 576)),
        ((1, 1), Fraction(1, 100), (1, 1)),
    ],
)
def test_the_width_is_scaled_to_square_pixels(
    size_wh: tuple[int, int], aspect: Fraction | None, shown_wh: tuple[int, int]
) -> None:
    assert square_size(size_wh, aspect) == shown_wh
