"""Rotation matrices and unit vectors."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

X = np.array([1.0, 0.0, 0.0])
Y = np.array([0.0, 1.0, 0.0])
Z = np.array([0.0, 0.0, 1.0])


def unit(vectors: ArrayLike) -> Array:
    """Vectors of length 1, along the last axis."""
    array = np.asarray(vectors, float)
    return np.asarray(array / np.maximum(np.linalg.norm(array, axis=-1, keepdims=True), 1e-9))


def rotation(axis: ArrayLike, angle: float) -> Array:
    """(3, 3) rotation about an axis by an angle in radians (Rodrigues)."""
    x, y, z = unit(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def rotation_between(start: ArrayLike, end: ArrayLike) -> Array:
    """(3, 3) shortest rotation that turns one direction into another."""
    a, b = unit(start), unit(end)
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    if sine < 1e-6:
        return np.eye(3)
    return rotation(axis, float(np.arctan2(sine, a @ b)))


def frame_of(forward: ArrayLike, up: ArrayLike) -> Array:
    """(3, 3) orthonormal columns: forward, up made square to it, and their cross product."""
    f = unit(forward)
    u = np.asarray(up, float)
    u = unit(u - f * (u @ f))
    return np.stack([f, u, np.cross(f, u)], 1)
