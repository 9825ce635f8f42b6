from itertools import product

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from u2cam.model.inputs.letterbox import Letterbox

SIZES = [(1, 1), (1, 5000), (5000, 1), (640, 480), (1280, 720), (720, 1280)]
sides = st.integers(1, 10_000)
network_sides = st.integers(1, 640)


@given(picture=st.tuples(sides, sides), network=st.tuples(network_sides, network_sides))
def test_content_lies_inside_and_touches_two_edges(
    picture: tuple[int, int], network: tuple[int, int]
) -> None:
    box = Letterbox.fit(picture, network)
    width, height = box.content_wh
    assert width >= 1 and height >= 1
    assert box.left >= 0 and box.left + width <= network[0]
    assert box.top >= 0 and box.top + height <= network[1]
    assert width == network[0] or height == network[1]


@given(picture=st.tuples(sides, sides), network=st.tuples(network_sides, network_sides))
def test_aspect_is_kept_to_half_a_pixel(picture: tuple[int, int], network: tuple[int, int]) -> None:
    box = Letterbox.fit(picture, network)
    scale = min(network[0] / picture[0], network[1] / picture[1])
    for side, content in zip(picture, box.content_wh, strict=True):
        assert abs(content - max(1.0, side * scale)) <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("picture_wh", "network_wh"),
    [*product(SIZES, [(512, 288), (288, 512), (320, 320)]), ((7680, 4320), (512, 288))],
)
def test_removing_undoes_applying(picture_wh: tuple[int, int], network_wh: tuple[int, int]) -> None:
    box = Letterbox.fit(picture_wh, network_wh)
    width, height = picture_wh
    image = np.random.default_rng(0).integers(1, 256, (height, width, 3), np.uint8)
    boxed = box.apply(image)
    assert boxed.shape == (network_wh[1], network_wh[0], 3)
    cut = box.remove(boxed[..., 0].astype(np.float32))
    resized = cv2.resize(image, box.content_wh, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_array_equal(cut, resized.reshape(*resized.shape[:2], -1)[..., 0])
    # All that was cut away is bars.
    assert np.count_nonzero(boxed) == np.count_nonzero(resized)


def test_a_corner_of_the_picture_is_the_corner_of_the_matte() -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[:240, :320] = 255
    box = Letterbox.fit((640, 480), (512, 288))
    matte = box.remove(box.apply(image)[..., 0].astype(np.float32) / 255)
    back = cv2.resize(matte, (640, 480), interpolation=cv2.INTER_LINEAR)
    assert np.abs(back - image[..., 0] / 255).mean() < 0.005


def test_squashing_fills_the_input() -> None:
    box = Letterbox.fit((1280, 720), (320, 320), keep_aspect=False)
    assert box.content_wh == (320, 320)
    matte = np.ones((320, 320), np.float32)
    assert box.remove(matte).shape == (320, 320)
