"""MakeHuman's base mesh: morph targets, skeleton and weights, read from the CC0 files.

Units are decimetres; y points up, z to the front and x to the person's left.
"""

import json
from pathlib import Path

import numpy as np
from scipy import sparse

from ..geometry.rotations import Array

VERTICES = 19158
"""All vertices of the base mesh, helpers included."""

BODY = 13380
"""The first vertices: the visible body; what follows are helpers for clothes, eyes and joints."""


class AssetError(ValueError):
    """The folder of assets lacks what the generator needs."""


def read_obj(path: Path) -> tuple[Array, list[list[int]], dict[str, list[int]]]:
    """Vertices (n, 3), faces and the face numbers of each group of a Wavefront file."""
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    groups: dict[str, list[int]] = {}
    group = ""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.startswith("v "):
                vertices.append([float(x) for x in line.split()[1:4]])
            elif line.startswith("g "):
                group = line.split()[1]
            elif line.startswith("f "):
                groups.setdefault(group, []).append(len(faces))
                faces.append([int(x.split("/")[0]) - 1 for x in line.split()[1:]])
    return np.array(vertices), faces, groups


class BaseMesh:
    """The mesh that every person is a morph of."""

    def __init__(self, folder: Path) -> None:
        """Read the files.

        Raises: AssetError: the folder is not an unpacked set of assets.
        """
        if not (folder / "data" / "3dobjs" / "base.obj").is_file():
            raise AssetError(
                f"assets {folder}: data/3dobjs/base.obj is missing; "
                "give the folder that the archive was unpacked to"
            )
        self.data, self.assets = folder / "data", folder / "assets"
        self.vertices, faces, self.groups = read_obj(self.data / "3dobjs" / "base.obj")
        self.faces = np.array(faces, np.int64)
        with (self.data / "rigs" / "default.mhskel").open(encoding="utf-8") as file:
            skeleton = json.load(file)
        self.bones: dict[str, dict[str, str]] = skeleton["bones"]
        self.joints: dict[str, list[int]] = skeleton["joints"]
        self.order = self._parents_first()
        self.number = {name: i for i, name in enumerate(self.order)}
        self.parent = [
            self.number[self.bones[name]["parent"]] if self.bones[name]["parent"] else -1
            for name in self.order
        ]
        self.weights = self._read_weights()
        self._targets: dict[str, tuple[Array, Array]] = {}

    def _parents_first(self) -> list[str]:
        order: list[str] = []
        while len(order) < len(self.bones):
            for name, bone in self.bones.items():
                if name not in order and (not bone["parent"] or bone["parent"] in order):
                    order.append(name)
        return order

    def _read_weights(self) -> sparse.csr_matrix:
        with (self.data / "rigs" / "default_weights.mhw").open(encoding="utf-8") as file:
            lists = json.load(file)["weights"]
        rows, columns, values = [], [], []
        for name, pairs in lists.items():
            for vertex, weight in pairs:
                rows.append(vertex)
                columns.append(self.number[name])
                values.append(weight)
        matrix = sparse.csr_matrix((values, (rows, columns)), (VERTICES, len(self.order)))
        return normalised_rows(matrix)

    def target(self, name: str) -> tuple[Array, Array]:
        """Vertex numbers (n,) and offsets (n, 3) of a morph target."""
        if name not in self._targets:
            path = self.data / "targets" / f"{name}.target"
            with path.open(encoding="utf-8") as lines:
                rows = [line.split() for line in lines if line.strip() and line[0] != "#"]
            table = np.array(rows, float).reshape(-1, 4)
            self._targets[name] = table[:, 0].astype(int), table[:, 1:]
        return self._targets[name]

    def has_target(self, name: str) -> bool:
        """Whether the assets hold a morph target."""
        return (self.data / "targets" / f"{name}.target").is_file()

    def target_names(self, folder: str) -> list[str]:
        """Names of the morph targets in one folder, sorted."""
        return sorted(path.stem for path in (self.data / "targets" / folder).glob("*.target"))

    def morph(self, vertices: Array, name: str, weight: float) -> None:
        """Add a morph target in place."""
        if abs(weight) >= 1e-4:
            numbers, offsets = self.target(name)
            vertices[numbers] += offsets * weight

    def group_faces(self, name: str) -> Array:
        """(f, 4) faces of one group."""
        return self.faces[self.groups[name]]

    def joint(self, vertices: Array, name: str) -> Array:
        """(3,) a joint of the skeleton on morphed vertices."""
        return np.asarray(vertices[self.joints[name]].mean(0))

    def bone_head(self, vertices: Array, bone: str) -> Array:
        """(3,) where a bone begins."""
        return self.joint(vertices, self.bones[bone]["head"])


def normalised_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Each row divided by its sum."""
    total = np.asarray(matrix.sum(1)).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(total, 1e-6)) @ matrix)
