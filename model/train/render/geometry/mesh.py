"""What is computed on meshes of quads: normals, smoothing, borders, noise."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from .rotations import Array, unit


def as_quads(faces: Sequence[Sequence[int]] | Array) -> Array:
    """(f, 4) faces; a triangle repeats its last vertex."""
    if isinstance(faces, np.ndarray):
        return faces
    return np.array([[*face[:4], *[face[2]] * (4 - len(face))] for face in faces], int)


def vertex_normals(vertices: Array, faces: Sequence[Sequence[int]] | Array) -> Array:
    """(n, 3) unit normals, weighted by area."""
    quads = as_quads(faces)
    corner = vertices[quads]
    face_normal = np.cross(corner[:, 2] - corner[:, 0], corner[:, 3] - corner[:, 1])
    normals = np.zeros((len(vertices), 3))
    for k in range(4):
        np.add.at(normals, quads[:, k], face_normal)
    return unit(normals)


def edges_of(faces: Sequence[Sequence[int]] | Array) -> Array:
    """(e, 2) edges, each once, the smaller number first."""
    quads = as_quads(faces)
    pairs = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
    pairs = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], 1)
    return np.unique(pairs, axis=0)


def border_edges(faces: Array) -> Array:
    """(e, 2) edges that only one face has."""
    pairs = np.sort(np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)]), 1)
    edges, count = np.unique(pairs, axis=0, return_counts=True)
    return np.asarray(edges[count == 1])


def directed_border(faces: Array) -> Array:
    """(e, 2) border edges in the sense in which their face runs along them."""
    pairs = np.concatenate([faces[:, [k, (k + 1) % 4]] for k in range(4)])
    known = {(int(a), int(b)) for a, b in pairs}
    return np.array([[a, b] for a, b in sorted(known) if (b, a) not in known], int).reshape(-1, 2)


def smooth_border(vertices: Array, edges: Array, steps: int) -> Array:
    """Vertices whose border (e, 2) is smoothed along itself: cuts along a mesh are jagged."""
    if len(edges) == 0:
        return vertices
    mean = neighbour_mean(len(vertices), edges)
    on_border = np.unique(edges)
    out = vertices.copy()
    for _ in range(steps):
        out[on_border] = 0.5 * out[on_border] + 0.5 * (mean @ out)[on_border]
    return out


def neighbour_mean(count: int, edges: Array) -> sparse.csr_matrix:
    """(n, n) matrix that gives each vertex the mean of its neighbours."""
    both = np.concatenate([edges, edges[:, ::-1]])
    matrix = sparse.csr_matrix((np.ones(len(both)), (both[:, 0], both[:, 1])), (count, count))
    matrix.data[:] = 1
    degree = np.asarray(matrix.sum(1)).ravel()
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(degree, 1)) @ matrix)


def smooth(vertices: Array, faces: Array, steps: int, strength: float = 0.5) -> Array:
    """Laplacian smoothing."""
    mean = neighbour_mean(len(vertices), edges_of(faces))
    for _ in range(steps):
        vertices = vertices * (1 - strength) + strength * (mean @ vertices)
    return vertices


def wave_noise(
    rng: np.random.Generator, points: Array, amplitude: float, frequency: float = 1.2
) -> Array:
    """(n,) smooth noise: three octaves of three plane waves each."""
    total = np.zeros(len(points))
    for octave in range(3):
        for _ in range(3):
            wave = unit(rng.normal(size=3)) * frequency * 2**octave * rng.uniform(0.7, 1.3)
            total += np.sin(points @ wave * 2 + rng.uniform(0, 2 * np.pi)) / 2**octave / 3
    return total * amplitude


def submesh(faces: Array, count: int) -> tuple[Array, Array]:
    """Vertex numbers that faces (f, 4) use, and the faces in these new numbers."""
    used = np.unique(faces)
    new_number = np.full(count, -1)
    new_number[used] = np.arange(len(used))
    return used, new_number[faces]


def subdivided(
    faces: Sequence[Sequence[int]] | Array, count: int
) -> tuple[sparse.csr_matrix, Array]:
    """Each face cut into quads at the middles of its edges.

    Args:
        faces: quads and triangles.
        count: number of vertices.

    Returns: (new, old) matrix that interpolates anything from old vertices, and (f, 4) faces.
    """
    rows: list[int] = list(range(count))
    columns: list[int] = list(range(count))
    values: list[float] = [1.0] * count
    middles: dict[tuple[int, int], int] = {}
    new_faces: list[list[int]] = []
    total = count

    def add(parts: Sequence[int]) -> int:
        nonlocal total
        rows.extend([total] * len(parts))
        columns.extend(parts)
        values.extend([1 / len(parts)] * len(parts))
        total += 1
        return total - 1

    for face in faces:
        corners = [int(i) for k, i in enumerate(face) if int(i) not in map(int, face[:k])]
        size = len(corners)
        around = []
        for k in range(size):
            a, b = corners[k], corners[(k + 1) % size]
            key = (min(a, b), max(a, b))
            if key not in middles:
                middles[key] = add(key)
            around.append(middles[key])
        middle = add(corners)
        new_faces += [[corners[k], around[k], middle, around[k - 1]] for k in range(size)]
    matrix = sparse.csr_matrix((values, (rows, columns)), (total, count))
    return matrix, np.array(new_faces)
