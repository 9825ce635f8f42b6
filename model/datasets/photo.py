"""A picture of a person with its matte, prepared to be drawn: at full, half and quarter size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
LEVELS = 3
FEATHER_SIGMA_PX = 0.9
OPAQUE = 250
"""Pixels of a matte from here on, of 255, show the foreground's own colour."""
LEAST_PERSON_SHARE = 0.005
"""Pictures with less of a person than this part of their area are not used."""
BAND = 0.011
"""Half the width of the band around a hand-made mask's edge, in parts of the longer side."""

UNKNOWN, CORE, NEAR_EDGE, EXACT = 0, 1, 2, 3
"""What a matte says about a pixel. `UNKNOWN`: nothing. `CORE`: it is background or person, 0 or 1.
`NEAR_EDGE`: unknown, but an edge of the person is near and its two sides are known. `EXACT`: alpha.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One picture of a person at full, half and quarter size; all arrays uint8."""

    name: str
    """Unique in a library."""
    rgb: tuple[Image, ...] | None
    """(H, W, 3) as taken, with the person's own scene; None where it has none."""
    foreground: tuple[Image, ...]
    """(H, W, 3) with the person's colours spread outwards over the old background."""
    alpha: tuple[Image, ...]
    """(H, W) matte."""
    regions: Image | None
    """(H, W) `UNKNOWN`, `CORE` or `NEAR_EDGE`; None where the matte is exact."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom of the person in pixels of full size."""
    head_x: float
    """Horizontal centre of the top of the person in pixels of full size."""
    sides_at: int
    """The first row in which a side of the picture cuts the person off; the box's end if none."""
    furniture: tuple[Image, ...] | None = None
    """(H, W, 4) straight RGBA: chairs and desks that belong to the pose; they are background."""
    later: tuple[Photo, ...] = ()
    """The frames that follow in a clip."""

    def frame(self, time: float) -> Photo:
        """Return the frame of a clip at a time in frames; it runs back and forth."""
        last = len(self.later)
        if last == 0:
            return self
        index = round(time) % (2 * last)
        index = min(index, 2 * last - index)
        return self.later[index - 1] if index else self


def read_rgb(path: Path) -> Image:
    """Decode an image file to (H, W, 3) uint8 RGB; ValueError when it is none."""
    image_bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image_bgr is None:
        raise ValueError(f"{path}: not a picture that can be decoded; remove it from the data")
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.uint8)


def read_rgba(path: Path) -> Image:
    """Decode a picture with transparency to (H, W, 4) uint8 RGBA; ValueError when it is none."""
    image_bgra = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image_bgra is None or image_bgra.ndim != 3 or image_bgra.shape[2] != 4:
        raise ValueError(f"{path}: not a picture with an alpha channel; remove it from the data")
    return np.asarray(cv2.cvtColor(image_bgra, cv2.COLOR_BGRA2RGBA), np.uint8)


def pyramid(image: Image) -> tuple[Image, ...]:
    """Full, half and quarter size, so that small crops do not alias."""
    levels = [np.ascontiguousarray(image)]
    for _ in range(LEVELS - 1):
        last = levels[-1]
        size_wh = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
        levels.append(np.asarray(cv2.resize(last, size_wh, interpolation=cv2.INTER_AREA), np.uint8))
    return tuple(levels)


def spread_foreground(rgb: Image, alpha: Image) -> Image:
    """Replace colours at and outside the edge by those of the opaque foreground near by.

    A normalised box blur of the opaque pixels; without it a pasted person carries a rim of the
    old background and the network learns halos.
    """
    opaque = (alpha >= OPAQUE).astype(np.uint8)
    core = np.asarray(cv2.erode(opaque, np.ones((3, 3), np.uint8)), np.uint8)
    small_wh = (max(1, alpha.shape[1] // 2), max(1, alpha.shape[0] // 2))
    share = core.astype(np.float32)
    weight = cv2.resize(share, small_wh, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(rgb * share[..., None], small_wh, interpolation=cv2.INTER_AREA)
    spread = cv2.resize(rgb, small_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    for size in (21, 7, 3):
        near = np.reshape(cv2.blur(weight, (size, size)), (*weight.shape, 1))
        mean = cv2.blur(colour, (size, size)) / np.maximum(near, np.float32(1e-4))
        spread = np.where(near > 0.02, mean, spread)
    wide = cv2.resize(spread, (alpha.shape[1], alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
    outside = np.clip(wide, 0, 255).astype(np.uint8)
    return np.asarray(np.where(core[..., None] > 0, rgb, outside), np.uint8)


def inpaint_person(rgb: Image, alpha: Image) -> Image:
    """Paint a person over to make a scene of a photo, at half size.

    The person is replaced by the mirrored picture, and what is left of them by a blur.
    """
    size_wh = (max(8, rgb.shape[1] // 2), max(8, rgb.shape[0] // 2))
    small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    mask = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_AREA)
    grown = cv2.dilate((mask > 8).astype(np.float32), np.ones((9, 9), np.uint8))
    mask = np.asarray(grown, np.float32)
    free = 1 - mask
    mirrored_free = free[:, ::-1] * mask
    result = small * free[..., None] + small[:, ::-1] * mirrored_free[..., None]
    known = free + mirrored_free
    size = max(9, int(0.6 * size_wh[0]) | 1)
    weight = cv2.blur(known, (size, size))
    blurred = cv2.blur(result, (size, size)) / np.maximum(weight, 1e-3)[..., None]
    mix = cv2.GaussianBlur(known, (0, 0), 2)[..., None]
    soft = np.minimum(mix * known[..., None] * 1.2, 1)
    return np.asarray(np.clip(result * soft + blurred * (1 - soft), 0, 255), np.uint8)


def mask_regions(mask: Image) -> Image:
    """Return what a hand-made (H, W) mask, 0 to 255, is good for.

    Its edge is hard, and wrong at hair: it says where person and background are, not how they meet.
    """
    reach = max(1, round(BAND * max(mask.shape)))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    person = (mask > 127).astype(np.uint8)
    certain = (cv2.dilate(person, around) == 0) | (cv2.erode(person, around) > 0)
    return np.where(certain, CORE, NEAR_EDGE).astype(np.uint8)


def feather(mask: Image) -> Image:
    """Give a binary mask a soft edge of about two pixels, to paste by."""
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), FEATHER_SIGMA_PX), np.uint8)


def make_photo(
    name: str,
    foreground: Image,
    alpha: Image,
    *,
    rgb: Image | None = None,
    regions: Image | None = None,
    furniture: Image | None = None,
) -> Photo | None:
    """Prepare one picture, at full size; the arguments are the fields of `Photo`.

    Returns:
        None when there is no person in it.
    """
    person = alpha > 127
    if person.mean() < LEAST_PERSON_SHARE:
        return None
    rows = np.flatnonzero(person.any(axis=1))
    columns = np.flatnonzero(person.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    head = person[top : top + max(2, (bottom - top) // 8)]
    sides = person[:, :2].any(axis=1) | person[:, -2:].any(axis=1)
    return Photo(
        name=name,
        rgb=None if rgb is None else pyramid(rgb),
        foreground=pyramid(foreground),
        alpha=pyramid(alpha),
        regions=regions,
        box=(int(columns[0]), top, int(columns[-1]) + 1, bottom),
        head_x=float(np.average(np.arange(head.shape[1]), weights=head.sum(axis=0))),
        sides_at=int(np.argmax(sides)) if sides.any() else bottom,
        furniture=None if furniture is None else pyramid(furniture),
    )
