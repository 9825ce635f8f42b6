"""Eyebrows and beards."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..assets.base_mesh import BODY, VERTICES
from ..draws import Draws
from ..geometry.rotations import Array, unit
from ..person.part import Strands
from ..person.person import Person
from ..person.skeleton import moved
from .growth import Growth, grow
from .interpolation import Texture, interpolate
from .roots import draw_roots

BEARDS = {"stubble": 0.3, "short": 0.27, "full": 0.2, "goatee": 0.13, "moustache": 0.1}


def add_brows(person: Person, draws: Draws, shading: dict[str, Any]) -> None:
    """Eyebrows of single hairs, found by rays at the face."""
    marks, rng = person.marks, draws.rng("brows")
    count = 300 if person.body.male else 170
    thick = draws.uniform("thick", 0.010, 0.02)
    arch = draws.uniform("arch", 0.03, 0.1)
    own_shading = {**shading, "color": shading["color"] * 0.6}
    for side, eye in ((1, marks.eye_left), (-1, marks.eye_right)):
        u = rng.random(count)
        x = side * (abs(eye[0]) - 0.14 + 0.42 * u)
        y = marks.eye_y + 0.19 + arch * np.sin(np.pi * (u * 0.9 + 0.1)) + 0.03 * u
        y = y + rng.normal(0, thick, count) * (1.2 - u)
        hits = [person.rest_surface.hit([x[i], y[i], 5.0], [0, 0, -1]) for i in range(count)]
        kept = [
            i for i, hit in enumerate(hits) if hit is not None and hit[2] > marks.center[2] + 0.3
        ]
        if not kept:
            continue
        points, u = np.array([hits[i] for i in kept]), u[kept]
        way = np.stack([side * (0.25 + u * 0.9), 0.75 - 0.75 * u, np.full(len(u), 0.35)], 1)
        way = unit(way + rng.normal(0, 0.12, way.shape))
        t = np.linspace(0, 1, 4)[None, :, None]
        length = rng.uniform(0.05, 0.10, (len(u), 1, 1))
        hairs = points[:, None] + way[:, None] * t * length - np.array([0, 0, 0.03]) * t**2
        person.strands.append(Strands("brow", moved(hairs, person.head_0), 0.0032, own_shading))


def _beard_mask(person: Person, kind: str) -> Array:
    """(VERTICES,) where a beard grows."""
    v, marks = person.vertices, person.marks
    mask = np.zeros(VERTICES)
    side = np.abs(v[:, 0])
    jaw = (
        (v[:, 1] < marks.mouth[1] + 0.32)
        & (v[:, 1] > marks.neck[1] + 0.15)
        & (v[:, 2] > marks.center[2] + 0.05)
    )
    mouth_y = marks.mouth[1]
    line = np.interp(
        side,
        [0, 0.35, 0.55, 0.8],
        [mouth_y + 0.28, mouth_y + 0.1, mouth_y + 0.15, marks.eye_y - 0.25],
    )
    mask[:BODY] = (jaw & (v[:, 1] < line))[:BODY]
    mask *= 1 - np.clip(marks.lips * 3, 0, 1)
    mask[marks.ear_vertices] = 0
    mask[np.linalg.norm((v - marks.mouth) / [0.32, 0.09, 0.4], axis=1) < 1] = 0
    mask[v[:, 1] < marks.chin_y - 0.25] *= 0.25
    if kind == "goatee":
        mask *= side < 0.42
    elif kind == "moustache":
        mask *= (side < 0.45) & (v[:, 1] > mouth_y)
    return mask


def add_beard(person: Person, draws: Draws, shading: dict[str, Any]) -> None:
    """A beard, for men at times."""
    body, marks = person.body, person.marks
    if not body.male or body.child or not draws.chance("beard", 0.45):
        return
    kind = draws.pick("kind", BEARDS)
    mask = _beard_mask(person, kind)
    if mask.max() <= 0:
        return
    person.tags["beard"] = kind
    person.skin_marks[:, 1] = np.maximum(person.skin_marks[:, 1], mask * 0.45)
    length = {
        "stubble": 0.03,
        "short": 0.09,
        "full": draws.uniform("full", 0.2, 0.8),
        "goatee": draws.uniform("goatee", 0.1, 0.4),
        "moustache": 0.12,
    }[kind]
    rng = draws.rng("strands")
    roots = draw_roots(person, rng, 700, mask).first(250)
    low = np.clip((marks.mouth[1] - roots.rest[:, 1]) / 0.4, 0.25, 1)
    count = len(low)
    way = np.stack([roots.rest[:, 0] * 0.4, np.full(count, -1.0), np.full(count, 0.25)], 1)
    comb = unit(way) @ person.head_0[:3, :3].T
    growth = Growth(0.45, 0.25, 7, face_free=False)
    guides = grow(person, rng, roots, length * low, comb, np.full(count, 0.02), growth)
    texture = Texture(
        clump=0.15,
        frizz=0.05 * min(1, length * 4),
        curl=0.02 if length > 0.15 else 0.0,
        curl_rate=12,
        fly=0.08,
        fly_size=0.12,
    )
    own = draw_roots(person, rng, int(7000 * (0.4 + 0.6 * person.request.density)), mask)
    hairs = interpolate(rng, own, guides, roots.rest, texture)
    person.strands.append(Strands("beard", hairs, 0.005, dict(shading)))
