"""Distillation: where teacher networks are reliable, they say where person and background are.

A teacher is asked about a picture several times: mirrored, shifted, larger and smaller. A pixel is
labelled where all answers of all teachers agree by a margin, after test-time augmentation as a
measure of reliability (MatAnyone 2 learns one; MLB, arXiv 2404.00921, blends labels likewise).
Edges are left out: a teacher's soft edge is its own resolution, not the picture's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.candidates.baselines import RgbToAlpha
from u2cam.model.candidates.candidate import Candidate, open_candidate
from u2cam.model.datasets.photo import BAND, Image

Matte = NDArray[np.float32]
View = tuple[Callable[[Image], Image], Callable[[Matte], Matte]]

PERSON, BACKGROUND = 0.7, 0.3
"""An answer is taken for the person above the first, for background below the second."""
SHIFT = 0.06
"""Of the picture's sides."""
UNKNOWN_LEVEL = 128
LEAST_KNOWN = 0.6
"""Pictures of which less is labelled are not used."""


def crop_view(height: int, width: int, place: tuple[slice, slice]) -> View:
    """Ask about a part of the picture; outside of it the answer is NaN."""

    def back(matte: Matte) -> Matte:
        full = np.full((height, width), np.nan, np.float32)
        full[place] = matte
        return full

    return lambda rgb: np.ascontiguousarray(rgb[place]), back


def views(height: int, width: int) -> list[View]:
    """Return ways to ask about a picture: as it is, mirrored, cropped at two corners, smaller."""
    dy, dx = round(SHIFT * height), round(SHIFT * width)
    half_wh = (max(32, width // 2), max(32, height // 2))
    found: list[View] = [
        (lambda rgb: rgb, lambda matte: matte),
        (
            lambda rgb: np.ascontiguousarray(rgb[:, ::-1]),
            lambda matte: np.ascontiguousarray(matte[:, ::-1]),
        ),
        crop_view(height, width, (slice(dy, height), slice(dx, width))),
        crop_view(height, width, (slice(0, height - dy), slice(0, width - dx))),
        (
            lambda rgb: np.asarray(cv2.resize(rgb, half_wh, interpolation=cv2.INTER_AREA)),
            lambda matte: np.asarray(cv2.resize(matte, (width, height)), np.float32),
        ),
    ]
    return found


def answers(rgb: Image, teacher: RgbToAlpha) -> NDArray[np.float32]:
    """Return a teacher's (N, H, W) mattes of a picture, NaN where it was not asked."""
    height, width = rgb.shape[:2]
    return np.stack([back(teacher(ask(rgb))) for ask, back in views(height, width)])


def label_core(rgb: Image, teachers: Sequence[RgbToAlpha]) -> Image:
    """Label the core of a picture.

    Args:
        rgb: (H, W, 3).
        teachers: one or more.

    Returns:
        (H, W) uint8: 255 person, 0 background, `UNKNOWN_LEVEL` where they disagree.
    """
    asked = np.concatenate([answers(rgb, teacher) for teacher in teachers])
    person = np.nanmin(asked, axis=0) > PERSON
    background = np.nanmax(asked, axis=0) < BACKGROUND
    reach = max(1, round(BAND * max(rgb.shape[:2])))
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    inside, outside = (
        cv2.erode(part.astype(np.uint8), around) > 0 for part in (person, background)
    )
    return np.where(inside, 255, np.where(outside, 0, UNKNOWN_LEVEL)).astype(np.uint8)


def open_teachers(names: list[str]) -> list[RgbToAlpha]:
    """Open teachers, each a registered name or a file.

    Raises:
        ValueError: an unknown one.
        FileNotFoundError: no such file.
        ModuleNotFoundError: the extra that runs it is not installed.
    """

    def stateless(candidate: Candidate) -> RgbToAlpha:
        def run(rgb: Image) -> Matte:
            candidate.reset()
            return candidate.matte(rgb)

        return run

    return [stateless(open_candidate(name, still=True)) for name in names]
