"""Rays against a surface and nearest points on it (the tree of Blender's `mathutils`)."""

from collections.abc import Sequence

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree
from numpy.typing import ArrayLike

from .rotations import Array


class Surface:
    """A mesh that can be asked where rays hit it and which of its points is nearest."""

    def __init__(self, vertices: Array, faces: Sequence[Sequence[int]] | Array) -> None:
        polygons = [[int(i) for i in face] for face in faces]
        self._tree = BVHTree.FromPolygons(vertices.tolist(), polygons)

    def hit(self, origin: ArrayLike, direction: ArrayLike) -> Array | None:
        """(3,) first point that a ray hits, or None."""
        point = self._tree.ray_cast(Vector(np.asarray(origin)), Vector(np.asarray(direction)))[0]
        return None if point is None else np.array(point)

    def radius(self, center: ArrayLike, directions: Array, missing: float, far: float) -> Array:
        """(n,) how far the surface is from a center along directions, seen from outside.

        Args:
            center: (3,) the point inside.
            directions: (n, 3) unit vectors.
            missing: the answer where no ray hits.
            far: where the rays start, in the mesh's units.
        """
        middle = np.asarray(center, float)
        distances = np.full(len(directions), missing)
        for i, direction in enumerate(directions):
            result = self._tree.ray_cast(Vector(middle + direction * far), Vector(-direction))
            if result[0] is not None:
                distances[i] = far - result[3]
        return distances

    def push_out(self, points: Array, margin: Array, reach: float = 1.5) -> Array:
        """(n, 3) points moved to at least `margin` (n,) outside of the surface."""
        out = points.copy()
        for i, point in enumerate(points):
            vector = Vector(point)
            location, normal, _, distance = self._tree.find_nearest(vector, reach)
            if location is None:
                continue
            side = (vector - location).dot(normal)
            if side < 0 or distance < margin[i]:
                out[i] = location + normal * margin[i]
        return out
