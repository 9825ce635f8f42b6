"""Which pictures are thrown away. Plain rules on numbers and arrays: nothing here needs Blender."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .develop import Array

LEAST_COVERAGE = 0.02
MOST_COVERAGE = 0.9
MOST_BARE = 0.06
"""Share of the trunk's rays that may hit skin."""
MOST_TORN = 0.02
"""Share of rays on clothes that may hit skin just in front of cloth."""
LEAST_FACE = 0.5
"""Share of the points of a face turned to the camera that must be seen."""


@dataclass(frozen=True)
class Visibility:
    """What rays from the camera hit on one person."""

    trunk: int
    """Rays that hit clothes or the bare trunk."""
    bare: int
    """Of these: on skin that no cloth is near."""
    torn: int
    """Of these: on skin with cloth right behind, which came through."""
    face_points: int
    """Points of the face that are in the picture and turned to the camera."""
    face_seen: int
    """Of these: with nothing before them."""


def bad_coverage(alphas: list[Array]) -> str | None:
    """Too little or too much of a person over the frames, each (H, W)."""
    coverage = [float(np.mean(alpha)) for alpha in alphas]
    if max(coverage) < LEAST_COVERAGE:
        return f"coverage {max(coverage):.3f}: no person is in the picture"
    if max(coverage) > MOST_COVERAGE:
        return f"coverage {max(coverage):.3f}: people fill the picture"
    return None


def bad_alpha(alpha: Array) -> str | None:
    """An alpha that no picture of a person has: not finite, or soft nearly everywhere."""
    if not np.isfinite(alpha).all():
        return "alpha: not finite"
    soft = float(((alpha > 0.05) & (alpha < 0.95)).mean())
    if soft > 0.25:
        return f"alpha: soft on {soft:.2f} of the picture"
    return None


def bad_visibility(seen: Visibility) -> str | None:
    """Bare skin, torn cloth or a hidden face."""
    if seen.trunk >= 20:
        if seen.bare > MOST_BARE * seen.trunk:
            return f"skin: {seen.bare} of {seen.trunk} rays on the trunk"
        if seen.torn > max(MOST_TORN * seen.trunk, 2):
            return f"torn cloth: {seen.torn} of {seen.trunk} rays on the trunk"
    if seen.face_points >= 5 and seen.face_seen < LEAST_FACE * seen.face_points:
        return f"face hidden: {seen.face_seen} of {seen.face_points} points seen"
    return None


def bad_exposure(encoded: Array, alpha: Array) -> str | None:
    """A person that is nearly black or white; `encoded` (H, W, 3) is sRGB in [0, 1]."""
    solid = alpha > 0.9
    if not solid.any():
        return None
    mean = float(encoded[solid].mean())
    if not 0.06 < mean < 0.92:
        return f"exposure: mean {mean:.2f}"
    return None
