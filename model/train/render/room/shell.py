"""Walls, floor and ceiling with what covers them, skirting boards, beams and rugs."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from ..clothes.fabric import cloth_color, draw_fabric
from ..draws import Draws
from ..geometry.rotations import Array, Z, rotation
from ..geometry.shapes import Shape, merge
from ..things.piece import BLACK, WHITE, Piece, Shading, Thing, block, fabric, plain, wood
from .layout import BEHIND_M, Room, Wall


def _pale(draws: Draws) -> Array:
    """A colour that walls have: mostly white and pale, at times strong or dark."""
    kind = draws.pick("paint", {"white": 3.0, "pale": 2.5, "strong": 1.0, "dark": 0.6})
    rng = draws.rng("tint")
    if kind == "white":
        return np.array(WHITE) * rng.uniform(0.8, 1.05) * rng.uniform(0.95, 1.03, 3)
    if kind == "pale":
        hue = rng.uniform(0.35, 0.75, 3)
        return np.asarray(0.5 * hue + 0.5 * hue.mean() + rng.uniform(-0.1, 0.05))
    color = cloth_color(draws.under(kind))
    return np.clip(color, 0.03, 0.6) * (0.35 if kind == "dark" else 1.0)


def wall_surface(draws: Draws, kind: str) -> Shading:
    """What a wall is covered with."""
    d, color = draws, _pale(draws)
    if kind == "wallpaper":
        paper = draw_fabric(d, {"stripes_x": 1, "check": 0.4, "dots": 0.6, "blobs": 0.8})
        other = np.clip(color * d.rng("second").uniform(0.5, 1.1, 3), 0.02, 0.8)
        return {
            "kind": "wallpaper",
            **paper,
            "color": color,
            "second": other,
            "third": other * 0.7,
            "scale": d.uniform("pattern", 0.5, 2.5),
        }
    if kind == "brick":
        red = np.array([0.28, 0.1, 0.06]) * d.rng("brick").uniform(0.6, 1.5, 3)
        if d.chance("painted", 0.4):
            red = color
        mortar = red * 0.9 if d.chance("same", 0.4) else np.array([0.45, 0.43, 0.4])
        return {
            "kind": "tiles",
            "color": red,
            "second": red * d.uniform("other", 0.5, 0.9),
            "mortar": mortar,
            "size_m": (0.24, 0.075),
            "roughness": 0.85,
            "offset": 0.5,
            "bump": 0.5,
        }
    if kind in ("wall tiles", "floor tiles"):
        size = (
            d.uniform("size", 0.1, 0.25)
            if kind == "wall tiles"
            else d.uniform("size/floor", 0.25, 0.6)
        )
        color = color if kind == "wall tiles" else color * d.uniform("floor", 0.25, 0.9)
        high = size * (d.uniform("flat", 0.4, 0.6) if d.chance("oblong", 0.4) else 1.0)
        return {
            "kind": "tiles",
            "color": color,
            "second": color * d.uniform("other", 0.85, 1.0),
            "mortar": np.array([0.4, 0.39, 0.37]),
            "size_m": (size, high),
            "bump": 0.2,
            "roughness": d.uniform("gloss", 0.1, 0.5),
            "offset": 0.5 if d.chance("bond", 0.3) else 0.0,
        }
    if kind in ("planks", "panels"):
        brown = np.array([0.36, 0.22, 0.12]) * d.uniform("light", 0.35, 1.5)
        brown *= d.rng("tint/wood").uniform(0.9, 1.1, 3)
        if d.chance("painted wood", 0.25):
            brown = color
        sides = (0.14, 3.0) if kind == "panels" else (1.4, d.uniform("plank", 0.09, 0.2))
        return {
            "kind": "planks",
            "color": brown,
            "second": brown * d.uniform("other", 0.6, 0.95),
            "mortar": brown * 0.3,
            "size_m": sides,
            "roughness": d.uniform("gloss", 0.25, 0.6),
            "offset": 0.37,
            "bump": 0.15,
        }
    if kind == "concrete":
        return {
            "kind": "stone",
            "color": np.array([0.3, 0.29, 0.28]) * d.uniform("light", 0.6, 1.6),
            "scale": d.uniform("scale", 0.2, 0.6),
            "roughness": 0.8,
        }
    if kind == "carpet":
        return {"kind": "carpet", "color": np.clip(cloth_color(d.under("carpet")), 0.02, 0.5)}
    if kind == "foam":
        return {
            "kind": "tiles",
            "color": np.array([0.02] * 3),
            "second": np.array([0.035] * 3),
            "mortar": np.array(BLACK) * 0.4,
            "size_m": (0.3, 0.05),
            "roughness": 0.95,
            "bump": 1.0,
        }
    if kind == "backdrop":
        one = {
            "green": (0.05, 0.45, 0.1),
            "grey": (0.2,) * 3,
            "white": (0.75,) * 3,
            "black": BLACK,
            "blue": (0.03, 0.12, 0.5),
        }
        return plain(one[d.pick("backdrop", list(one))], 0.9)
    if kind == "glass":
        return {
            "kind": "tiles",
            "color": np.array([0.25, 0.3, 0.3]),
            "second": np.array([0.35, 0.4, 0.4]),
            "mortar": np.array(BLACK),
            "size_m": (1.1, 2.4),
            "roughness": 0.06,
            "bump": 0.0,
        }
    return {"kind": "paint", "color": color, "roughness": d.uniform("roughness", 0.4, 0.9)}


def _wall_piece(wall: Wall, shading: Shading) -> Piece:
    """The wall as rectangles round its holes."""
    us = sorted({0.0, wall.length_m, *(h[0] for h in wall.holes), *(h[1] for h in wall.holes)})
    zs = sorted({0.0, wall.height_m, *(h[2] for h in wall.holes), *(h[3] for h in wall.holes)})
    vertices: list[list[float]] = []
    faces: list[list[int]] = []
    for u0, u1 in pairwise(us):
        for z0, z1 in pairwise(zs):
            u, z = (u0 + u1) / 2, (z0 + z1) / 2
            if any(a < u < b and c < z < e for a, b, c, e in wall.holes):
                continue
            k = len(vertices)
            vertices += [[u0, 0, z0], [u1, 0, z0], [u1, 0, z1], [u0, 0, z1]]
            faces.append([k, k + 1, k + 2, k + 3])
    local = np.array(vertices)
    points = local @ rotation(Z, wall.yaw).T + wall.start
    return Piece(Shape(points, faces), shading, rest=local[:, [0, 2, 1]] * 10)


def shell(draws: Draws, room: Room, walls: dict[str, float], floors: dict[str, float]) -> Thing:
    """Walls with their holes, floor, ceiling and skirting boards."""
    d = draws
    kind = d.pick("walls", walls)
    main = wall_surface(d.under("main wall"), kind)
    other = main
    if kind not in ("paint",) or d.chance("feature wall", 0.25):
        feature = "paint" if kind != "paint" else kind
        other = wall_surface(d.under("other wall"), feature) if d.chance("other", 0.7) else main
    thing = [
        _wall_piece(wall, main if name == "back" else other) for name, wall in room.walls.items()
    ]
    left, r, y, h = -room.left_m, room.right_m, room.depth_m, room.height_m
    corners = np.array([[left, -BEHIND_M, 0], [r, -BEHIND_M, 0], [r, y, 0], [left, y, 0]])
    floor = wall_surface(d.under("floor"), d.pick("floor", floors))
    thing.append(Piece(Shape(corners, [[0, 1, 2, 3]]), floor, rest=corners * 10))
    top = corners + [0, 0, h]
    white = plain(np.array(WHITE) * d.uniform("ceiling", 0.85, 1.05), 0.9)
    if d.chance("wooden ceiling", 0.05):
        white = wall_surface(d.under("ceiling"), "planks")
    thing.append(Piece(Shape(top, [[3, 2, 1, 0]]), white, rest=top * 10))
    if d.chance("beams", 0.05):
        ys = np.arange(0.4, y, 0.9)
        beams = [block([left, v - 0.07, h - 0.16], [r, v + 0.07, h]) for v in ys]
        if beams:
            thing.append(Piece(merge(beams), wood(d.under("beams"))))
    if d.chance("skirting", 0.7):
        board = plain(WHITE, 0.4) if d.chance("white skirting", 0.7) else wood(d.under("skirting"))
        tall = d.uniform("skirting/tall", 0.05, 0.12)
        for wall in room.walls.values():
            edges = [0.0]
            for a, b, c, _ in sorted(wall.holes):
                if c < 0.01:
                    edges += [a, b]
            edges.append(wall.length_m)
            for a, b in zip(edges[::2], edges[1::2], strict=False):
                strip = [Piece(block([a, -0.012, 0], [b, 0, tall]), board)]
                thing += wall.world(strip, 0.0)
    if d.chance("rug", 0.35):
        x, far = d.uniform("rug/x", -0.8, 0.8), d.uniform("rug/y", 0.9, max(1.0, y - 0.8))
        half_x, half_y = d.uniform("rug/wide", 0.5, 1.2), d.uniform("rug/deep", 0.4, 0.9)
        low = [max(x - half_x, left + 0.05), far - half_y, 0.0]
        high = [min(x + half_x, r - 0.05), min(far + half_y, y - 0.05), 0.012]
        thing.append(Piece(block(low, high), fabric(d.under("rug"), patterns=True)))
    return thing
