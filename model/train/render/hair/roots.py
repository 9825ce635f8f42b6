"""Where strands begin: points of the posed body, drawn by area and by a mask."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..geometry.rotations import Array, unit
from ..person.person import Person


class Roots(NamedTuple):
    """Points where strands begin."""

    points: Array
    """(n, 3) in the pose of time 0."""
    normals: Array
    """(n, 3) in the pose of time 0."""
    rest: Array
    """(n, 3) at rest."""

    def first(self, count: int) -> Roots:
        """The first of them."""
        return Roots(self.points[:count], self.normals[:count], self.rest[:count])


def draw_roots(person: Person, rng: np.random.Generator, count: int, mask: Array) -> Roots:
    """Draw about `count` roots; fewer come back where the mask (VERTICES,) is below 1."""
    faces = person.body_faces
    share = mask[faces].mean(1)
    faces, share = faces[share > 0.05], share[share > 0.05]
    corner = person.posed_body[faces]  # (f, 4, 3)
    area = np.linalg.norm(
        np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), axis=1
    ) + np.linalg.norm(np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 0]), axis=1)
    chance = area * share
    chosen = faces[rng.choice(len(faces), count, p=chance / chance.sum())]
    u, w = rng.random((2, count, 1))

    def between(values: Array) -> Array:
        near = values[chosen[:, 0]] * (1 - u) + values[chosen[:, 1]] * u
        far = values[chosen[:, 3]] * (1 - u) + values[chosen[:, 2]] * u
        return np.asarray(near * (1 - w) + far * w)

    keep = rng.random(count) < np.clip(between(mask[:, None])[:, 0] * 1.1, 0, 1)
    return Roots(
        between(person.posed_body)[keep],
        unit(between(person.posed_normals))[keep],
        between(person.vertices)[keep],
    )
