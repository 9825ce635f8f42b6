"""Scarves, necklaces and earrings."""

from __future__ import annotations

import numpy as np

from ..clothes.fabric import draw_fabric
from ..clothes.garment import add_cloth, neck_ring
from ..draws import Draws
from ..geometry.shapes import Shape, ellipsoid, tube
from ..person.part import Part
from ..person.person import Person

GOLD = {"color": np.array([0.8, 0.6, 0.25]), "metallic": 1.0, "roughness": 0.2}
SILVER = {"color": np.array([0.8, 0.8, 0.8]), "metallic": 1.0, "roughness": 0.15}


def add_scarf(person: Person, draws: Draws) -> None:
    """Two or three turns round the neck, at times with an end that hangs down."""
    shading = draw_fabric(draws.under("fabric"))
    marks = person.marks
    for k in range(draws.integer("turns", 2, 3)):
        own = draws.under(f"turn {k}")
        ring = neck_ring(
            person, marks.neck[1] - 0.35 + 0.28 * k, 0.12 + own.uniform("loose", 0, 0.12)
        )
        angle = np.linspace(0, 2 * np.pi, len(ring), endpoint=False)
        ring[:, 1] += 0.12 * np.sin(angle + own.uniform("tilt", 0, 6)) - 0.15 * np.cos(angle)
        thick = 0.2 + 0.04 * np.sin(3 * angle + own.uniform("bulge", 0, 6))
        shape = tube(ring, thick, 12, closed=True)
        add_cloth(person, own, "scarf", shape, person.skin_weights(shape.vertices), shading, 0.05)
    if draws.chance("end", 0.6):
        x = draws.uniform("end/x", -0.5, 0.5)
        t = np.linspace(0, 1, 14)
        path = np.stack(
            [
                x + 0.1 * np.sin(4 * t),
                marks.neck[1] - 0.3 - 2.6 * t,
                marks.neck[2] + 1.0 + 0.5 * np.sin(np.pi * t * 0.6),
            ],
            1,
        )
        end = tube(path, 0.3, 12)
        middle = np.repeat(path, 12, 0)
        flat = Shape(middle + (end.vertices - middle) * [1.2, 1, 0.35], end.faces)
        weights = person.skin_weights(flat.vertices)
        add_cloth(person, draws.under("end"), "scarf end", flat, weights, shading, 0.06)
    person.tags["scarf"] = True


def add_necklace(person: Person, draws: Draws) -> None:
    """A chain round the neck."""
    ring = neck_ring(person, person.marks.neck[1] - 0.45, 0.03, 64, tilt=-0.55)
    shape = tube(ring, 0.016, 6, closed=True)
    shading = dict(GOLD if draws.chance("gold", 0.5) else SILVER)
    weights = person.skin_weights(shape.vertices)
    person.parts.append(Part("necklace", shape.vertices, shape.faces, "plain", shading, weights))
    person.tags["necklace"] = True


def add_earrings(person: Person, draws: Draws) -> None:
    """Rings or drops."""
    shading = dict(GOLD if draws.chance("gold", 0.5) else SILVER)
    radius = draws.uniform("radius", 0.05, 0.22)
    ears = person.marks.ear_vertices
    for side in (1, -1):
        own = ears[person.vertices[ears, 0] * side > 0]
        lobe = person.vertices[own[person.vertices[own, 1].argmin()]]
        if draws.chance("rings", 0.5):
            a = np.linspace(0, 2 * np.pi, 24, endpoint=False)
            circle = np.stack([0 * a, np.cos(a) * radius - radius, np.sin(a) * radius], 1)
            shape = tube(lobe + circle, 0.012, 6, closed=True)
        else:
            place = lobe + [side * 0.02, -radius * 0.5, 0]
            shape = ellipsoid(place, [0.03, radius * 0.6 + 0.02, 0.03])
        person.rigid("earring", shape, "plain", shading)
    person.tags["earrings"] = True
