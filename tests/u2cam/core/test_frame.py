from dataclasses import replace

import numpy as np
import pytest

from u2cam.core.frame import single_frame
from u2cam.core.pyramid import halves


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
