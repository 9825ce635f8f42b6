"""Cuts of the hull round the body that the base mesh brings (`helper-tights`).

Cut in rest coordinates of the base mesh, so every body gets the same garment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..assets.base_mesh import BaseMesh
from ..geometry.rotations import Array
from ..person.landmarks import marker

SHOULDER = np.array([1.68, 5.25, 0.15])
ELBOW = np.array([3.13, 3.49, 0.13])
HAND = np.array([4.31, 2.45, 1.75])
"""Of the base mesh, on its left side."""

HULL_HEM = 0.2
"""Where tops are cut, above the crotch; what is longer is added below."""

WAIST = 0.75
"""Upper border of trousers."""


@dataclass(frozen=True)
class Cut:
    """The pattern of a top."""

    sleeves: str
    """`none`, `short`, `half` or `long`."""
    neckline: str
    """`crew`, `v`, `scoop` or `high`."""
    opening: tuple[float, float] | None = None
    """Half width of an open front at the neck and at the hem."""


def _along(points: Array, start: Array, end: Array) -> Array:
    """How far along a limb points are: 0 at its start, 1 at its end."""
    return np.asarray((points - start) @ (end - start) / ((end - start) @ (end - start)))


def hull_centers(base: BaseMesh) -> Array:
    """(f, 3) middles of the hull's faces at rest."""
    return np.asarray(base.vertices[base.group_faces("helper-tights")].mean(1))


def top_faces(base: BaseMesh, cut: Cut) -> Array:
    """(f,) which faces of the hull a top has."""
    rest = hull_centers(base)
    side, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    mirrored = np.stack([side, y, z], 1)
    upper, lower = _along(mirrored, SHOULDER, ELBOW), _along(mirrored, ELBOW, HAND)
    arm = (side > 1.75) & (y > 1.2) & (y < 5.2)
    beyond = {
        "none": upper > 0.15,
        "short": upper > 0.55,
        "half": lower > 0.05,
        "long": lower > 0.93,
    }[cut.sleeves]
    keep = (y > HULL_HEM) & ~(arm & beyond)
    neck = marker(base, base.vertices, "joint-neck")
    radius = np.hypot(rest[:, 0], z - neck[2])
    deep = (z > 0.2) & (y > 4.75 + 1.5 * side) & (side < 0.5)
    keep &= {
        "crew": ((radius > 0.78) & (y < 5.8)) | (y < 5.35),
        "v": (((radius > 0.8) & (y < 5.8)) | (y < 5.35)) & ~deep,
        "high": y < 6.1,
        "scoop": ((radius > 1.0) & (y < 5.8)) | (y < 5.2),
    }[cut.neckline]
    if cut.opening is not None:
        at_neck, at_hem = cut.opening
        half = np.interp(y, [HULL_HEM, 5.4], [at_hem, at_neck])
        keep &= ~((z > 0.3) & (side < half) & (y < 6))
    return np.asarray(keep)


def trouser_faces(base: BaseMesh) -> Array:
    """(f,) which faces of the hull trousers have."""
    return np.asarray(hull_centers(base)[:, 1] < WAIST)
