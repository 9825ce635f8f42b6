"""Distillation: teacher networks label pictures that have no mattes.

Teachers of different character are used (a salient-object network fails on close-ups, selfie
networks on busy scenes). Where they agree, their mean, sharpened to the picture's edges by a guided
filter (He et al., PAMI 2013), becomes the target; where they disagree, the label weight of the
pixel is low or zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.candidates.baselines import RgbToAlpha
from u2cam.model.candidates.candidate import Candidate, open_candidate
from u2cam.model.datasets.photo import Image

Matte = NDArray[np.float32]

MOST_TEACHERS = 3
MAJORITY_WEIGHT = 0.6
"""Label weight, 0 to 1, where a majority decides or teachers agree by a narrow margin."""
TIE_WEIGHT = 0.5
"""Label weight where two teachers disagree and the last one is certain."""


def guided_filter(guide: Matte, source: Matte, radius_px: int, epsilon: float) -> Matte:
    """Filter (H, W) `source` so that its edges follow those of (H, W) `guide`, both in [0, 1]."""
    size = (2 * radius_px + 1, 2 * radius_px + 1)
    mean_guide = cv2.blur(guide, size)
    mean_source = cv2.blur(source, size)
    covariance = cv2.blur(guide * source, size) - mean_guide * mean_source
    variance = cv2.blur(guide * guide, size) - mean_guide * mean_guide
    slope = covariance / (variance + epsilon)
    offset = mean_source - slope * mean_guide
    return (cv2.blur(slope, size) * guide + cv2.blur(offset, size)).astype(np.float32)


def mean_over_windows(rgb: Image, teacher: RgbToAlpha) -> Matte:
    """Average a teacher over flips and over windows of the picture, for fast coarse teachers."""
    height, width = rgb.shape[:2]
    total = np.zeros((height, width), np.float32)
    weight = np.zeros((height, width), np.float32)
    side = min(height, width)
    windows = [(0, 0, width, height)]
    if max(height, width) > 1.2 * side:
        span = max(height, width) - side
        for offset in (0, span // 2, span):
            x, y = (offset, 0) if width > height else (0, offset)
            windows.append((x, y, side, side))
    for x, y, window_width, window_height in windows:
        window = np.ascontiguousarray(rgb[y : y + window_height, x : x + window_width])
        straight = teacher(window)
        flipped = teacher(np.ascontiguousarray(window[:, ::-1]))[:, ::-1]
        place = (slice(y, y + window_height), slice(x, x + window_width))
        total[place] += straight + flipped
        weight[place] += 2
    return total / weight


def combine(rgb: Image, mattes: Sequence[Matte], *, webcam: bool) -> tuple[Image, Image]:
    """Combine the teachers' mattes of one picture into a target and a label weight.

    Args:
        rgb: (H, W, 3) uint8.
        mattes: (H, W) each, of the salient-object teacher first, then of the portrait teachers.
        webcam: whether the picture is of a person in front of a camera, which portrait teachers
            are made for: there a majority decides, and of two teachers the last where it is
            certain.

    Returns:
        (H, W) uint8 target matte and (H, W) uint8 label weight.
    """
    opinions = np.stack(mattes)
    votes = (opinions > 0.5).sum(axis=0)
    person = 2 * votes > len(mattes)
    same = (votes == 0) | (votes == len(mattes))
    near = opinions.max(axis=0) - opinions.min(axis=0) < 0.5
    weight = np.where(same & near, 1.0, np.where(same, MAJORITY_WEIGHT, 0.0)).astype(np.float32)
    counts = ((opinions > 0.5) == person).astype(np.float32)
    mean = np.asarray((opinions * counts).sum(axis=0) / counts.sum(axis=0), np.float32)
    if webcam:
        tie = 2 * votes == len(mattes)
        last = mattes[-1]
        certain = (last > 0.97) | (last < 0.02)
        mean = np.asarray(np.where(certain & tie, last, mean), np.float32)
        weight = np.where(certain & tie, TIE_WEIGHT, weight).astype(np.float32)
        weight = np.where(~same & ~tie, MAJORITY_WEIGHT, weight).astype(np.float32)
    return (
        np.rint(sharpen(rgb, mean) * 255).astype(np.uint8),
        np.rint(cv2.blur(weight, (3, 3)) * 255).astype(np.uint8),
    )


def sharpen(rgb: Image, matte: Matte) -> Matte:
    """Move the edge of a coarse (H, W) matte to the picture's edges, and cut it away from there."""
    guide = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
    fine = guided_filter(guide, matte, 5, 2e-4)
    fine = np.clip((fine - 0.5) * 1.8 + 0.5, 0, 1).astype(np.float32)
    band = np.clip(1 - np.abs(cv2.blur(matte, (9, 9)) - 0.5) * 2, 0, 1)
    band = np.clip(band * 4, 0, 1)
    target = band * fine + (1 - band) * (matte > 0.5)
    return np.asarray(np.where(target < 0.04, 0, np.where(target > 0.96, 1, target)), np.float32)


def open_teachers(names: list[str]) -> list[RgbToAlpha]:
    """Open one to three teachers; the first runs once, the others over windows and flips.

    Raises:
        ValueError: none or more than three, or an unknown one.
        FileNotFoundError: no such file.
        ModuleNotFoundError: the extra that runs it is not installed.
    """
    if not 1 <= len(names) <= MOST_TEACHERS:
        raise ValueError(f"--teacher: wanted one to three, got {len(names)}")

    def stateless(candidate: Candidate) -> RgbToAlpha:
        def run(rgb: Image) -> Matte:
            candidate.reset()
            return candidate.matte(rgb)

        return run

    general, *portrait = [stateless(open_candidate(name, still=True)) for name in names]
    return [general, *(partial(mean_over_windows, teacher=teacher) for teacher in portrait)]
