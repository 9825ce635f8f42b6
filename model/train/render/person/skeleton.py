"""The skeleton of one body: forward kinematics and linear blend skinning."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import sparse

from ..assets.base_mesh import BaseMesh
from ..geometry.rotations import Array


class Skeleton:
    """Bones of one body at rest."""

    def __init__(self, base: BaseMesh, vertices: Array) -> None:
        self.number = base.number
        self.parent = base.parent
        self.heads = np.array([base.bone_head(vertices, name) for name in base.order])

    def head(self, bone: str) -> Array:
        """(3,) where a bone begins, at rest."""
        return np.asarray(self.heads[self.number[bone]])

    def chain(self, rotations: Mapping[str, Array], root: Array | None = None) -> Array:
        """(bones, 4, 4) transforms from rest, each bone turned about its own head.

        Args:
            rotations: (3, 3) for each turned bone, in the axes of the body at rest.
            root: (4, 4) applied to the whole body, if any.
        """
        names = list(self.number)
        transforms = np.zeros((len(names), 4, 4))
        start = np.eye(4) if root is None else root
        for i, name in enumerate(names):
            local = np.eye(4)
            turn = rotations.get(name)
            if turn is not None:
                local[:3, :3] = turn
                local[:3, 3] = self.heads[i] - turn @ self.heads[i]
            parent = start if self.parent[i] < 0 else transforms[self.parent[i]]
            transforms[i] = parent @ local
        return transforms


def moved(points: Array, transform: Array) -> Array:
    """(..., 3) points under one (4, 4) transform."""
    return np.asarray(points @ transform[:3, :3].T + transform[:3, 3])


def blended(weights: sparse.csr_matrix, transforms: Array) -> Array:
    """(n, 3, 4) transform of each vertex."""
    flat = transforms[:, :3, :].reshape(len(transforms), 12)
    return np.asarray(weights @ flat).reshape(-1, 3, 4)


def skinned(vertices: Array, weights: sparse.csr_matrix, transforms: Array) -> Array:
    """(n, 3) vertices under blended transforms (linear blend skinning)."""
    each = blended(weights, transforms)
    return np.asarray(np.einsum("nij,nj->ni", each[:, :, :3], vertices) + each[:, :, 3])


def unskinned(vertices: Array, weights: sparse.csr_matrix, transforms: Array) -> Array:
    """(n, 3) vertices at rest whose skinned places are the given ones."""
    each = blended(weights, transforms)
    difference = (vertices - each[:, :, 3])[:, :, None]
    return np.asarray(np.linalg.solve(each[:, :, :3], difference)[:, :, 0])
