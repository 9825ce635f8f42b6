"""A photo of a person with its matte, prepared to be drawn: at full, half and quarter size."""

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
CORE_ALPHA = 250
"""Pixels of a matte from here on, of 255, show the foreground's own colour."""
LEAST_PERSON_SHARE = 0.005
"""Pictures with less of a person than this part of their area are not used."""


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One picture of a person at full, half and quarter size; all arrays uint8."""

    name: str
    """Unique in a library."""
    kind: str
    """What the picture is, which decides how often and how it is drawn: `photo_library.py`."""
    source: str
    """The video or the set of photos that it comes from."""
    rgb: tuple[Image, ...]
    """(H, W, 3) as taken: the real background is still there."""
    foreground: tuple[Image, ...]
    """(H, W, 3) with the person's colours spread outwards over the old background."""
    alpha: tuple[Image, ...]
    """(H, W) matte."""
    weight: tuple[Image, ...] | None
    """(H, W) label weight, 255 where the matte is certain; None for hand-made masks."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom of the person in pixels of full size."""
    head_x: float
    """Horizontal centre of the top of the person in pixels of full size."""


def read_rgb(path: Path) -> Image:
    """Decode an image file to (H, W, 3) uint8 RGB; ValueError when it is none."""
    image_bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image_bgr is None:
        raise ValueError(f"{path}: not a picture that can be decoded; remove it from the data")
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.uint8)


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
    opaque = (alpha >= CORE_ALPHA).astype(np.uint8)
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


def make_photo(
    name: str,
    kind: str,
    rgb: Image,
    alpha: Image,
    weight: Image | None = None,
    source: str = "",
) -> Photo | None:
    """Prepare one picture.

    Args:
        name: unique in the library.
        kind: see `Photo`.
        rgb: (H, W, 3).
        alpha: (H, W) matte.
        weight: (H, W) label weight; None where the matte is certain everywhere.
        source: see `Photo`.

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
    return Photo(
        name=name,
        kind=kind,
        source=source,
        rgb=pyramid(rgb),
        foreground=pyramid(spread_foreground(rgb, alpha)),
        alpha=pyramid(alpha),
        weight=None if weight is None else pyramid(weight),
        box=(int(columns[0]), top, int(columns[-1]) + 1, bottom),
        head_x=float(np.average(np.arange(head.shape[1]), weights=head.sum(axis=0))),
    )


def feather(mask: Image) -> Image:
    """Give a binary mask a soft edge of about two pixels."""
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), FEATHER_SIGMA_PX), np.uint8)
