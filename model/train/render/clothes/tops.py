"""T-shirts, sweaters, shirts, hoodies and open jackets, with trousers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from ..assets.base_mesh import BODY, VERTICES
from ..draws import Draws
from ..geometry.mesh import (
    border_edges,
    directed_border,
    smooth,
    smooth_border,
    submesh,
    vertex_normals,
)
from ..geometry.rotations import Array
from ..geometry.shapes import Shape
from ..person.part import Part
from ..person.person import Person
from .collars import add_band, add_collar, add_hood_down, add_hood_up
from .cuts import HULL_HEM, Cut, top_faces, trouser_faces
from .fabric import draw_fabric
from .garment import add_cloth

ROW = 0.28
"""Height of a row below the hull's hem in decimetres."""


@dataclass(frozen=True)
class Kind:
    """A kind of top: which cuts it comes in and how far it stands off."""

    weight: float
    sleeves: dict[str, float]
    necklines: dict[str, float]
    offset: tuple[float, float]
    length: tuple[float, float]
    """How far the hem hangs below the hips' hull in decimetres."""
    patterns: dict[str, float] | None = None


PLAIN = {"plain": 0.75, "melange": 0.25}

KINDS = {
    "t-shirt": Kind(
        0.25,
        {"none": 0.12, "short": 0.75, "half": 0.13},
        {"crew": 0.6, "v": 0.2, "scoop": 0.2},
        (0.05, 0.16),
        (0.0, 0.9),
    ),
    "sweater": Kind(
        0.22, {"long": 1.0}, {"crew": 0.5, "v": 0.2, "high": 0.3}, (0.1, 0.26), (0.0, 0.6)
    ),
    "shirt": Kind(0.2, {"long": 0.7, "short": 0.3}, {"v": 1.0}, (0.06, 0.16), (0.2, 0.9)),
    "hoodie": Kind(0.15, {"long": 1.0}, {"crew": 1.0}, (0.16, 0.3), (0.1, 0.5), PLAIN),
    "jacket": Kind(0.18, {"long": 1.0}, {"scoop": 0.5, "v": 0.5}, (0.2, 0.3), (0.2, 1.0), PLAIN),
}


def _hem_rows(
    vertices: Array, faces: Array, weights: sparse.csr_matrix, length: float, rest_y: Array
) -> tuple[Array, Array, sparse.csr_matrix]:
    """Add rows below the hem of a top so that it hangs `length` decimetres lower."""
    edges = directed_border(faces)
    low = rest_y < HULL_HEM + 0.45
    edges = edges[low[edges].all(1)]
    if len(edges) == 0 or length < ROW / 2:
        return vertices, faces, weights
    ring = np.unique(edges)
    level = vertices[ring, 1].mean()
    flat = vertices.copy()
    flat[ring, 1] = level
    rows = max(1, round(length / ROW))
    points, quads, numbers = [flat], [faces], [np.arange(len(vertices))]
    middle = flat[ring].mean(0)
    previous = np.full(len(vertices), -1)
    previous[ring] = ring
    total = len(vertices)
    for row in range(1, rows + 1):
        new = previous.copy()
        new[ring] = total + np.arange(len(ring))
        wider = middle + (flat[ring] - middle) * (1 + 0.02 * row)
        wider[:, 1] = level - length * row / rows
        points.append(wider)
        a, b = edges[:, 0], edges[:, 1]
        quads.append(np.stack([previous[b], previous[a], new[a], new[b]], 1))
        numbers.append(ring)
        total += len(ring)
        previous = new
    return np.concatenate(points), np.concatenate(quads), weights[np.concatenate(numbers)]


def _covers(person: Person, faces: Array) -> Array:
    """(BODY,) skin below faces of the hull, except near their border."""
    skin = person.vertices[:BODY]
    near = cKDTree(person.vertices[faces].mean(1)).query(skin)[0] < 0.3
    edge = person.vertices[np.unique(border_edges(faces))]
    return np.asarray(near & (cKDTree(edge).query(skin)[0] >= 0.28))


def add_hull_piece(
    person: Person,
    draws: Draws,
    name: str,
    chosen: Array,
    offset: float,
    shading: dict[str, Any],
    *,
    length: float = 0.0,
    smoothing: int = 6,
) -> Array:
    """Add faces of the hull as cloth; returns the body vertices (BODY,) that it covers."""
    faces = person.base.group_faces("helper-tights")[chosen]
    numbers, local = submesh(faces, VERTICES)
    normals = vertex_normals(person.vertices, person.base.faces)
    vertices = smooth(person.vertices[numbers] + normals[numbers] * offset, local, smoothing)
    vertices = smooth_border(vertices, border_edges(local), 10)
    weights = person.base.weights[numbers]
    if length > 0:
        rest_y = person.base.vertices[numbers, 1]
        vertices, local, weights = _hem_rows(vertices, local, weights, length, rest_y)
    shape = Shape(vertices, local.tolist())
    add_cloth(person, draws, name, shape, weights, shading, 0.0, thickness_m=0.003)
    return _covers(person, faces)


def add_trousers(person: Person, draws: Draws) -> Array:
    """Trousers; returns the body vertices that they cover."""
    shading = draw_fabric(draws.under("fabric"), {"plain": 0.55, "melange": 0.45}, dark=0.5)
    chosen = trouser_faces(person.base)
    offset = draws.uniform("offset", 0.05, 0.14)
    return add_hull_piece(person, draws, "trousers", chosen, offset, shading, smoothing=2)


def _top(
    person: Person, draws: Draws, name: str, kind: Kind, opening: tuple[float, float] | None
) -> Array:
    sleeves = draws.pick("sleeves", kind.sleeves)
    neckline = draws.pick("neckline", kind.necklines)
    person.tags.setdefault("clothes", []).append(f"{name} {sleeves} {neckline}")
    covered = add_hull_piece(
        person,
        draws,
        "jacket" if name == "jacket" else "top",
        top_faces(person.base, Cut(sleeves, neckline, opening)),
        draws.uniform("offset", *kind.offset),
        draw_fabric(draws.under("fabric"), kind.patterns),
        length=draws.uniform("length", *kind.length),
    )
    part = person.parts[-1]
    _add_neck(person, draws.under("neck"), name, neckline, part, open_front=opening is not None)
    return covered if opening is None else np.zeros(BODY, bool)


def _add_neck(
    person: Person, draws: Draws, name: str, neckline: str, part: Part, *, open_front: bool
) -> None:
    """Collar, band or hood."""
    gap = 0.5 if open_front else 0.0
    if name == "shirt":
        add_collar(person, draws, part, front_gap=draws.uniform("gap", 0.12, 0.3))
    elif name == "hoodie":
        if draws.chance("up", 0.18):
            add_hood_up(person, draws, part)
        else:
            add_hood_down(person, draws, part, front_gap=0.0)
    elif name == "jacket":
        kind = draws.pick("jacket", {"lapels": 0.4, "collar": 0.3, "hood": 0.15, "plain": 0.15})
        person.tags["jacket"] = kind
        if kind in ("lapels", "collar"):
            add_collar(person, draws, part, front_gap=gap)
        elif kind == "hood":
            add_hood_down(person, draws, part, front_gap=gap)
    elif neckline == "high":
        add_band(person, draws, part, high=draws.uniform("high", 0.25, 0.5))
    elif neckline != "v":
        add_band(person, draws, part)


def add_top(person: Person, draws: Draws) -> Array:
    """Dress with a top and trousers; returns which body vertices (BODY,) they cover."""
    name = draws.pick("kind", {name: kind.weight for name, kind in KINDS.items()})
    person.tags["top"] = name
    covered = add_trousers(person, draws.under("trousers"))
    if name != "jacket":
        return covered | _top(person, draws.under(name), name, KINDS[name], None)
    below = draws.pick("below", {"t-shirt": 0.6, "shirt": 0.25, "sweater": 0.15})
    inner = KINDS[below]
    tight = Kind(0, inner.sleeves, inner.necklines, (0.03, 0.06), (0.0, 0.3), inner.patterns)
    covered |= _top(person, draws.under("below"), below, tight, None)
    opening = (
        draws.uniform("opening/neck", 0.35, 0.6),
        draws.uniform("opening/hem", 0.4, 1.15),
    )
    return covered | _top(person, draws.under(name), name, KINDS[name], opening)
