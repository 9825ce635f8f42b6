"""What all clothes share: adding cloth, rings round the neck, hiding the skin below."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from ..assets.base_mesh import BODY
from ..draws import Draws
from ..geometry.mesh import vertex_normals, wave_noise
from ..geometry.rotations import Array
from ..geometry.shapes import Shape
from ..person.part import Part
from ..person.person import Person


def add_cloth(
    person: Person,
    draws: Draws,
    name: str,
    shape: Shape,
    weights: sparse.csr_matrix,
    shading: dict[str, Any],
    wrinkles: float = 0.05,
    *,
    thickness_m: float = 0.0,
) -> Part:
    """Add a piece of cloth with wrinkles of an amplitude in decimetres."""
    vertices = shape.vertices
    if wrinkles:
        normals = vertex_normals(vertices, shape.faces)
        noise = wave_noise(draws.rng("wrinkles"), vertices, wrinkles)
        vertices = vertices + normals * noise[:, None]
    part = Part(
        name,
        vertices,
        shape.faces,
        "cloth",
        shading,
        weights=weights,
        attributes={"rest": vertices.copy()},
        subdivide=1,
        thickness_m=thickness_m,
    )
    person.parts.append(part)
    return part


def neck_ring(
    person: Person, height: float, extra: float, count: int = 48, tilt: float = 0.0
) -> Array:
    """(count, 3) a ring round the neck at a height, `extra` outside of the skin, from the front on.

    Args:
        person: whose neck.
        height: in decimetres.
        extra: distance from the skin.
        count: points of the ring.
        tilt: how much the ring falls to the front.
    """
    center = np.array([0, height, person.marks.neck[2] + 0.05])
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    directions = np.stack([np.sin(angle), tilt * np.cos(angle), np.cos(angle)], 1)
    radius = person.rest_surface.radius(center, directions, 0.6, 3.0).clip(0.3, 1.6)
    for _ in range(4):
        radius = (np.roll(radius, 1) + radius + np.roll(radius, -1)) / 3
    return np.asarray(center + directions * (radius + extra)[:, None])


def hide_body(person: Person, covered: Array) -> None:
    """Take away faces of the body whose vertices (BODY,) are all covered; never head or hands."""
    keep = covered.copy()
    keep[person.base.vertices[:BODY, 1] > 6.25] = False
    person.body_part.faces = person.body_faces[~keep[person.body_faces].all(1)]
