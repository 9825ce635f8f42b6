"""Simple closed shapes: tubes, ellipsoids, boxes and turned profiles."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .rotations import Array, unit

Faces = list[list[int]]


class Shape(NamedTuple):
    """A mesh: vertices (n, 3) and faces as lists of vertex numbers."""

    vertices: Array
    faces: Faces


def grid_faces(rows: int, columns: int, *, wrap: bool = False) -> Faces:
    """Quads of a grid of rows × columns vertices; `wrap` joins the last column to the first."""
    return [
        [
            row * columns + k,
            row * columns + (k + 1) % columns,
            (row + 1) * columns + (k + 1) % columns,
            (row + 1) * columns + k,
        ]
        for row in range(rows - 1)
        for k in range(columns if wrap else columns - 1)
    ]


def tube(path: ArrayLike, radius: ArrayLike, sides: int = 8, *, closed: bool = False) -> Shape:
    """A tube along a path (n, 3) with one radius or one for each point."""
    points = np.asarray(path, float)
    count = len(points)
    radii = np.broadcast_to(np.asarray(radius, float), (count,))
    if closed:
        tangent = unit(np.roll(points, -1, 0) - np.roll(points, 1, 0))
    else:
        tangent = unit(np.gradient(points, axis=0))
    normal = np.zeros_like(points)
    current = unit(np.cross(tangent[0], [0.3, 0.9, 0.2]))
    for i in range(count):
        current = unit(current - tangent[i] * (current @ tangent[i]))
        normal[i] = current
    binormal = np.cross(tangent, normal)
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    ring = (
        np.cos(angle)[None, :, None] * normal[:, None]
        + np.sin(angle)[None, :, None] * binormal[:, None]
    )
    vertices = points[:, None] + radii[:, None, None] * ring  # (n, sides, 3)
    faces = grid_faces(count, sides, wrap=True)
    if closed:
        last = (count - 1) * sides
        faces += [[last + k, last + (k + 1) % sides, (k + 1) % sides, k] for k in range(sides)]
    else:
        faces += [list(range(sides))[::-1], [(count - 1) * sides + k for k in range(sides)]]
    return Shape(vertices.reshape(-1, 3), faces)


def ellipsoid(
    center: ArrayLike,
    radii: ArrayLike,
    turn: Array | None = None,
    around: int = 20,
    along: int = 14,
    power: float = 1.0,
) -> Shape:
    """An ellipsoid; a power below 1 makes it boxy (a superellipsoid)."""
    polar = np.linspace(0, np.pi, along)
    azimuth = np.linspace(0, 2 * np.pi, around, endpoint=False)

    def bent(values: Array) -> Array:
        return np.sign(values) * np.abs(values) ** power

    points = np.stack(
        [
            bent(np.sin(polar))[:, None] * bent(np.cos(azimuth))[None],
            bent(np.sin(polar))[:, None] * bent(np.sin(azimuth))[None],
            bent(np.cos(polar))[:, None] * np.ones_like(azimuth)[None],
        ],
        -1,
    )
    vertices = points.reshape(-1, 3) * np.asarray(radii, float)
    if turn is not None:
        vertices = vertices @ turn.T
    return Shape(vertices + np.asarray(center, float), grid_faces(along, around, wrap=True))


def box(center: ArrayLike, half: ArrayLike, turn: Array | None = None) -> Shape:
    """A box with the given half sizes."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    vertices = corners * np.asarray(half, float)
    if turn is not None:
        vertices = vertices @ turn.T
    faces = [[0, 1, 3, 2], [4, 6, 7, 5], [0, 4, 5, 1], [2, 3, 7, 6], [0, 2, 6, 4], [1, 5, 7, 3]]
    return Shape(vertices + np.asarray(center, float), faces)


def lathe(profile: list[tuple[float, float]], around: int = 24) -> Shape:
    """A profile of (radius, height) turned about the third axis."""
    angle = np.linspace(0, 2 * np.pi, around, endpoint=False)
    vertices = np.array(
        [[r * np.cos(a), r * np.sin(a), h] for r, h in profile for a in angle], float
    )
    return Shape(vertices, grid_faces(len(profile), around, wrap=True))


def merge(shapes: list[Shape]) -> Shape:
    """One mesh out of several."""
    vertices, faces, offset = [], [], 0
    for shape in shapes:
        vertices.append(shape.vertices)
        faces += [[i + offset for i in face] for face in shape.faces]
        offset += len(shape.vertices)
    return Shape(np.concatenate(vertices), faces)
