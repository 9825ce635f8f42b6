"""What a person is made of: meshes and bundles of strands, in decimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from scipy import sparse

from ..geometry.rotations import Array


@dataclass(eq=False)
class Part:
    """One mesh, at rest. It follows one bone (`bone`) or several (`weights`)."""

    name: str
    vertices: Array
    """(n, 3) at rest."""
    faces: Sequence[Sequence[int]] | Array
    material: str
    """`skin`, `cloth`, `plain`, `lens`, `lash`, `eye`, `teeth` or `tongue`."""
    shading: dict[str, Any] = field(default_factory=dict)
    """What the material needs; parts that share one dictionary share one material."""
    weights: sparse.csr_matrix | None = None
    bone: str | None = None
    attributes: dict[str, Array] = field(default_factory=dict)
    base_numbers: Array | None = None
    """Vertex numbers of the base mesh where this part is a piece of it: moved by expressions."""
    subdivide: int = 0
    thickness_m: float = 0.0
    smooth: bool = True


@dataclass(eq=False)
class Strands:
    """A bundle of strands that grew in the pose of time 0 and follows the head."""

    name: str
    points: Array
    """(strands, points, 3) in the pose of time 0, or at rest where `at_rest`."""
    radius: float
    """Radius at the root in decimetres."""
    shading: dict[str, Any]
    material: str = "hair"
    lag_s: float = 0.0
    """How much later the tips follow the head."""
    at_rest: bool = False
