from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.fakes import TIME_BASE, numbered_image
from u2cam.core.errors import MatteError
from u2cam.core.frame import ComposedFrame, Composite, Frame, single_frame
from u2cam.imaging.pyramid import halves

FRAME = Frame(numbered_image(3), 3, 9000, TIME_BASE, 0.0)
PICTURE = np.zeros((36, 64, 3), np.uint8)


def image(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_a_single_frame_is_in_the_first_scene_at_its_time() -> None:
    frame = single_frame(image(8, 4), 1.5)
    assert (frame.scene, frame.time_s, frame.size_wh) == (0, 1.5, (8, 4))
    assert single_frame(image(8, 4), scene=3).scene == 3


@pytest.mark.parametrize(
    ("wanted_wh", "level_wh"),
    [
        ((320, 180), (320, 180)),
        ((10, 10), (320, 180)),
        ((321, 10), (640, 360)),
        ((10, 181), (640, 360)),
        ((640, 360), (640, 360)),
        ((641, 360), (1280, 720)),
        ((2000, 2000), (1280, 720)),
    ],
)
def test_the_smallest_copy_that_is_large_enough_is_given(
    wanted_wh: tuple[int, int], level_wh: tuple[int, int]
) -> None:
    frame = single_frame(image(1280, 720))
    frame = replace(frame, levels=halves(frame.image))
    height, width = frame.at_least(wanted_wh).shape[:2]
    assert (width, height) == level_wh


def test_without_levels_the_image_itself_is_given() -> None:
    frame = single_frame(image(1280, 720))
    assert frame.at_least((10, 10)) is frame.image


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [
        ((36, 64), float("nan"), float("nan")),
        ((36, 64), -0.01, 1.0),
        ((36, 64), 0.0, 1.01),
        ((36, 64), 0.0, float("inf")),
        ((64, 36), 0.0, 1.0),
        ((36, 64, 1), 0.0, 1.0),
        ((0, 64), 0.0, 1.0),
        ((), 0.0, 1.0),
    ],
)
def test_no_composed_frame_without_a_valid_matte(
    shape: tuple[int, ...], low: float, high: float
) -> None:
    with pytest.raises(MatteError, match="matte of frame 3"):
        ComposedFrame(FRAME, Composite(PICTURE, shape, low, high), (64, 36))


def test_no_composed_frame_without_a_picture() -> None:
    floats: Any = PICTURE.astype(np.float32)
    with pytest.raises(MatteError, match="frame 3"):
        ComposedFrame(FRAME, Composite(floats, (36, 64), 0.0, 1.0), (64, 36))


def test_a_valid_one_passes() -> None:
    assert ComposedFrame(FRAME, Composite(PICTURE, (36, 64), 0.0, 1.0), (64, 36)).frame is FRAME
