"""What a label calls the person, against the colours of the background near by.

Teachers take a patch of wall in a loop of hair for hair, hardly one of them in doubt. Its colour
says what it is; but so does that of a white shirt before a white wall. A gap is therefore only
what a teacher doubts, a little of the person, and not in the dark, where hair and walls are alike.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo_library import Image

SURE_NOT = 13
"""Below this of 255 a label says that nobody is there."""
FAINT = 32
"""Up to this of 255 a label keeps too little for it to be taken out."""
BELIEVED = 250
"""Below this of 255 a label's weight says that a teacher doubts it."""
UNLIKE = 10
"""How far, `AS_SEEN`, a colour must be from all of the background near by: else it may be that."""
LIKE = 8
"""How near, `AS_SEEN`, a gap comes to the colour of the background; round that, up to `UNLIKE`."""
AS_SEEN = np.rint(255 * np.log1p(np.arange(256) / 8) / np.log1p(255 / 8)).astype(np.uint8)
"""Levels on a logarithmic scale: 5 of 25 differ as much as 26 of 170."""
CALM = 12.0
"""How much, `AS_SEEN`, the background near by may vary for its mean to say what belongs to it."""
NEAR = 0.04
"""Part of a window that must be background for any to be near by."""
STEPS = 4
"""So often what was found counts as background near by: a gap is found from its mouth inwards."""
DARK = 64
"""Colours whose brightest channel is below this level are no evidence."""
DOUBT = 0.05
"""Part of a gap, 0 to 1, of which a teacher says that it is not the person."""
LEAST_GAP = 0.0015
"""As much of the person as a gap is at least, in the very colour of the background."""
MOST_GAPS = 0.04
"""Where more of the person than this has the background's colour, it is clothes."""


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


def like_surroundings(rgb: Image, target: Image, apart: float) -> NDArray[np.bool_]:
    """Return (H, W) what a label calls the person and has the colour of the background near by.

    The background's mean colour where it is calm, up to `apart` levels `AS_SEEN`.
    """
    window = square(rgb, 8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    free = beside(target)
    smooth = cv2.blur(rgb, (3, 3))
    seen = cv2.LUT(smooth, AS_SEEN).astype(np.float32)
    light = smooth.max(axis=2) >= DARK
    known, found = free, np.zeros_like(free)
    for _ in range(STEPS):
        part = known.astype(np.float32)[..., None]
        share = np.maximum(cv2.blur(part, window), 1e-4)[..., None]
        mean = cv2.blur(seen * part, window) / share
        variance = cv2.blur(seen**2 * part, window) / share - mean**2
        calm = (variance.max(axis=2) < CALM**2) & (share[..., 0] > NEAR)
        alike = np.abs(seen - mean).max(axis=2) <= apart
        patches = (alike & calm & light & ~free).astype(np.uint8)
        found = cv2.morphologyEx(patches, cv2.MORPH_OPEN, disc) > 0
        known = known | found
    patches = (found & (target > FAINT)).astype(np.uint8)
    wide = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, square(rgb, 48))
    return np.asarray(cv2.morphologyEx(patches, cv2.MORPH_OPEN, wide) > 0)


def gaps(rgb: Image, target: Image, weight: Image) -> NDArray[np.bool_]:
    """Return (H, W) what a label takes for the person and is the wall behind, seen through hair.

    Args:
        rgb: (H, W, 3) uint8.
        target: (H, W) uint8 matte.
        weight: (H, W) uint8 belief in it, 255 where all teachers agree.
    """
    person = np.count_nonzero(target > 127)
    alike = like_surroundings(rgb, target, UNLIKE)
    if np.count_nonzero(alike) > MOST_GAPS * person:
        return np.zeros(target.shape, np.bool_)
    count, part_of, stats, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8))
    area = stats[:, cv2.CC_STAT_AREA]
    doubted = np.bincount(part_of.ravel(), ((weight < BELIEVED) | (target < 128)).ravel(), count)
    core = np.bincount(part_of.ravel(), like_surroundings(rgb, target, LIKE).ravel(), count)
    found = (doubted >= DOUBT * area) & (core >= LEAST_GAP * person)
    found[0] = False
    return np.asarray(found[part_of], np.bool_)


def without_gaps(rgb: Image, target: Image, weight: Image) -> tuple[Image, Image]:
    """Return a label's target and weight with its `gaps` taken out, surely and with a soft edge."""
    found = gaps(rgb, target, weight).astype(np.uint8)
    opened = cv2.blur(cv2.dilate(found * np.uint8(255), np.ones((3, 3), np.uint8)), (3, 3))
    return (
        np.asarray(np.minimum(target, 255 - opened), np.uint8),
        np.asarray(np.where(found > 0, np.uint8(255), weight), np.uint8),
    )
