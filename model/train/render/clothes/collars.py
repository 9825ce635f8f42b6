"""Collars, ribbed bands, turtlenecks and hoods: they follow the border of a garment at the neck."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.mesh import as_quads, border_edges
from ..geometry.rotations import Array, unit
from ..geometry.shapes import Shape, ellipsoid, grid_faces, tube
from ..person.part import Part
from ..person.person import Person
from .garment import add_cloth

RING = 64
"""Points of a neckline; the first is in front."""


def neckline(person: Person, part: Part, *, front_gap: float = 0.0) -> tuple[Array, Array]:
    """The garment's border at the neck, evenly round it.

    Args:
        person: who wears it.
        part: the garment at rest, not yet refined.
        front_gap: half of the angle in front that an open garment lacks, in radians.

    Returns: (RING,) angles from the front and (RING, 3) points.
    """
    border = np.unique(border_edges(as_quads(part.faces)))
    points = part.vertices[border]
    axis = np.array([0, 0, person.marks.neck[2] - 0.05])
    flat = points - axis
    near = (points[:, 1] > person.marks.neck[1] - 1.6) & (np.hypot(flat[:, 0], flat[:, 2]) < 1.7)
    points, flat = points[near], flat[near]
    angle = np.arctan2(flat[:, 0], flat[:, 2]) % (2 * np.pi)
    if front_gap > 0:
        kept = (angle > front_gap) & (angle < 2 * np.pi - front_gap)
        points, angle = points[kept], angle[kept]
    order = np.argsort(angle)
    at = np.linspace(front_gap, 2 * np.pi - front_gap, RING, endpoint=front_gap > 0)
    ring = np.stack(
        [np.interp(at, angle[order], points[order, k], period=2 * np.pi) for k in range(3)], 1
    )
    return at, ring


def _outward(person: Person, ring: Array) -> Array:
    """(n, 3) level unit vectors away from the neck."""
    away = ring - np.array([0, 0, person.marks.neck[2] - 0.05])
    away[:, 1] = 0
    return unit(away)


def add_band(person: Person, draws: Draws, part: Part, *, high: float = 0.0) -> None:
    """A ribbed band at the neck; a turtleneck where `high` decimetres are given."""
    _, ring = neckline(person, part)
    out = _outward(person, ring)
    up = np.array([0, 1.0, 0])
    if high == 0:
        thick = draws.uniform("thick", 0.03, 0.06)
        shape = tube(ring + up * 0.02, thick, 8, closed=True)
        add_cloth(
            person, draws, "band", shape, person.skin_weights(shape.vertices), part.shading, 0
        )
        return
    ribs = 0.012 * np.cos(np.arange(RING) * np.pi)[:, None] * out
    rows = [
        ring + out * side + up * rise + ribs
        for side, rise in (
            (0.0, 0.0),
            (0.02, high * 0.6),
            (0.03, high),
            (0.09, high * 1.03),
            (0.13, high * 0.6),
            (0.15, high * 0.1),
        )
    ]
    shape = Shape(np.concatenate(rows), grid_faces(len(rows), RING, wrap=True))
    weights = person.skin_weights(shape.vertices)
    add_cloth(person, draws, "band", shape, weights, part.shading, 0.02, thickness_m=0.002)


def add_collar(person: Person, draws: Draws, part: Part, *, front_gap: float) -> None:
    """A collar that stands and falls over, with points in front."""
    at, ring = neckline(person, part, front_gap=front_gap)
    out = _outward(person, ring)
    up = np.array([0, 1.0, 0])
    frontness = np.exp(-((np.minimum(at, 2 * np.pi - at) / 0.7) ** 2))[:, None]
    stand = draws.uniform("stand", 0.2, 0.36)
    fall = draws.uniform("fall", 0.35, 0.6) + draws.uniform("points", 0.0, 0.3) * frontness
    rows = [
        ring,
        ring + up * stand * 0.5 - out * 0.02,
        ring + up * stand - out * 0.02,
        ring + up * (stand + 0.02) + out * 0.06,
        ring + up * (stand - fall * 0.5) + out * 0.15,
        ring + up * (stand - fall) + out * 0.22,
    ]
    shape = Shape(np.concatenate(rows), grid_faces(len(rows), RING))
    weights = person.skin_weights(shape.vertices)
    add_cloth(person, draws, "collar", shape, weights, part.shading, 0.02, thickness_m=0.002)
    person.tags["collar"] = True


def add_hood_down(person: Person, draws: Draws, part: Part, *, front_gap: float) -> None:
    """A hood that lies round the neck and on the back."""
    at, ring = neckline(person, part, front_gap=front_gap)
    out = _outward(person, ring)
    back = (1 - np.cos(at)) / 2
    radius = np.interp(back, [0, 0.5, 1], [0.1, 0.28, 0.5]) * draws.uniform("size", 0.85, 1.2)
    for name, grow, sink in (("hood", 1.0, 0.0), ("hood inside", 0.6, -0.12)):
        middle = ring + out * (radius * 0.75 * grow)[:, None]
        middle[:, 1] += radius * (0.55 - 0.3 * back) + sink
        shape = tube(middle, radius * grow, 12, closed=front_gap == 0)
        weights = person.skin_weights(shape.vertices)
        add_cloth(person, draws.under(name), name, shape, weights, part.shading, 0.07)
    last = ring[RING // 2]
    sack = ellipsoid(last + [0, -0.8, -0.5], [0.95, 1.0, 0.4], power=0.8)
    weights = person.skin_weights(sack.vertices)
    add_cloth(person, draws.under("sack"), "hood sack", sack, weights, part.shading, 0.08)
    person.tags["hood"] = "down"


def add_hood_up(person: Person, draws: Draws, part: Part) -> None:
    """A hood over the head, open in front of the face and closed below the chin."""
    marks = person.marks
    center = marks.center + [0, -0.1, 0.1]
    opening = draws.uniform("opening", 0.95, 1.2)
    rows, around = 18, 48
    polar = np.linspace(opening, np.pi, rows)[:, None]
    azimuth = np.linspace(0, 2 * np.pi, around, endpoint=False)[None]
    directions = np.stack(
        [
            np.sin(polar) * np.sin(azimuth),
            np.sin(polar) * np.cos(azimuth),
            np.cos(polar) * np.ones_like(azimuth),
        ],
        -1,
    ).reshape(-1, 3)
    radius = person.rest_surface.radius(center, directions, 1.4, 5.0)
    down = np.clip(-directions[:, 1], 0, 1)
    radius = np.minimum(radius, 1.25 + 0.9 * down).reshape(rows, around)
    for _ in range(4):
        radius = (np.roll(radius, 1, 1) + 2 * radius + np.roll(radius, -1, 1)) / 4
    radius[-1] = radius[-1].mean()
    room = draws.uniform("room", 0.16, 0.4)
    # The rim stands off the face; at the back of the neck the hood falls to the shoulders.
    points = center + directions * (radius.reshape(-1, 1) + room)
    shape = Shape(points, grid_faces(rows, around, wrap=True))
    weights = person.skin_weights(points)
    add_cloth(person, draws, "hood", shape, weights, part.shading, 0.05, thickness_m=0.004)
    rim = tube(points[:around], 0.05, 8, closed=True)
    add_cloth(person, draws, "hood rim", rim, person.skin_weights(rim.vertices), part.shading, 0.0)
    person.tags["hood"] = "up"
