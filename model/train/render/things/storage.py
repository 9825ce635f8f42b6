"""Shelves with books and clutter, cabinets, wardrobes, kitchens, partitions and racks."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.shapes import merge, tube
from .piece import Piece, Thing, block, colored, metal, moved, plain, wood
from .plants import pot_plant
from .small import books, folders, pile, small_thing


def _fill(draws: Draws, wide: float, high: float, deep: float) -> Thing:
    """What stands in one compartment of a shelf; its middle at 0, its back at y = 0."""
    kind = draws.pick(
        "fill", {"books": 3, "half": 1.5, "things": 1.5, "folders": 0.4, "boxes": 0.7, "empty": 0.5}
    )
    if kind == "books":
        return books(draws, wide * 0.96, high, deep)
    if kind == "folders" and high > 0.3:
        return folders(draws, wide * 0.96, high)
    if kind == "half":
        part = wide * draws.uniform("part", 0.3, 0.6)
        side = draws.sign("side")
        thing = moved(books(draws, part, high, deep), [side * (wide - part) / 2 * 0.95, 0, 0])
        rest = wide - part
        if rest > 0.14:
            small = _fitting(draws.under("rest"), rest, high)
            thing += moved(small, [-side * (wide - rest) / 2, -deep * 0.5, 0])
        return thing
    if kind == "boxes":
        shade = colored(draws)
        count = max(1, round(wide / 0.32))
        step = wide / count
        shapes = [
            block(
                [-wide / 2 + k * step + 0.01, -deep * 0.95, 0],
                [-wide / 2 + (k + 1) * step - 0.01, 0, high * 0.7],
            )
            for k in range(count)
        ]
        return [Piece(merge(shapes), shade)]
    if kind == "things":
        thing = []
        for k in range(draws.integer("count", 1, max(1, int(wide / 0.22)))):
            own = draws.under(f"thing {k}")
            x = own.uniform("x", -wide / 2 + 0.1, wide / 2 - 0.1) if wide > 0.25 else 0.0
            thing += moved(_fitting(own, wide, high), [x, -deep * 0.5, 0])
        return thing
    return []


def _fitting(draws: Draws, wide: float, high: float) -> Thing:
    """Clutter made small enough for a compartment."""
    if high > 0.2 and draws.chance("plant", 0.15):
        thing = pot_plant(draws)
    else:
        thing = small_thing(draws, leave=("laptop", "ball") if wide < 0.35 else ("laptop",))[1]
    points = np.concatenate([piece.shape.vertices for piece in thing])
    size = points.max(0) - points.min(0)
    factor = min(1.0, 0.92 * high / size[2], 0.9 * wide / size[0], 0.3 / size[1])
    shrunk = [
        Piece(
            piece.shape._replace(vertices=piece.shape.vertices * factor),
            piece.shading,
            piece.smooth,
        )
        for piece in thing
    ]
    return shrunk


def shelf(draws: Draws) -> Thing:
    """A bookcase: open, of cubes or of boards on posts."""
    d, shading = draws, wood(draws.under("wood"))
    wide, deep = d.uniform("wide", 0.5, 1.5), d.uniform("deep", 0.24, 0.36)
    high = d.uniform("high", 0.8, 2.2)
    rows = max(2, round(high / d.uniform("step", 0.29, 0.42)))
    columns = max(1, round(wide / d.uniform("column", 0.33, 0.8)))
    open_back = d.chance("open back", 0.35)
    posts = d.chance("posts", 0.2)
    t, half = 0.011, wide / 2
    step, cell = high / rows, wide / columns
    boards = [block([-half, -deep, k * step - t], [half, 0, k * step + t]) for k in range(rows + 1)]
    if posts:
        frame = [
            block([x - 0.012, y - 0.012, 0], [x + 0.012, y + 0.012, high])
            for x in (-half, half)
            for y in (-deep, -0.01)
        ]
        thing = [Piece(merge(boards), shading), Piece(merge(frame), metal(d.under("posts")))]
    else:
        walls = [
            block([-half + c * cell - t, -deep, 0], [-half + c * cell + t, 0, high])
            for c in range(columns + 1)
        ]
        thing = [Piece(merge([*boards, *walls]), shading)]
    if not open_back:
        thing.append(Piece(block([-half, -0.006, 0], [half, 0, high]), shading))
    for row in range(rows):
        for column in range(columns):
            own = d.under(f"cell {row} {column}")
            x, z = -half + (column + 0.5) * cell, row * step + t
            thing += moved(_fill(own, cell - 0.03, step - 0.03, deep - 0.02), [x, 0, z])
    for k in range(d.integer("on top", 0, 2)):
        own = d.under(f"top {k}")
        x = own.uniform("x", -half + 0.12, half - 0.12)
        thing += moved(_fitting(own, 0.4, 0.4), [x, -deep / 2, high + t])
    return thing


def wall_board(draws: Draws) -> Thing:
    """One or two boards on a wall with things on them; hangs: its lowest board is at z = 0."""
    d, shading = draws, wood(draws.under("wood"))
    wide = d.uniform("wide", 0.5, 1.3)
    thing: Thing = []
    for k in range(d.integer("boards", 1, 2)):
        z = k * 0.36
        thing.append(Piece(block([-wide / 2, -0.22, z - 0.014], [wide / 2, 0, z + 0.014]), shading))
        thing += moved(_fill(d.under(f"board {k}"), wide * 0.9, 0.3, 0.2), [0, 0, z + 0.014])
    return thing


def cabinet(draws: Draws) -> Thing:
    """A sideboard, chest or wardrobe with doors or drawers, clutter on top of low ones."""
    d, shading = draws, wood(draws.under("wood"))
    tall = d.chance("wardrobe", 0.35)
    wide = d.uniform("wide", 0.8, 1.9)
    high = d.uniform("high/tall", 1.8, 2.3) if tall else d.uniform("high", 0.5, 1.0)
    deep, half = (0.55 if tall else 0.42), wide / 2
    thing = [Piece(block([-half, -deep, 0.05], [half, 0, high]), shading)]
    columns = max(1, round(wide / 0.5))
    rows = 1 if tall or d.chance("doors", 0.4) else d.integer("drawers", 2, 4)
    fronts, knobs = [], []
    for c in range(columns):
        for r in range(rows):
            x0, x1 = -half + c * wide / columns + 0.006, -half + (c + 1) * wide / columns - 0.006
            z0, z1 = 0.06 + r * (high - 0.08) / rows, 0.05 + (r + 1) * (high - 0.08) / rows
            fronts.append(block([x0, -deep - 0.018, z0], [x1, -deep, z1]))
            x = (x0 + x1) / 2 if rows > 1 else (x1 - 0.05 if c % 2 == 0 else x0 + 0.05)
            z = (z0 + z1) / 2
            knobs.append(
                block([x - 0.04, -deep - 0.04, z - 0.006], [x + 0.04, -deep - 0.018, z + 0.006])
            )
    thing += [Piece(merge(fronts), shading), Piece(merge(knobs), metal(d.under("knobs")))]
    if not tall:
        for k in range(d.integer("on top", 0, 4)):
            own = d.under(f"top {k}")
            x = own.uniform("x", -half + 0.15, half - 0.15)
            thing += moved(_fitting(own, 0.5, 0.5), [x, -deep / 2, high])
    return thing


def kitchen(draws: Draws) -> Thing:
    """A row of kitchen units with a worktop, a splashback, upper cabinets and a hood or an oven."""
    d = draws
    fronts, top = wood(d.under("fronts")), wood(d.under("top"))
    if d.chance("stone top", 0.5):
        top = {
            "kind": "marble",
            "color": np.array([0.5] * 3) * d.uniform("top/light", 0.1, 1.4),
            "second": np.array([0.2] * 3),
            "roughness": 0.2,
        }
    units = d.integer("units", 3, 6)
    half = units * 0.3
    base = [block([-half, -0.58, 0.1], [half, 0, 0.86])]
    front, knobs = [], []
    for k in range(units):
        x0, x1 = -half + 0.6 * k + 0.005, -half + 0.6 * (k + 1) - 0.005
        front.append(block([x0, -0.6, 0.12], [x1, -0.58, 0.85]))
        knobs.append(block([x0 + 0.15, -0.625, 0.76], [x1 - 0.15, -0.6, 0.775]))
    thing = [
        Piece(merge([*base, *front]), fronts),
        Piece(block([-half, -0.62, 0.86], [half, 0, 0.9]), top),
        Piece(merge(knobs), metal(d.under("knobs"))),
    ]
    if d.chance("splash", 0.6):
        color = np.array([0.72, 0.72, 0.7]) * d.rng("splash").uniform(0.3, 1.1, 3)
        shape = block([-half, -0.012, 0.9], [half, 0, 1.45])
        rest = shape.vertices[:, [0, 2, 1]] * 10
        tiles = {
            "kind": "tiles",
            "color": color,
            "second": color * 0.9,
            "mortar": np.array([0.5] * 3),
            "size_m": (d.uniform("tile", 0.1, 0.2), d.uniform("tile/high", 0.05, 0.12)),
            "roughness": 0.15,
        }
        thing.append(Piece(shape, tiles, rest=rest))
    kind = d.pick("above", {"cabinets": 1.2, "board": 0.6, "nothing": 0.4})
    gap = d.integer("gap", 0, units - 1)
    if kind == "cabinets":
        upper, more = [], []
        for k in range(units):
            if k == gap:
                continue
            x0, x1 = -half + 0.6 * k + 0.004, -half + 0.6 * (k + 1) - 0.004
            upper.append(block([x0, -0.34, 1.45], [x1, 0, 2.12]))
            more.append(block([x1 - 0.08, -0.355, 1.5], [x1 - 0.065, -0.34, 1.65]))
        thing += [Piece(merge(upper), fronts), Piece(merge(more), metal(d.under("knobs")))]
        x = -half + 0.6 * gap + 0.3
        hood = [
            block([x - 0.28, -0.45, 1.5], [x + 0.28, 0, 1.58]),
            block([x - 0.12, -0.25, 1.5], [x + 0.12, 0, 2.3]),
        ]
        thing.append(Piece(merge(hood), metal(d.under("hood"))))
    elif kind == "board":
        thing += moved(wall_board(d.under("board")), [0, 0, 1.5])
    oven = -half + 0.6 * gap + 0.3
    thing.append(
        Piece(block([oven - 0.27, -0.606, 0.25], [oven + 0.27, -0.6, 0.8]), plain((0.01,) * 3, 0.1))
    )
    tap = np.array(
        [[0, -0.1, 0.9], [0, -0.1, 1.15], [0, -0.16, 1.2], [0, -0.24, 1.17], [0, -0.25, 1.12]]
    )
    thing += moved([Piece(tube(tap, 0.012, 8), metal(d.under("tap")), True)], [half * 0.5, 0, 0])
    for k in range(d.integer("things", 1, 6)):
        own = d.under(f"thing {k}")
        small = _fitting(own, 0.4, 0.38)
        thing += moved(
            small, [own.uniform("x", -half + 0.2, half - 0.2), own.uniform("y", -0.4, -0.2), 0.9]
        )
    return thing


def fridge(draws: Draws) -> Thing:
    """A refrigerator with notes and magnets on it."""
    d = draws
    high = d.uniform("high", 1.4, 2.0)
    color = d.pick("color", {"white": 1, "steel": 1, "black": 0.4, "other": 0.3})
    shade = {
        "white": plain((0.72,) * 3, 0.3),
        "steel": plain((0.4,) * 3, 0.35, 0.9),
        "black": plain((0.015,) * 3, 0.25),
        "other": colored(d),
    }[color]
    doors = [
        block([-0.3, -0.65, 0.03], [0.3, 0, high * 0.38]),
        block([-0.3, -0.65, high * 0.39], [0.3, 0, high]),
    ]
    grip = [block([0.22, -0.69, high * 0.42], [0.24, -0.65, high * 0.75])]
    thing = [Piece(merge(doors), shade), Piece(merge(grip), metal(d.under("grip")))]
    rng = d.rng("notes")
    for k in range(d.integer("notes", 0, 6)):
        x, z = rng.uniform(-0.25, 0.15), rng.uniform(high * 0.45, high * 0.92)
        note = block(
            [x, -0.653, z], [x + rng.uniform(0.03, 0.12), -0.65, z + rng.uniform(0.03, 0.14)]
        )
        thing.append(Piece(note, colored(d.under(f"note {k}"))))
    return thing


def partition(draws: Draws) -> Thing:
    """The partition of an open-plan office."""
    wide, high = draws.uniform("wide", 0.8, 1.5), draws.uniform("high", 1.0, 1.45)
    body = block([-wide / 2, -0.05, 0.05], [wide / 2, 0, high])
    return [Piece(body, colored(draws))]


def lockers(draws: Draws) -> Thing:
    """A row of lockers."""
    count = draws.integer("count", 3, 7)
    shade = colored(draws)
    shapes = [
        block([k * 0.31 - count * 0.155, -0.45, 0.05], [k * 0.31 - count * 0.155 + 0.3, 0, 1.8])
        for k in range(count)
    ]
    slits = [
        block(
            [k * 0.31 - count * 0.155 + 0.08, -0.453, z],
            [k * 0.31 - count * 0.155 + 0.22, -0.45, z + 0.012],
        )
        for k in range(count)
        for z in (1.55, 1.6, 1.65)
    ]
    return [Piece(merge(shapes), shade), Piece(merge(slits), plain((0.01,) * 3))]


def counter(draws: Draws) -> Thing:
    """The counter of a cafe, bottles and cups on boards behind it."""
    d = draws
    half = d.uniform("half", 0.9, 1.7)
    thing = [
        Piece(block([-half, -1.6, 0], [half, -1.1, 1.02]), wood(d.under("front"))),
        Piece(block([-half - 0.04, -1.66, 1.02], [half + 0.04, -1.04, 1.07]), wood(d.under("top"))),
    ]
    for k in range(3):
        z = 1.2 + 0.38 * k
        thing.append(
            Piece(block([-half, -0.24, z - 0.015], [half, 0, z + 0.015]), wood(d.under("boards")))
        )
        own = d.under(f"board {k}")
        for n in range(int(half * 2 / 0.2)):
            one = own.under(f"thing {n}")
            name = one.pick("what", {"mug": 1, "bottle": 2, "vase": 0.5, "none": 0.6})
            if name != "none":
                small = small_thing(Draws(one.seed, one.path, {one.path + "small": name}))[1]
                thing += moved(small, [-half + 0.1 + 0.2 * n, -0.12, z + 0.015])
    machine = block([-0.3, -1.55, 1.07], [0.3, -1.15, 1.45])
    thing.append(Piece(machine, metal(d.under("machine"))))
    thing += moved(pile(d.under("pile")), [half * 0.7, -1.35, 1.07])
    return thing
