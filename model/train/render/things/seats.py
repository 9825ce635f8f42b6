"""Chairs, armchairs, sofas, stools and beds."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.rotations import X, rotation
from ..geometry.shapes import Shape, box, ellipsoid, merge, tube
from .piece import (
    BLACK,
    Piece,
    Thing,
    block,
    colored,
    fabric,
    legs,
    metal,
    plain,
    turned_shape,
    wood,
)

CHAIRS = {
    "office chair": 0.34,
    "headrest chair": 0.26,
    "gaming chair": 0.18,
    "dining chair": 0.22,
}


def _cover(draws: Draws) -> dict[str, object]:
    if draws.chance("dark", 0.5):
        return plain(
            np.array(BLACK) * draws.uniform("light", 0.7, 4), draws.uniform("gloss", 0.4, 0.9)
        )
    return fabric(draws.under("cover"))


def _back(low: float, high: float, half: float, y: float, thick: float, lean: float) -> Shape:
    """A rounded back that leans away and is curved round the sitter."""
    shape = ellipsoid(
        np.zeros(3), [half, thick, (high - low) / 2], None, around=28, along=20, power=0.35
    )
    vertices = shape.vertices.copy()
    vertices[:, 1] -= 0.02 * (vertices[:, 0] / half) ** 2
    vertices = vertices @ rotation(X, -lean).T
    return Shape(vertices + [0, y, (low + high) / 2], shape.faces)


def _star(shading: dict[str, object], seat_m: float) -> list[Piece]:
    spokes = [
        tube([[0, 0, 0.09], [0.3 * np.sin(a), 0.3 * np.cos(a), 0.05]], 0.02, 6)
        for a in np.arange(5) * 2 * np.pi / 5
    ]
    return [Piece(merge([*spokes, tube([[0, 0, 0.06], [0, 0, seat_m]], 0.025, 8)]), shading)]


def _arm_rests(shading: dict[str, object], half: float, seat_m: float) -> Piece:
    parts = []
    for side in (-1, 1):
        parts.append(box([side * (half + 0.05), 0.02, seat_m + 0.2], [0.04, 0.13, 0.015]))
        parts.append(box([side * (half + 0.05), 0.04, seat_m + 0.09], [0.015, 0.03, 0.1]))
    return Piece(merge(parts), shading)


def office_chair(draws: Draws, *, headrest: bool = False, gaming: bool = False) -> Thing:
    """A swivel chair; gaming chairs have wings, a pillow and colours."""
    d = draws
    cover, frame = _cover(d.under("cover")), plain(np.array(BLACK) * d.uniform("frame", 0.8, 3))
    seat_m, half = d.uniform("seat", 0.44, 0.54), d.uniform("half", 0.21, 0.27)
    high = seat_m + (
        d.uniform("high/gaming", 0.8, 0.92) if gaming else d.uniform("high", 0.42, 0.68)
    )
    lean = d.uniform("lean", 0.04, 0.18)
    seat = ellipsoid([0, 0, seat_m - 0.04], [half, 0.24, 0.05], power=0.4)
    mesh = not gaming and d.chance("mesh", 0.3)
    back = _back(
        seat_m + (0.02 if gaming else 0.12), high, half * 0.95, 0.2, 0.02 if mesh else 0.04, lean
    )
    thing = [Piece(seat, cover, True), Piece(back, cover, True), *_star(frame, seat_m)]
    if gaming:
        accent = colored(d.under("accent"))
        for side in (-1, 1):
            wing = ellipsoid([side * half * 0.92, 0.2, seat_m + 0.3], [0.05, 0.06, 0.24], power=0.6)
            ear = ellipsoid([side * half * 0.8, 0.24, seat_m + 0.68], [0.06, 0.05, 0.11], power=0.6)
            thing += [Piece(wing, accent, True), Piece(ear, accent, True)]
        pillow = ellipsoid([0, 0.2, high - 0.16], [0.13, 0.04, 0.06], power=0.6)
        thing.append(Piece(pillow, accent, True))
    elif headrest:
        z = high + d.uniform("headrest/z", 0.08, 0.17)
        wide, tall = d.uniform("headrest/half", 0.11, 0.17), d.uniform("headrest/tall", 0.045, 0.09)
        y = 0.22 + lean * 0.4
        rest = ellipsoid([0, y, z], [wide, 0.035, tall], power=0.45)
        post = box([0, y + 0.02, (high + z) / 2 - 0.05], [0.03, 0.012, (z - high) / 2 + 0.06])
        thing += [Piece(rest, cover, True), Piece(post, frame)]
    if gaming or d.chance("arm rests", 0.6):
        thing.append(_arm_rests(frame, half, seat_m))
    return thing


def dining_chair(draws: Draws) -> Thing:
    """A chair with four legs, its back of bars, of one board or upholstered."""
    d, wooden = draws, wood(draws.under("wood"))
    half, seat_m, high = d.uniform("half", 0.19, 0.23), 0.45, d.uniform("high", 0.8, 1.02)
    parts = [legs(half - 0.02, -0.2, 0.18, seat_m, 0.018)]
    posts = [
        tube([[s * (half - 0.02), 0.19, seat_m - 0.02], [s * (half - 0.03), 0.25, high]], 0.017, 6)
        for s in (-1, 1)
    ]
    rail = box([0, 0.245, high - 0.04], [half, 0.012, 0.045])
    thing = [Piece(merge([*parts, *posts, rail]), wooden)]
    kind = d.pick("back", ["bars", "board", "soft"])
    if kind == "bars":
        xs = np.linspace(-half * 0.6, half * 0.6, d.integer("bars", 2, 5))
        bars = [tube([[x, 0.2, seat_m], [x, 0.245, high - 0.05]], 0.01, 6) for x in xs]
        thing.append(Piece(merge(bars), wooden))
    elif kind == "board":
        thing.append(Piece(box([0, 0.235, high - 0.2], [half * 0.9, 0.01, 0.12]), wooden))
    else:
        pad = _back(seat_m + 0.1, high, half, 0.22, 0.03, 0.12)
        thing.append(Piece(pad, fabric(d.under("soft")), True))
    soft = d.chance("soft seat", 0.5)
    seat = ellipsoid([0, 0, seat_m], [half, 0.21, 0.03 if soft else 0.016], power=0.3)
    thing.append(Piece(seat, fabric(d.under("seat")) if soft else wooden, True))
    return thing


def chair(draws: Draws, kind: str) -> Thing:
    """Any of `CHAIRS`."""
    if kind == "dining chair":
        return dining_chair(draws)
    return office_chair(draws, headrest=kind == "headrest chair", gaming=kind == "gaming chair")


def sofa(draws: Draws, *, single: bool = False) -> Thing:
    """A sofa or an armchair with cushions, its back to a wall."""
    d, cover = draws, fabric(draws.under("cover"))
    wide = d.uniform("wide/single", 0.75, 0.95) if single else d.uniform("wide", 1.5, 2.4)
    high, deep = d.uniform("high", 0.72, 0.98), d.uniform("deep", 0.8, 0.95)
    half = wide / 2

    def soft(low: list[float], top: list[float]) -> Piece:
        a, b = np.array(low), np.array(top)
        return Piece(ellipsoid((a + b) / 2, (b - a) / 2, None, 28, 18, 0.25), cover, True)

    thing = [soft([-half, -0.24, 0.1], [half, 0, high])]
    thing.append(soft([-half, -deep, 0.08], [half, 0, 0.32]))
    count = 1 if single else d.integer("seats", 2, 3)
    inner = wide - 0.3
    for k in range(count):
        x = -inner / 2 + k * inner / count
        thing.append(soft([x, -deep, 0.28], [x + inner / count, -0.2, 0.46]))
        thing.append(soft([x, -0.36, 0.42], [x + inner / count, -0.14, high + 0.03]))
    for side in (-1, 1):
        x = side * (half - 0.09)
        thing.append(soft([x - 0.1, -deep, 0.1], [x + 0.1, 0, d.uniform("arms", 0.52, 0.68)]))
    for k in range(d.integer("cushions", 0, 1 if single else 4)):
        own = d.under(f"cushion {k}")
        size = own.uniform("size", 0.18, 0.25)
        turn = rotation(X, -0.25) @ rotation([0, 1, 0], own.uniform("turn", -0.3, 0.3))
        x = own.uniform("x", -inner / 2 + 0.15, inner / 2 - 0.15)
        cushion = ellipsoid([x, -0.42, 0.45 + size], [size, 0.08, size], turn, power=0.45)
        thing.append(Piece(cushion, fabric(own, patterns=True), True))
    if d.chance("blanket", 0.2):
        x = d.uniform("blanket/x", -inner / 2, inner / 2 - 0.4)
        blanket = fabric(d.under("blanket"), patterns=True)
        thing.append(
            Piece(
                ellipsoid([x + 0.2, -0.2, high - 0.1], [0.25, 0.22, 0.16], power=0.3), blanket, True
            )
        )
    return thing


def armchair(draws: Draws) -> Thing:
    """A sofa for one."""
    return sofa(draws, single=True)


def stool(draws: Draws) -> Thing:
    """A bar stool."""
    high = draws.uniform("high", 0.62, 0.78)
    seat = turned_shape([(0, high - 0.03), (0.17, high - 0.03), (0.18, high), (0, high + 0.02)])
    frame = legs(0.14, -0.14, 0.14, high, 0.013)
    cover = fabric(draws) if draws.chance("soft", 0.5) else wood(draws)
    return [Piece(seat, cover, True), Piece(frame, metal(draws.under("metal")))]


def bed(draws: Draws) -> Thing:
    """A bed with its head at a wall, pillows and a cover."""
    d = draws
    wide, high = d.uniform("wide", 0.9, 1.8), d.uniform("high", 0.42, 0.58)
    half = wide / 2
    frame = wood(d.under("frame")) if d.chance("wooden", 0.6) else fabric(d.under("frame"))
    head = block([-half - 0.04, -0.06, 0], [half + 0.04, 0, d.uniform("head", 0.75, 1.25)])
    base = block([-half, -2.0, 0.1], [half, -0.06, high - 0.18])
    sheet_color = fabric(d.under("sheet"), patterns=d.chance("patterns", 0.4))
    mattress = ellipsoid([0, -1.03, high - 0.1], [half, 0.98, 0.12], None, 28, 18, 0.25)
    thing = [
        Piece(merge([head, base]), frame),
        Piece(mattress, plain((0.7, 0.69, 0.66), 0.9), True),
        Piece(
            ellipsoid([0, -1.25, high - 0.04], [half + 0.03, 0.78, 0.13], None, 36, 22, 0.3),
            sheet_color,
            True,
        ),
    ]
    count = 1 if wide < 1.2 else 2
    for k in range(count):
        own = d.under(f"pillow {k}")
        x = 0.0 if count == 1 else (k - 0.5) * wide / 2
        turn = rotation(X, own.uniform("turn", 0.3, 1.0))
        pillow = ellipsoid([x, -0.24, high + 0.16], [0.3, 0.19, 0.09], turn, power=0.5)
        cover = sheet_color if own.chance("same", 0.5) else fabric(own)
        thing.append(Piece(pillow, cover, True))
    return thing
