"""Guide strands that grow from the scalp, fall, and lie on what is in their way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..geometry.rotations import Array, unit
from ..person.person import Person
from .roots import Roots


@dataclass(frozen=True)
class Growth:
    """How guide strands grow."""

    lift: float
    """1 begins along the skin's normal, 0 along the comb."""
    gravity: float
    points: int
    face_free: bool = True
    """Keep strands out of the face."""
    comb_weight: float = 0.0
    """How much the comb pulls along the first half."""
    aside: float = 0.9
    """Factor on the half width of the free face."""


def grow(
    person: Person,
    rng: np.random.Generator,
    roots: Roots,
    length: Array,
    comb: Array,
    margin: Array,
    growth: Growth,
) -> Array:
    """(n, points, 3) guides in the pose of time 0.

    Args:
        person: whose head; it must have settled.
        rng: for the small differences.
        roots: n roots.
        length: (n,) in decimetres.
        comb: (n, 3) unit vectors along which hair is combed.
        margin: (n,) distance that strands keep from the surface.
        growth: the rest.
    """
    marks, head = person.marks, person.head_0
    turn, count = head[:3, :3], growth.points
    step = (length / (count - 1))[:, None]
    direction = unit(roots.normals * growth.lift + comb * (1 - growth.lift))
    place = roots.points.copy()
    out = [place.copy()]
    forehead = marks.eye_y + 0.45 * marks.skull
    heights = [marks.chin_y - 0.6, marks.chin_y, marks.eye_y, forehead]
    for k in range(1, count):
        target = place + direction * step
        if growth.face_free and k > 1:
            local = (target - head[:3, 3]) @ turn
            half = np.interp(local[:, 1], heights, [0.3, 0.55, 0.72, 0.55]) * growth.aside
            inside = (
                (local[:, 2] > marks.center[2] + 0.55)
                & (local[:, 1] < forehead)
                & (local[:, 1] > marks.chin_y - 0.6)
                & (np.abs(local[:, 0]) < half)
            )
            if inside.any():
                sign = np.where(local[:, 0] >= 0, 1, -1)
                local[inside, 0] = (sign * half)[inside]
                target = np.where(inside[:, None], local @ turn.T + head[:3, 3], target)
        room = np.minimum(margin, margin * 0.3 + 0.7 * margin * k / 4)
        target = person.posed_surface.push_out(target, room)
        way = unit(target - place)
        target = place + way * step
        fall = growth.gravity * min(1.0, 0.3 + k / count * 2.5)
        direction = unit(
            way
            + np.array([0, -1, 0]) * fall
            + comb * growth.comb_weight * (k < count * 0.5)
            + rng.normal(0, 0.03, direction.shape)
        )
        out.append(target)
        place = target
    return np.stack(out, 1)
