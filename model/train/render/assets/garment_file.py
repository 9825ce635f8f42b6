"""Garments, shoes and hats of the assets: MHCLO files, which fit a mesh to the body.

Each vertex of a garment is a barycentric mix of three vertices of the base mesh and an offset that
is scaled by distances on the body.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import sparse

from ..geometry.rotations import Array
from ..geometry.shapes import Faces
from .base_mesh import VERTICES, normalised_rows, read_obj


@dataclass(frozen=True, eq=False)
class GarmentFile:
    """One MHCLO file and its mesh."""

    anchors: Array
    """(n, 3) vertex numbers of the base mesh."""
    mix: Array
    """(n, 3) barycentric weights of the anchors."""
    offset: Array
    """(n, 3) offsets before scaling."""
    scale: dict[int, tuple[int, int, float]]
    """For each axis two vertices of the base mesh and the distance that means 1."""
    hidden: Array
    """Vertices of the base mesh that the garment covers."""
    faces: Faces

    def fit(self, body: Array) -> Array:
        """(n, 3) the garment's vertices on a body (its vertices at rest)."""
        scale = np.ones(3)
        for axis, (first, second, distance) in self.scale.items():
            scale[axis] = abs(body[first, axis] - body[second, axis]) / distance
        mixed = (body[self.anchors] * self.mix[:, :, None]).sum(1)
        return np.asarray(mixed + self.offset * scale)

    def weights(self, base: sparse.csr_matrix) -> sparse.csr_matrix:
        """(n, bones) weights taken over from the base mesh."""
        count = len(self.anchors)
        rows = np.repeat(np.arange(count), 3)
        mix = sparse.csr_matrix(
            (self.mix.clip(0, 1).ravel(), (rows, self.anchors.ravel())), (count, VERTICES)
        )
        return normalised_rows(mix @ base)

    def pieces(self) -> tuple[int, Array]:
        """Number of connected pieces and the piece of each vertex."""
        rows = [face[0] for face in self.faces for _ in face]
        columns = [i for face in self.faces for i in face]
        count = len(self.anchors)
        matrix = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (count, count))
        number, labels = sparse.csgraph.connected_components(matrix, directed=False)
        return int(number), labels


def _hidden_vertices(words: list[str]) -> list[int]:
    numbers: list[int] = []
    k = 0
    while k < len(words):
        if k + 2 < len(words) and words[k + 1] == "-":
            numbers += range(int(words[k]), int(words[k + 2]) + 1)
            k += 3
        else:
            if words[k].isdigit():
                numbers.append(int(words[k]))
            k += 1
    return numbers


def read_garment(path: Path) -> GarmentFile:
    """Read an MHCLO file. Header lines may follow the `verts` line, as they do in some files."""
    anchors: list[list[int]] = []
    mix: list[list[float]] = []
    offset: list[list[float]] = []
    scale: dict[int, tuple[int, int, float]] = {}
    hidden: list[int] = []
    mode, mesh = "", ""
    for line in path.read_text(encoding="utf-8").splitlines():
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        if words[0] in ("x_scale", "y_scale", "z_scale"):
            axis = "xyz".index(words[0][0])
            scale[axis] = (int(words[1]), int(words[2]), float(words[3]))
        elif words[0] == "obj_file":
            mesh = words[1]
        elif words[0] in ("verts", "delete_verts"):
            mode = words[0]
        elif mode == "verts" and words[0].lstrip("-").isdigit():
            if len(words) == 1:
                anchors.append([int(words[0])] * 3)
                mix.append([1.0, 0.0, 0.0])
                offset.append([0.0, 0.0, 0.0])
            else:
                anchors.append([int(x) for x in words[:3]])
                mix.append([float(x) for x in words[3:6]])
                offset.append([float(x) for x in words[6:9]])
        elif mode == "delete_verts":
            hidden += _hidden_vertices(words)
    _, faces, _ = read_obj(path.parent / mesh)
    return GarmentFile(
        np.array(anchors),
        np.array(mix),
        np.array(offset),
        scale,
        np.array(sorted(set(hidden)), int),
        faces,
    )
