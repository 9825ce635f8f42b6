"""Pieces: the meshes that things are made of, and the surfaces that they have.

A thing is a list of pieces in metres: x to the right, z up, its front towards -y. What stands
against a wall has its back at y = 0; what stands free has its middle there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..clothes.fabric import cloth_color, draw_fabric
from ..draws import Draws
from ..geometry.rotations import Array, Z, rotation
from ..geometry.shapes import Faces, Shape, box, lathe, merge, tube

Shading = dict[str, Any]

WOODS = (
    (0.35, 0.2, 0.1),
    (0.16, 0.08, 0.04),
    (0.5, 0.36, 0.22),
    (0.42, 0.24, 0.1),
    (0.06, 0.035, 0.02),
)
BLACK = (0.012, 0.012, 0.013)
WHITE = (0.76, 0.75, 0.73)


@dataclass(frozen=True, eq=False)
class Piece:
    """One mesh with one surface."""

    shape: Shape
    shading: Shading
    """`kind` names the surface (`room/surfaces.py`); pieces with one dictionary share it."""
    smooth: bool = False
    rest: Array | None = None
    """(n, 3) where the pattern is: decimetres, of pictures 0 to 1. None: the thing's own place."""


Thing = list[Piece]


def moved(thing: Sequence[Piece], place: Sequence[float] | Array, yaw: float = 0.0) -> Thing:
    """Turn a thing about the vertical and put it somewhere; its patterns go with it."""
    turn = rotation(Z, yaw)
    out = []
    for piece in thing:
        rest = piece.shape.vertices * 10 if piece.rest is None else piece.rest
        vertices = piece.shape.vertices @ turn.T + np.asarray(place, float)
        out.append(replace(piece, shape=Shape(vertices, piece.shape.faces), rest=rest))
    return out


def scaled(thing: Sequence[Piece], factor: float | Sequence[float]) -> Thing:
    """Make a thing larger or smaller, about its origin."""
    return [
        replace(piece, shape=Shape(piece.shape.vertices * np.asarray(factor), piece.shape.faces))
        for piece in thing
    ]


def bounds(thing: Sequence[Piece]) -> tuple[Array, Array]:
    """(3,) lowest and highest coordinates."""
    points = np.concatenate([piece.shape.vertices for piece in thing])
    return points.min(0), points.max(0)


def block(low: Sequence[float], high: Sequence[float]) -> Shape:
    """A box between two corners."""
    a, b = np.asarray(low, float), np.asarray(high, float)
    return box((a + b) / 2, (b - a) / 2)


def turned_shape(profile: list[tuple[float, float]], around: int = 24) -> Shape:
    """A profile of (radius, height) turned about the vertical."""
    return lathe(profile, around)


def sheet(points: Array) -> Shape:
    """A surface through (rows, columns, 3) points."""
    rows, columns = points.shape[:2]
    faces: Faces = [
        [r * columns + c, r * columns + c + 1, (r + 1) * columns + c + 1, (r + 1) * columns + c]
        for r in range(rows - 1)
        for c in range(columns - 1)
    ]
    return Shape(points.reshape(-1, 3), faces)


def flat(width: float, height: float, y: float, z: float, shading: Shading) -> Piece:
    """An upright rectangle facing -y with its lower edge at z; a picture fills it once."""
    x = width / 2
    corners = np.array([[-x, y, z], [x, y, z], [x, y, z + height], [-x, y, z + height]])
    rest = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
    return Piece(Shape(corners, [[0, 1, 2, 3]]), shading, rest=rest)


def legs(half_x: float, low_y: float, high_y: float, height: float, radius: float) -> Shape:
    """Four upright legs."""
    return merge(
        [
            tube([[x, y, 0], [x, y, height]], radius, 6)
            for x in (-half_x, half_x)
            for y in (low_y, high_y)
        ]
    )


def wood(draws: Draws) -> Shading:
    """Wood with a grain, or painted white or black."""
    name = draws.pick(
        "wood", {**{str(k): 1.0 for k in range(len(WOODS))}, "white": 1.6, "black": 0.7}
    )
    if name in ("white", "black"):
        color = np.array(WHITE if name == "white" else BLACK)
        return {"kind": "plain", "color": color, "roughness": draws.uniform("gloss", 0.25, 0.6)}
    color = np.array(WOODS[int(name)]) * draws.uniform("light", 0.75, 1.25)
    return {"kind": "wood", "color": color, "roughness": draws.uniform("gloss", 0.3, 0.7)}


def fabric(draws: Draws, *, patterns: bool = False, dark: float = 1.0) -> Shading:
    """Upholstery, curtains and cushions."""
    plain = {"plain": 0.7, "melange": 0.3}
    own = draw_fabric(draws, None if patterns else plain, dark=dark)
    return {"kind": "cloth", **own}


def colored(draws: Draws) -> Shading:
    """Something painted or of plastic."""
    color = cloth_color(draws)
    return {"kind": "plain", "color": color, "roughness": draws.uniform("roughness", 0.2, 0.8)}


def metal(draws: Draws) -> Shading:
    """Steel, brass or black metal."""
    name = draws.pick("metal", {"steel": 2, "brass": 0.7, "black": 1.5, "white": 0.7})
    color = {
        "steel": (0.5, 0.5, 0.5),
        "brass": (0.6, 0.42, 0.15),
        "black": BLACK,
        "white": WHITE,
    }[name]
    bright = name in ("steel", "brass")
    return {
        "kind": "plain",
        "color": np.array(color),
        "roughness": draws.uniform("roughness", 0.2, 0.5),
        "metallic": 1.0 if bright else 0.0,
    }


def plain(color: Sequence[float] | Array, roughness: float = 0.5, metallic: float = 0.0) -> Shading:
    """One colour."""
    return {
        "kind": "plain",
        "color": np.asarray(color, float),
        "roughness": roughness,
        "metallic": metallic,
    }


def glow(color: Sequence[float] | Array, strength: float) -> Shading:
    """Something that shines."""
    return {"kind": "glow", "color": np.asarray(color, float), "strength": strength}
