"""What the test camera sees, how its matte is known exactly, and what must never come out.

The room is full of blue, which neither the person nor the replacement nor the placeholder has:
a pixel with much blue in any picture that came out is a piece of a raw frame.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

SIZE_WH = (320, 180)
RATE = 10
"""Pictures a second of the test camera, and so of the virtual one; what emulation can keep up."""
PERSON = (200, 40, 40)
ROOM = ((255, 0, 255), (0, 255, 255))
REPLACEMENT = (0, 177, 64)
PLACEHOLDER = (40, 40, 90)
TOLERANCE = 4
"""Levels that 4:2:0 and the two conversions may cost."""


def scene(size_wh: tuple[int, int] = SIZE_WH) -> Image:
    """Draw head and shoulders before a checkered room, RGB."""
    width, height = size_wh
    y, x = np.mgrid[0:height, 0:width] // 16
    image = np.where(((x + y) % 2 == 0)[..., None], *np.array(ROOM, np.uint8)[:, None, None])
    image = np.ascontiguousarray(image, dtype=np.uint8)
    middle = width // 2
    head_wh = (round(0.15 * height), round(0.22 * height))
    cv2.ellipse(image, (middle, round(0.36 * height)), head_wh, 0, 0, 360, PERSON, -1)
    shoulders_wh = (round(0.45 * height), round(0.42 * height))
    cv2.ellipse(image, (middle, height), shoulders_wh, 0, 180, 360, PERSON, -1)
    return image


def person_alpha(image: Image) -> NDArray[np.float32]:
    """Tell the person by colour; the edge, where the room shines through, counts as room."""
    red = (image[..., 0] > 180) & (image[..., 1] < 70) & (image[..., 2] < 70)
    inner = cv2.erode(red.astype(np.uint8), np.ones((3, 3), np.uint8))
    return inner.astype(np.float32)


def shows_room(image: Image) -> bool:
    """Whether any pixel can only come from a raw frame."""
    return bool((image[..., 2] > 150).any())


def is_composite(image: Image) -> bool:
    """Person in the middle, replacement in the corner."""
    return near(_middle(image), PERSON) and near(image[5:15, 5:15], REPLACEMENT)


def is_placeholder(image: Image) -> bool:
    """The placeholder all over."""
    return near(_middle(image), PLACEHOLDER) and near(image[5:15, 5:15], PLACEHOLDER)


def near(patch: Image, colour: tuple[int, int, int]) -> bool:
    """Whether a patch's mean is within the tolerance of a colour."""
    mean = patch.reshape(-1, 3).mean(axis=0)
    return bool(np.abs(mean - colour).max() <= TOLERANCE)


def _middle(image: Image) -> Image:
    height, width = image.shape[:2]
    return image[height * 3 // 4 - 5 : height * 3 // 4 + 5, width // 2 - 5 : width // 2 + 5]
