"""Plants in pots: broad leaves, long leaves, hanging ones that look like hair, cacti, bouquets."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array, unit
from ..geometry.shapes import Shape, ellipsoid, merge, tube
from .piece import Piece, Thing, colored, moved, scaled, sheet, turned_shape
from .small import vase

KINDS = {"broad": 1.2, "long": 1.2, "fern": 0.8, "cactus": 0.4, "tree": 0.6}


def _leaf(base: Array, way: Array, length: float, width: float, droop: float) -> Shape:
    """A leaf from its base along a direction, bent down by its weight."""
    t = np.linspace(0, 1, 6)
    side = unit(np.cross(way, [0, 0, 1.0]) + 1e-6)
    middle = base + way * (t * length)[:, None]
    middle[:, 2] -= droop * length * t**2
    half = width * np.sin(np.pi * np.clip(t * 0.93 + 0.07, 0, 1)) ** 0.8
    fold = np.array([0, 0, 0.3])
    return sheet(
        np.stack(
            [
                middle - side * half[:, None],
                middle - fold * half[:, None] * 0.5,
                middle + side * half[:, None],
            ],
            1,
        )
    )


def _pot(draws: Draws, radius: float, height: float) -> Piece:
    shape = turned_shape(
        [
            (0, 0),
            (radius * 0.75, 0),
            (radius, height),
            (radius * 0.9, height),
            (radius * 0.85, height * 0.85),
            (0, height * 0.85),
        ]
    )
    return Piece(shape, colored(draws), True)


def _green(draws: Draws) -> dict[str, object]:
    color = np.array([0.06, 0.14, 0.03]) * draws.uniform("light", 0.5, 1.6)
    color *= draws.rng("tint").uniform(0.8, 1.25, 3)
    if draws.chance("dry or red", 0.1):
        color = np.array([0.2, 0.09, 0.04]) * draws.uniform("dry", 0.6, 1.6)
    return {"kind": "leaf", "color": color}


def _crown(draws: Draws, kind: str, size: float) -> list[Shape]:
    """Leaves of a crown whose stalks begin at the origin."""
    rng = draws.rng("leaves")
    shapes = []
    count = {"broad": 16, "long": 26, "fern": 60, "tree": 70}[kind]
    for _ in range(round(count * rng.uniform(0.7, 1.3))):
        azimuth, height = rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 1.3)
        way = np.array(
            [np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)]
        )
        if kind == "broad":
            reach = size * rng.uniform(0.4, 0.8)
            shapes.append(tube(np.array([np.zeros(3), way * reach]), 0.004, 5))
            out = unit(way * [1, 1, 0.2])
            shapes.append(_leaf(way * reach, out, size * rng.uniform(0.3, 0.5), size * 0.14, 0.6))
        elif kind == "long":
            shapes.append(
                _leaf(
                    np.zeros(3),
                    way,
                    size * rng.uniform(0.6, 1.1),
                    size * 0.03,
                    rng.uniform(0.1, 0.8),
                )
            )
        elif kind == "fern":
            shapes.append(
                _leaf(
                    np.zeros(3),
                    way,
                    size * rng.uniform(0.4, 0.9),
                    size * 0.02,
                    rng.uniform(0.4, 1.3),
                )
            )
        else:
            place = way * size * rng.uniform(0.2, 0.7) * [0.8, 0.8, 1]
            out = unit(rng.normal(size=3) * [1, 1, 0.4])
            shapes.append(_leaf(place, out, size * rng.uniform(0.14, 0.25), size * 0.05, 0.3))
    return shapes


def pot_plant(draws: Draws) -> Thing:
    """A plant of a few decimetres in a pot."""
    d = draws
    kind = d.pick("kind", {**KINDS, "tree": 0.0})
    size = d.uniform("size", 0.16, 0.34)
    radius, height = d.uniform("pot", 0.05, 0.09), d.uniform("pot/high", 0.08, 0.14)
    pot = _pot(d.under("pot"), radius, height)
    if kind == "cactus":
        body = ellipsoid([0, 0, height + size * 0.35], [size * 0.2, size * 0.2, size * 0.5])
        return [pot, Piece(body, _green(d), True)]
    crown = [Piece(merge(_crown(d, kind, size)), _green(d), True)]
    return [pot, *moved(crown, [0, 0, height * 0.85])]


def floor_plant(draws: Draws) -> Thing:
    """A plant as tall as a person, in a pot on the floor."""
    d = draws
    kind = d.pick("kind", {"broad": 1, "long": 1, "tree": 1.2, "fern": 0.3})
    size = d.uniform("size", 0.5, 0.95)
    radius, height = d.uniform("pot", 0.13, 0.22), d.uniform("pot/high", 0.22, 0.42)
    stem = d.uniform("stem", 0.3, 0.9) if kind == "tree" else d.uniform("stem/short", 0.0, 0.25)
    thing = [_pot(d.under("pot"), radius, height)]
    thing += moved(
        [Piece(merge(_crown(d, kind, size)), _green(d), True)], [0, 0, height + stem - 0.05]
    )
    if stem > 0.05:
        trunk = tube(
            [
                [0, 0, height * 0.8],
                [0.02, 0, height + stem / 2],
                [0, 0, height + stem + size * 0.3],
            ],
            0.018,
            8,
        )
        thing.append(
            Piece(
                trunk,
                {"kind": "wood", "color": np.array([0.2, 0.12, 0.06]), "roughness": 0.8},
                True,
            )
        )
    return thing


def hair_plant(draws: Draws) -> Thing:
    """A plant whose thin leaves hang over a round pot as hair over a head: a hard negative."""
    d = draws
    rng = d.rng("strands")
    radius = d.uniform("radius", 0.09, 0.13)
    pot = ellipsoid([0, 0, radius * 1.2], [radius, radius, radius * 1.25], None, 28, 18)
    skin = d.chance("skin-coloured", 0.5)
    color = np.array([0.5, 0.3, 0.2]) * d.uniform("light", 0.5, 1.3)
    shapes = []
    long = d.uniform("long", 0.9, 2.4)
    for _ in range(360):
        azimuth, polar = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.9)
        way = np.array(
            [np.cos(azimuth) * np.sin(polar), np.sin(azimuth) * np.sin(polar), np.cos(polar)]
        )
        t = np.linspace(0, 1, 6)[:, None]
        out = way * [1.12, 1.12, 1.3] * radius
        out = out + unit(way * [1, 1, 0]) * t * radius * rng.uniform(0.1, 0.75)
        points = (
            out + [0, 0, radius * 1.2] + np.array([0, 0, 1.0]) * (0.35 * t - long * t**2) * radius
        )
        shapes.append(tube(points, np.linspace(0.004, 0.0015, 6), 4))
    strands = _green(d)
    if d.chance("as hair", 0.4):
        strands = {
            "kind": "leaf",
            "color": np.array([0.06, 0.035, 0.02]) * d.uniform("hair", 0.3, 3),
        }
    shading = (
        {"kind": "plain", "color": color, "roughness": 0.6} if skin else colored(d.under("pot"))
    )
    return [Piece(pot, shading, True), Piece(merge(shapes), strands, True)]


def bouquet(draws: Draws) -> Thing:
    """Flowers in a vase."""
    d, rng = draws, draws.rng("flowers")
    holder = vase(d.under("vase"))
    top = max(float(piece.shape.vertices[:, 2].max()) for piece in holder)
    stalks, heads = [], []
    for _ in range(d.integer("count", 5, 14)):
        end = np.array([*rng.normal(0, 0.07, 2), rng.uniform(0.12, 0.26)])
        stalks.append(tube(np.array([np.zeros(3), end]), 0.003, 4))
        heads.append(ellipsoid(end, [0.03, 0.03, 0.022], None, 10, 8))
    flowers = [
        Piece(merge(stalks), _green(d)),
        Piece(merge(heads), colored(d.under("heads")), True),
    ]
    return [*holder, *moved(scaled(flowers, d.uniform("size", 0.8, 1.5)), [0, 0, top * 0.9])]
