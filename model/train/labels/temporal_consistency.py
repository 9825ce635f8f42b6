"""Labels of a clip that agree with those before and after: what teachers lose for a moment.

Teachers see single pictures: dark hair before a dark curtain is there in one and gone in the next.
Optical flow (DIS, Kroeger et al., ECCV 2016) carries the labels of neighbours over. What is the
person in a label before *and* in one after, looks the same there, and does not look like the
background near by, is the person now: a closing along the motion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo_library import Image

REACH = 3
"""So many labels before and after are looked at."""
BELIEF = 255
"""Weight, of 255, of what neighbours on both sides say. With 153, that of a majority of teachers,
a network learnt a plait and lost it again while its learning rate fell."""
ALIKE = 14
"""How far the colours of a place may differ, in levels, for it to be the same place."""
LOSS = 48
"""How much of a label, of 255, has to be lost to count."""
SURE_NOT = 13
"""Below this of 255 a label says that nobody is there."""
UNLIKE = 10
"""How far, `AS_SEEN`, a colour must be from all of the background near by: else it may be that."""
AS_SEEN = np.rint(255 * np.log1p(np.arange(256) / 8) / np.log1p(255 / 8)).astype(np.uint8)
"""Levels on a logarithmic scale: 5 of 25 differ as much as 26 of 170."""


class Label(NamedTuple):
    """A picture and what the teachers say of it; all arrays uint8."""

    name: str
    rgb: Image
    """(H, W, 3)."""
    target: Image
    """(H, W) matte."""
    weight: Image
    """(H, W) belief in it, 255 full."""


def square(picture: Image, parts: int) -> tuple[int, int]:
    """Return the odd size, in pixels, of a square as high as one of `parts` of a picture."""
    side_px = picture.shape[0] // parts | 1
    return side_px, side_px


def beside(target: Image) -> NDArray[np.bool_]:
    """Return (H, W) where a label says background, a little away from anybody's outline."""
    aside = np.ones(square(target, 64), np.uint8)
    return np.asarray(cv2.erode((target < SURE_NOT).astype(np.uint8), aside) > 0)


def unlike_surroundings(rgb: Image, target: Image) -> NDArray[np.bool_]:
    """Return (H, W) where a picture has a colour that the background near by has nowhere.

    True where no background is near: nothing speaks against it there.
    """
    near = np.ones(square(rgb, 4), np.uint8)
    free = beside(target)[..., None]
    seen = cv2.LUT(cv2.blur(rgb, (5, 5)), AS_SEEN)
    lowest = cv2.erode(np.where(free, seen, np.uint8(255)), near)
    highest = cv2.dilate(np.where(free, seen, np.uint8(0)), near)
    apart = np.maximum(cv2.subtract(lowest, seen), cv2.subtract(seen, highest)).max(axis=2)
    return np.asarray(apart > UNLIKE, np.bool_)


def carried(rgb: Image, other_rgb: Image, other_target: Image) -> Image:
    """Carry another picture's (H, W) label over to a picture, 0 where the two do not look alike."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    other_grey = cv2.cvtColor(other_rgb, cv2.COLOR_RGB2GRAY)
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = search.calc(grey, other_grey, np.zeros((*grey.shape, 2), np.float32))
    rows, columns = np.indices(grey.shape, np.float32)
    x, y = columns + flow[..., 0], rows + flow[..., 1]
    target = cv2.remap(other_target, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    colour = cv2.remap(other_rgb, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    apart = cv2.blur(cv2.absdiff(rgb, colour), (7, 7)).max(axis=2)
    return np.asarray(np.where(apart <= ALIKE, target, 0), np.uint8)


def settle_one(labels: Sequence[Label], index: int) -> Label:
    """Return one of some labels in a row with what those before and after it give back."""
    if not 0 < index < len(labels) - 1:
        return labels[index]
    name, rgb, target, weight = labels[index]

    def seen(others: Sequence[Label]) -> Image:
        found = [carried(rgb, other.rgb, other.target) for other in others]
        return np.asarray(np.max(found, axis=0), np.uint8)

    before = seen(labels[max(0, index - REACH) : index])
    after = seen(labels[index + 1 : index + 1 + REACH])
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, square(rgb, 64))
    whole = np.maximum(target, np.minimum(before, after))
    whole = np.asarray(cv2.morphologyEx(whole, cv2.MORPH_CLOSE, kernel), np.uint8)
    lost = (whole > 127) & (cv2.subtract(whole, target) > LOSS) & unlike_surroundings(rgb, whole)
    # Flow is wrong by a pixel or two along every outline: only what is wider counts.
    wide = cv2.morphologyEx(lost.astype(np.uint8), cv2.MORPH_OPEN, kernel)
    place = cv2.dilate(wide, kernel) > 0
    return Label(
        name,
        rgb,
        np.where(place, whole, target).astype(np.uint8),
        np.where(place, np.uint8(BELIEF), weight).astype(np.uint8),
    )


def settle(labels: Iterable[Label]) -> Iterator[Label]:
    """Yield the labels of a clip, in order, with what each has lost for a moment.

    Only `2 * REACH + 1` are held. The first and the last have neighbours on one side only and come
    as they are.
    """
    held: list[Label] = []
    index = 0
    for label in labels:
        held.append(label)
        if len(held) <= index + REACH:
            continue
        yield settle_one(held, index)
        if index < REACH:
            index += 1
        else:
            del held[0]
    for rest in range(index, len(held)):
        yield settle_one(held, rest)
