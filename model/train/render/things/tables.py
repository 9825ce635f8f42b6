"""Desks with monitors and clutter, dining tables, coffee tables, rows of school desks."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.shapes import box, merge
from .flat import monitor
from .lamps import table_lamp
from .pictures import Pictures
from .piece import WHITE, Piece, Thing, block, legs, metal, moved, plain, turned_shape, wood
from .plants import bouquet, pot_plant
from .seats import dining_chair
from .small import laptop, small_thing


def _clutter(draws: Draws, half: float, low_y: float, high_y: float, z: float, most: int) -> Thing:
    thing: Thing = []
    taken: list[float] = []
    for k in range(draws.integer("clutter", 0, most)):
        own = draws.under(f"clutter {k}")
        x = own.uniform("x", -half + 0.12, half - 0.12)
        if any(abs(x - other) < 0.2 for other in taken):
            continue
        taken.append(x)
        kind = own.pick("kind", {"small": 4, "plant": 0.8, "lamp": 0.6, "flowers": 0.4})
        made = {
            "small": lambda own=own: small_thing(own, leave=("ball",))[1],
            "plant": lambda own=own: pot_plant(own),
            "lamp": lambda own=own: table_lamp(own),
            "flowers": lambda own=own: bouquet(own),
        }[kind]()
        thing += moved(
            made, [x, own.uniform("y", low_y, high_y), z], own.uniform("turn", -0.6, 0.6)
        )
    return thing


def desk(draws: Draws, pictures: Pictures) -> Thing:
    """A desk at a wall with a monitor or a laptop on it."""
    d = draws
    half, deep, high = d.uniform("half", 0.5, 0.9), d.uniform("deep", 0.55, 0.75), 0.73
    top = Piece(block([-half, -deep, high - 0.03], [half, 0, high]), wood(d.under("top")))
    frame = metal(d.under("legs")) if d.chance("metal", 0.6) else wood(d.under("top"))
    thing = [top, Piece(legs(half - 0.05, -deep + 0.05, -0.05, high, 0.022), frame)]
    if d.chance("drawers", 0.4):
        x = d.sign("drawers/side") * (half - 0.22)
        thing.append(
            Piece(
                block([x - 0.19, -deep + 0.05, 0.1], [x + 0.19, -0.05, 0.6]), wood(d.under("top"))
            )
        )
    kind = d.pick("screen", {"one": 1.2, "two": 0.6, "laptop": 0.6, "none": 0.4})
    if kind in ("one", "two"):
        for k in range(1 if kind == "one" else 2):
            x = 0.0 if kind == "one" else (k - 0.5) * 0.62
            screen = monitor(d.under(f"monitor {k}"), pictures)
            thing += moved(screen, [x, -deep * 0.35, high], 0 if kind == "one" else (0.5 - k) * 0.3)
        keys = block([-0.22, -deep + 0.08, high], [0.22, -deep + 0.22, high + 0.015])
        thing.append(Piece(keys, wood(d.under("keys"))))
    elif kind == "laptop":
        thing += moved(laptop(d.under("laptop")), [0, -deep * 0.5, high], 3.0)
    thing += _clutter(d, half, -deep * 0.5, -0.15, high, 4)
    return thing


def table(draws: Draws) -> Thing:
    """A dining or meeting table, square or round, with things on it."""
    d, top = draws, wood(draws.under("top"))
    high = 0.74
    if d.chance("round", 0.35):
        r = d.uniform("radius", 0.35, 0.6)
        plate = turned_shape([(0, high - 0.03), (r, high - 0.03), (r, high), (0, high)], 36)
        foot = turned_shape(
            [(0, 0), (r * 0.6, 0), (r * 0.55, 0.02), (0.04, 0.05), (0.04, high), (0, high)]
        )
        thing = [Piece(plate, top), Piece(foot, metal(d.under("foot")), True)]
        half, deep = r * 0.7, r * 0.5
    else:
        half, deep = d.uniform("half", 0.4, 0.95), d.uniform("deep", 0.35, 0.5)
        thing = [
            Piece(block([-half, -deep, high - 0.035], [half, deep, high]), top),
            Piece(legs(half - 0.06, -deep + 0.06, deep - 0.06, high, 0.028), top),
        ]
    return [*thing, *_clutter(d, half, -deep * 0.5, deep * 0.5, high, 4)]


def coffee_table(draws: Draws) -> Thing:
    """A low table."""
    d, top = draws, wood(draws.under("top"))
    half, deep, high = (
        d.uniform("half", 0.35, 0.6),
        d.uniform("deep", 0.25, 0.4),
        d.uniform("high", 0.32, 0.48),
    )
    thing = [
        Piece(block([-half, -deep, high - 0.03], [half, deep, high]), top),
        Piece(legs(half - 0.04, -deep + 0.04, deep - 0.04, high, 0.018), top),
    ]
    return [*thing, *_clutter(d, half, -deep * 0.5, deep * 0.5, high, 3)]


def school_desks(draws: Draws) -> Thing:
    """A row of school desks with chairs, seen from the front."""
    d = draws
    top, frame = wood(d.under("top")), metal(d.under("frame"))
    count = d.integer("count", 2, 4)
    thing: Thing = []
    seat = dining_chair(d.under("chair"))
    for k in range(count):
        x = (k - (count - 1) / 2) * 1.05
        plate = Piece(box([x, 0, 0.72], [0.42, 0.26, 0.012]), top)
        thing.append(plate)
        thing += moved([Piece(legs(0.38, -0.22, 0.22, 0.72, 0.014), frame)], [x, 0, 0])
        thing += moved(
            seat, [x + d.uniform(f"x {k}", -0.1, 0.1), 0.45, 0], d.normal(f"turn {k}", 0, 0.2)
        )
    return thing


def bench(draws: Draws) -> Thing:
    """A bench along a wall, of a cafe or a corridor."""
    half = draws.uniform("half", 0.5, 1.3)
    seat = block([-half, -0.45, 0.38], [half, 0, 0.46])
    back = block([-half, -0.08, 0.46], [half, 0, draws.uniform("back", 0.5, 1.0)])
    feet = [block([x - 0.04, -0.4, 0], [x + 0.04, -0.05, 0.38]) for x in (-half + 0.1, half - 0.1)]
    return [Piece(merge([seat, back, *feet]), wood(draws.under("wood")))]


def piano(draws: Draws) -> Thing:
    """An upright piano."""
    black = draws.chance("black", 0.6)
    shade = (
        {"kind": "plain", "color": np.array([0.008] * 3), "roughness": 0.12}
        if black
        else wood(draws)
    )
    body = [block([-0.74, -0.3, 0], [0.74, 0, 1.2]), block([-0.74, -0.58, 0.6], [0.74, -0.3, 0.68])]
    keys = block([-0.66, -0.57, 0.68], [0.66, -0.42, 0.71])
    return [Piece(merge(body), shade), Piece(keys, plain(WHITE, 0.3))]
