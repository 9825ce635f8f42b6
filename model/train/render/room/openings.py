"""Windows with curtains and blinds, and doors: holes in the walls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array, Z, rotation
from ..geometry.shapes import Shape, merge, tube
from ..things.piece import (
    WHITE,
    Piece,
    Shading,
    Thing,
    block,
    colored,
    fabric,
    metal,
    plain,
    sheet,
    wood,
)
from .layout import Room

THICK_M = 0.14


@dataclass(frozen=True, eq=False)
class Opening:
    """A window that lets light in."""

    middle: Array
    """(3,)."""
    inward: Array
    """(3,) unit vector into the room."""
    wide_m: float
    high_m: float


def _curtain(draws: Draws, width: float, high: float, shading: Shading) -> Piece:
    """A curtain with folds, its upper left corner at the origin."""
    columns = max(8, int(width * 70))
    x = np.linspace(0, width, columns)
    fold = draws.uniform("fold", 0.05, 0.12)
    z = np.linspace(0, -high, 6)
    phase = draws.uniform("phase", 0, 6)
    wave = np.sin(2 * np.pi * x / fold + phase + 0.7 * np.sin(x * 9)) * 0.035
    grid = np.stack(
        [
            np.broadcast_to(x, (6, columns)),
            -0.07 + wave[None] * np.linspace(0.7, 1.1, 6)[:, None],
            np.broadcast_to(z[:, None], (6, columns)),
        ],
        -1,
    )
    return Piece(sheet(grid), shading, True)


def _dressing(
    draws: Draws, wide: float, high: float, low: float, daylight: float
) -> tuple[Thing, str | None]:
    """Curtains or blinds of a window; its origin is the middle of its sill."""
    d, half = draws, wide / 2
    kind = d.pick(
        "dressing", {"none": 1.2, "curtains": 1.6, "sheer": 0.7, "blinds": 1.0, "roller": 0.5}
    )
    if kind == "none":
        return [], None
    thing: Thing = []
    if kind in ("curtains", "sheer"):
        top = high + 0.12
        tall = top + low - 0.02 if d.chance("to the floor", 0.6) else top + 0.1
        cloth = fabric(d.under("curtain"), patterns=d.chance("patterns", 0.3))
        part = d.uniform("part", 0.12, 0.5) * wide
        if kind == "sheer":
            net = {"kind": "sheer", "color": np.array([0.75, 0.75, 0.73])}
            whole = _curtain(d.under("sheer"), wide + 0.2, tall, net)
            thing += [
                Piece(
                    Shape(whole.shape.vertices + [-half - 0.1, 0.04, top], whole.shape.faces),
                    net,
                    True,
                )
            ]
        if kind == "curtains" or d.chance("both", 0.5):
            for side in (-1, 1):
                one = _curtain(d.under(f"side {side}"), part, tall, cloth)
                x = -half - 0.15 if side < 0 else half + 0.15 - part
                thing.append(
                    Piece(Shape(one.shape.vertices + [x, -0.02, top], one.shape.faces), cloth, True)
                )
        rod = tube([[-half - 0.22, -0.07, top], [half + 0.22, -0.07, top]], 0.012, 8)
        thing.append(Piece(rod, metal(d.under("rod")), True))
    elif kind == "blinds":
        shade = colored(d.under("blinds")) if d.chance("coloured", 0.25) else plain(WHITE, 0.5)
        down = high * d.uniform("down", 0.4, 1.0)
        tilt = d.uniform("tilt", 0.1, 1.2)
        slats = []
        for z in np.arange(0.02, down, 0.032):
            slat = block([-half, -0.017, -0.001], [half, 0.017, 0.001])
            turned = slat.vertices @ rotation([1, 0, 0], tilt).T
            slats.append(Shape(turned + [0, -0.03, high - z], slat.faces))
        thing.append(Piece(merge(slats), shade))
    else:
        down = high * d.uniform("down", 0.25, 0.95)
        color = np.array(WHITE) * d.rng("roller").uniform(0.4, 1.0, 3)
        if d.chance("dark roller", 0.25):
            color = colored(d.under("roller"))["color"]
        # Daylight shines through.
        cloth = {
            "kind": "blind",
            "color": color,
            "strength": daylight * d.uniform("through", 0.02, 0.12),
        }
        thing.append(Piece(block([-half, -0.02, high - down], [half, -0.015, high]), cloth))
    return thing, kind if kind in ("curtains", "blinds") else "curtains"


def add_window(
    draws: Draws, room: Room, outside: Shading
) -> tuple[Thing, Opening, list[str]] | None:
    """A window in a wall that is seen, or None where there is no place."""
    d = draws
    large = d.chance("large", 0.3)
    for k in range(14):
        own = d.under(f"place {k}")
        wall, u = room.look_at_wall(own)
        wide = own.uniform("wide/large", 1.6, 3.2) if large else own.uniform("wide", 0.6, 1.6)
        low = own.uniform("low/large", 0.05, 0.7) if large else own.uniform("low", 0.75, 1.1)
        high = min(
            wall.height_m - own.uniform("above", 0.15, 0.4), low + own.uniform("high", 0.9, 2.2)
        )
        if high - low < 0.6 or not wall.free(
            u - wide / 2 - 0.2, u + wide / 2 + 0.2, low, high, 0.1
        ):
            continue
        hole = (u - wide / 2, u + wide / 2, low, high)
        wall.holes.append(hole)
        wall.taken.append((hole[0] - 0.2, hole[1] + 0.2, low - 0.05, high + 0.15))
        thing = _window(d.under("window"), wide, high - low)
        view = 1.5
        x, z = wide / 2 + view, (high - low) / 2
        y = THICK_M + 0.6
        corners = np.array(
            [[-x, y, -view], [x, y, -view], [x, y, 2 * z + view], [-x, y, 2 * z + view]]
        )
        rest = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], float)
        thing.append(Piece(Shape(corners, [[0, 1, 2, 3]]), outside, rest=rest))
        dressing, kind = _dressing(
            d.under("dressing"), wide, high - low, low, float(outside.get("strength", 0.0))
        )
        placed = wall.world([*thing, *dressing], u, low)
        inward = rotation(Z, wall.yaw) @ np.array([0.0, -1.0, 0.0])
        opening = Opening(wall.point(u, (low + high) / 2), inward, wide, high - low)
        return placed, opening, ["window", *([kind] if kind else [])]
    return None


def _window(draws: Draws, wide: float, high: float) -> Thing:
    """Frame, bars, reveal and sill; the origin is the middle of the sill."""
    d, half = draws, wide / 2
    white = plain(np.array(WHITE), 0.4) if d.chance("white", 0.7) else wood(d.under("frame"))
    t, y0, y1 = d.uniform("bar", 0.03, 0.06), 0.06, 0.11
    bars = [
        block([-half, y0, 0], [half, y1, t]),
        block([-half, y0, high - t], [half, y1, high]),
        block([-half, y0, 0], [-half + t, y1, high]),
        block([half - t, y0, 0], [half, y1, high]),
    ]
    columns = max(1, round(wide / d.uniform("column", 0.6, 1.4)))
    for c in range(1, columns):
        x = -half + c * wide / columns
        bars.append(block([x - t / 2, y0, 0], [x + t / 2, y1, high]))
    rows = d.integer("rows", 1, 3) if d.chance("rows", 0.3) else 1
    for r in range(1, rows):
        z = r * high / rows
        bars.append(block([-half, y0, z - t / 3], [half, y1, z + t / 3]))
    reveal = [
        block([-half - 0.01, 0, -0.01], [-half, THICK_M, high + 0.01]),
        block([half, 0, -0.01], [half + 0.01, THICK_M, high + 0.01]),
        block([-half, 0, high], [half, THICK_M, high + 0.01]),
    ]
    sill = block([-half - 0.03, -0.05, -0.03], [half + 0.03, THICK_M, 0])
    return [Piece(merge(bars), white), Piece(merge(reveal), plain(WHITE, 0.8)), Piece(sill, white)]


def add_door(draws: Draws, room: Room) -> tuple[Thing, list[str]] | None:
    """A door, closed or open to a dim corridor."""
    d = draws
    wide, high = d.uniform("wide", 0.72, 0.95), d.uniform("high", 1.95, 2.12)
    for k in range(14):
        wall, u = room.look_at_wall(d.under(f"place {k}"))
        if not wall.free(u - wide / 2 - 0.1, u + wide / 2 + 0.1, 0, high + 0.08):
            continue
        half = wide / 2
        wall.taken.append((u - half - 0.1, u + half + 0.1, 0.0, high + 0.08))
        front = wall.point(u, 0) + rotation(Z, wall.yaw) @ np.array([0, -0.45, 0])
        low, top = np.minimum(front, wall.point(u, 0)), np.maximum(front, wall.point(u, 0))
        room.take(low - [0.3, 0.3, 0], top + [0.3, 0.3, 0])
        shading = plain(np.array(WHITE), 0.4) if d.chance("white", 0.55) else wood(d.under("leaf"))
        frame = [
            block([-half - 0.07, -0.02, 0], [-half, 0.02, high + 0.07]),
            block([half, -0.02, 0], [half + 0.07, 0.02, high + 0.07]),
            block([-half, -0.02, high], [half, 0.02, high + 0.07]),
        ]
        thing = [Piece(merge(frame), shading)]
        leaf = [block([-half, -0.005, 0.005], [half, 0.03, high])]
        for z0, z1 in ((0.12, 0.45), (0.5, 0.94)) if d.chance("panels", 0.6) else ():
            for s in (-1, 1) if d.chance("two", 0.5) else (0,):
                x0 = -half * 0.8 if s == 0 else (-half * 0.85 if s < 0 else half * 0.08)
                x1 = half * 0.8 if s == 0 else (-half * 0.08 if s < 0 else half * 0.85)
                leaf.append(block([x0, -0.015, z0 * high], [x1, 0.0, z1 * high]))
        handle = [
            block([half - 0.17, -0.06, 1.02], [half - 0.05, -0.045, 1.04]),
            block([half - 0.07, -0.05, 1.02], [half - 0.05, 0, 1.04]),
        ]
        door = [Piece(merge(leaf), shading), Piece(merge(handle), metal(d.under("handle")))]
        tags = ["door"]
        if d.chance("open", 0.3):
            wall.holes.append((u - half, u + half, 0.0, high))
            angle = d.uniform("angle", 0.6, 1.5)
            turn = rotation(Z, angle)
            hinge = np.array([-half, 0.03, 0])
            door = [
                Piece(Shape((p.shape.vertices - hinge) @ turn.T + hinge, p.shape.faces), p.shading)
                for p in door
            ]
            dim = plain(np.array(WHITE) * d.uniform("corridor", 0.05, 0.8), 0.9)
            beyond = [
                block([-half - 0.6, 1.3, -0.02], [half + 0.6, 1.32, high + 0.3]),
                block([-half - 0.62, 0.03, -0.02], [-half - 0.6, 1.3, high + 0.3]),
                block([half + 0.6, 0.03, -0.02], [half + 0.62, 1.3, high + 0.3]),
                block([-half - 0.6, 0.03, -0.03], [half + 0.6, 1.3, -0.01]),
                block([-half - 0.6, 0.03, high + 0.3], [half + 0.6, 1.3, high + 0.32]),
            ]
            thing.append(Piece(merge(beyond), dim))
            tags = ["open door"]
        return wall.world([*thing, *door], u), tags
    return None
