"""Folds: cloth with more length than the body needs buckles, hangs and lies on what is below it.

Position-based dynamics (Müller et al., 2007) in the pose of time 0, with all constraints of a step
projected at once and averaged (Jacobi). The body is a plane at the nearest point of its surface.
The result is brought back to rest through the inverse of skinning, so clips carry it along.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from ..assets.base_mesh import BODY
from ..draws import Draws
from ..geometry.mesh import (
    as_quads,
    border_edges,
    edges_of,
    neighbour_mean,
    subdivided,
    vertex_normals,
    wave_noise,
)
from ..geometry.rotations import Array
from ..person.part import Part
from ..person.person import Person
from ..person.skeleton import skinned, unskinned


@dataclass(frozen=True)
class Cloth:
    """How a piece of cloth falls."""

    looseness: tuple[float, float]
    """Factor on lengths: above 1 there is cloth for folds."""
    stiffness: tuple[float, float]
    """0 (silk) to 1 (felt): smoothing in each step, which sets the width of folds."""
    margin: float
    """Distance from the skin in decimetres."""
    hem_free: bool = True
    """Whether the lower border hangs free."""
    steps: int = 45


GRAVITY = 0.002
"""Decimetres that a step adds to the fall."""

TETHER = 0.5
"""How far in decimetres cloth may go from where skinning puts it."""

FALLS = {
    "t-shirt": Cloth((1.04, 1.14), (0.02, 0.06), 0.05),
    "sweater": Cloth((1.04, 1.14), (0.06, 0.16), 0.1),
    "shirt": Cloth((1.05, 1.15), (0.01, 0.04), 0.06),
    "hoodie": Cloth((1.05, 1.15), (0.06, 0.14), 0.13),
    "jacket": Cloth((1.03, 1.1), (0.04, 0.12), 0.16),
    "suit": Cloth((1.02, 1.08), (0.04, 0.14), 0.04, hem_free=False),
    "trousers": Cloth((1.02, 1.1), (0.06, 0.15), 0.05, hem_free=False),
}
"""By the kind of garment."""


def refine(part: Part) -> None:
    """Cut a part's faces once, so that folds have room."""
    matrix, faces = subdivided(part.faces, len(part.vertices))
    part.vertices = matrix @ part.vertices
    part.faces = faces
    if part.weights is not None:
        part.weights = sparse.csr_matrix(matrix @ part.weights)
    part.attributes = {name: matrix @ values for name, values in part.attributes.items()}


def _fixed(part: Part, cloth: Cloth) -> Array:
    """(n,) 1 where a border is sewn or tight (neck, cuffs, waist), 0 where cloth is free."""
    border = np.unique(border_edges(as_quads(part.faces)))
    fixed = np.zeros(len(part.vertices))
    if len(border) == 0:
        return fixed
    if not cloth.hem_free:
        fixed[border] = 1.0
        return fixed
    y, side = part.vertices[border, 1], np.abs(part.vertices[border, 0])
    shoulders = part.vertices[:, 1].max() - 0.75
    fixed[border[(y > shoulders) | (side > 2.4)]] = 1.0
    return fixed


def drape(person: Person, draws: Draws, part: Part, cloth: Cloth, others: list[Part]) -> None:
    """Let one part fall, in place.

    Args:
        person: whose part it is; its posture must be final.
        draws: the piece's own.
        part: a piece of cloth with weights, refined.
        cloth: how it falls.
        others: parts below it, which it lies on.
    """
    assert part.weights is not None
    pose = person.poser.at(0.0)
    body = skinned(person.vertices[:BODY], person.base.weights[:BODY], pose)
    solid, solid_normals = [body], [vertex_normals(body, person.body_faces)]
    for other in others:
        posed = person.posed(other, pose)
        solid.append(posed)
        solid_normals.append(vertex_normals(posed, other.faces))
    ground, ground_normals = np.concatenate(solid), np.concatenate(solid_normals)
    tree = cKDTree(ground)
    quads = as_quads(part.faces)
    count = len(part.vertices)
    edges = np.unique(
        np.concatenate(
            [edges_of(quads), np.sort(quads[:, [0, 2]], 1), np.sort(quads[:, [1, 3]], 1)]
        ),
        axis=0,
    )
    length = np.linalg.norm(part.vertices[edges[:, 0]] - part.vertices[edges[:, 1]], axis=1)
    # Clothes have more room round the body than along it.
    way = part.vertices[edges[:, 0]] - part.vertices[edges[:, 1]]
    upright = np.abs(way[:, 1]) / np.maximum(length, 1e-6)
    extra = draws.uniform("looseness", *cloth.looseness) - 1
    length = length * (1 + extra * (1 - 0.5 * upright))
    stiffness = draws.uniform("stiffness", *cloth.stiffness)
    rows = np.arange(len(edges))
    incidence = sparse.csr_matrix(
        (
            np.concatenate([np.ones(len(edges)), -np.ones(len(edges))]),
            (np.concatenate([rows, rows]), np.concatenate([edges[:, 0], edges[:, 1]])),
        ),
        (len(edges), count),
    )
    spread = incidence.T.tocsr()
    degree = np.asarray(abs(incidence).sum(0)).ravel()[:, None]
    mean = neighbour_mean(count, edges_of(quads))
    fixed = _fixed(part, cloth)[:, None]
    start = skinned(part.vertices, part.weights, pose)
    normals = vertex_normals(start, quads)
    noise = wave_noise(draws.rng("unevenness"), part.vertices, 0.06, 3.5)
    place = start + normals * noise[:, None] * (1 - fixed)
    before = place.copy()
    for step in range(cloth.steps):
        velocity = (place - before) * 0.9
        before = place.copy()
        place = place + velocity + np.array([0, -GRAVITY, 0])
        if step % 4 == 0:
            nearest = tree.query(place)[1]
        for _ in range(6):
            way = incidence @ place
            now = np.linalg.norm(way, axis=1)
            push = (0.5 * (length - now) / np.maximum(now, 1e-6))[:, None] * way
            place = place + 1.6 * (spread @ push) / degree
        bend = stiffness * (0.5 if step < cloth.steps * 0.7 else 1.0)
        place = place + bend * (mean @ place - place)
        depth = np.einsum("nd,nd->n", place - ground[nearest], ground_normals[nearest])
        out = np.maximum(cloth.margin - depth, 0)[:, None]
        place = place + out * ground_normals[nearest]
        place = place + fixed * (start - place)
        # A tether: too few iterations must not let cloth stretch down like dough.
        moved = place - start
        far = np.linalg.norm(moved, axis=1, keepdims=True)
        place = start + moved * np.minimum(1, TETHER / np.maximum(far, 1e-6))
    part.vertices = unskinned(place, part.weights, pose)
