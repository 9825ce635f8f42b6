"""Clutter: what stands on shelves, desks and sills."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..clothes.fabric import cloth_color
from ..draws import Draws
from ..geometry.rotations import Y, rotation
from ..geometry.shapes import Shape, box, ellipsoid, merge, tube
from .piece import BLACK, Piece, Thing, block, colored, glow, metal, plain, turned_shape, wood


def mug(draws: Draws) -> Thing:
    """A mug with a handle."""
    r, h = draws.uniform("radius", 0.035, 0.045), draws.uniform("height", 0.08, 0.11)
    body = turned_shape([(0, 0), (r, 0), (r, h), (r * 0.88, h), (r * 0.85, 0.01), (0, 0.01)])
    angle = np.linspace(-1.4, 1.4, 8)
    handle = tube(
        np.stack([r + 0.025 * np.cos(angle) - 0.005, 0 * angle, h / 2 + 0.028 * np.sin(angle)], 1),
        0.005,
        6,
    )
    return [Piece(merge([body, handle]), colored(draws), True)]


def bottle(draws: Draws) -> Thing:
    """A bottle or a flask."""
    r, h = draws.uniform("radius", 0.028, 0.045), draws.uniform("height", 0.18, 0.32)
    shape = turned_shape([(0, 0), (r, 0), (r, h * 0.6), (r * 0.4, h * 0.78), (r * 0.4, h), (0, h)])
    return [Piece(shape, colored(draws), True)]


def vase(draws: Draws) -> Thing:
    """A turned vase."""
    h = draws.uniform("height", 0.12, 0.36)
    rs = draws.rng("profile").uniform(0.25, 0.9, 5) * draws.uniform("width", 0.07, 0.13)
    zs = np.linspace(0, h, 24)
    radii = np.interp(zs, np.linspace(0, h, 5), rs)
    radii = np.convolve(np.pad(radii, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    profile = [(0.0, 0.0), *zip(radii.tolist(), zs.tolist(), strict=True), (radii[-1] * 0.8, h)]
    return [Piece(turned_shape([*profile, (radii[-1] * 0.7, h * 0.6)]), colored(draws), True)]


def carton(draws: Draws) -> Thing:
    """A box of cardboard, plastic or wood."""
    x, y, z = draws.rng("size").uniform([0.1, 0.1, 0.06], [0.2, 0.16, 0.26])
    brown = plain((0.42, 0.28, 0.16), 0.9)
    shading = brown if draws.chance("cardboard", 0.4) else colored(draws)
    lid = block([-x * 1.02, -y * 1.02, z * 0.8], [x * 1.02, y * 1.02, z])
    return [Piece(merge([block([-x, -y, 0], [x, y, z * 0.85]), lid]), shading)]


def books(draws: Draws, wide: float = 0.3, high: float = 0.28, deep: float = 0.2) -> Thing:
    """A row of upright books that fills a width, some leaning; its front at y = -deep."""
    rng = draws.rng("books")
    thing: Thing = []
    x = -wide / 2
    even = rng.random() < 0.2
    color = cloth_color(draws.under("even"))
    while x < wide / 2 - 0.03:
        thick = rng.uniform(0.012, 0.05)
        tall = high * rng.uniform(0.62, 0.95)
        back = deep * rng.uniform(0.65, 0.95)
        if x + thick > wide / 2:
            break
        if not even:
            color = cloth_color(draws.under(f"book {len(thing)}"))
        shape = block([0, -back, 0], [thick * 0.94, 0, tall])
        vertices = shape.vertices
        if rng.random() < 0.06:
            vertices = vertices @ rotation(Y, 0.15).T
            x += tall * 0.13
        thing.append(
            Piece(Shape(vertices + [x, 0, 0], shape.faces), plain(color, rng.uniform(0.3, 0.9)))
        )
        x += thick
    return thing


def pile(draws: Draws) -> Thing:
    """Books that lie on each other."""
    rng, thing, z = draws.rng("pile"), [], 0.0
    for k in range(draws.integer("count", 1, 5)):
        thick = rng.uniform(0.012, 0.045)
        shape = box(
            [rng.normal(0, 0.01), rng.normal(0, 0.01), z + thick / 2],
            [rng.uniform(0.08, 0.12), rng.uniform(0.07, 0.1), thick / 2 - 0.001],
            rotation([0, 0, 1], rng.normal(0, 0.12)),
        )
        thing.append(Piece(shape, plain(cloth_color(draws.under(f"book {k}")), 0.6)))
        z += thick
    return thing


def folders(draws: Draws, wide: float = 0.3, high: float = 0.32) -> Thing:
    """Ring binders in a row, of one colour with white labels."""
    color, label = colored(draws), plain((0.75, 0.75, 0.72), 0.8)
    count = max(1, int(wide / 0.075))
    bodies, labels = [], []
    for k in range(count):
        x = -wide / 2 + k * wide / count
        bodies.append(block([x, -0.26, 0], [x + wide / count - 0.004, 0, min(high * 0.95, 0.31)]))
        labels.append(block([x + 0.015, -0.263, 0.1], [x + wide / count - 0.02, -0.26, 0.24]))
    return [Piece(merge(bodies), color), Piece(merge(labels), label)]


def laptop(draws: Draws) -> Thing:
    """An open laptop, seen from behind or from the front."""
    lid = box([0, 0.1, 0.115], [0.16, 0.004, 0.11], rotation([1, 0, 0], -0.3))
    base = block([-0.16, -0.12, 0], [0.16, 0.1, 0.015])
    color = draws.pick("color", ["silver", "black"])
    return [
        Piece(
            merge([lid, base]),
            plain((0.4, 0.4, 0.41) if color == "silver" else BLACK, 0.4, 0.7),
        )
    ]


def headphones(draws: Draws) -> Thing:
    """Headphones on a stand: an arc with two cups, as on a head."""
    angle = np.linspace(0.15, np.pi - 0.15, 14)
    z = 0.17
    arc = tube(np.stack([0.085 * np.cos(angle), 0 * angle, z + 0.09 * np.sin(angle)], 1), 0.01, 8)
    cups = [ellipsoid([s * 0.08, 0, z], [0.025, 0.04, 0.05], power=0.7) for s in (-1, 1)]
    stand = [
        tube([[0, 0, 0.02], [0, 0, 0.25]], 0.008, 8),
        block([-0.05, -0.05, 0], [0.05, 0.05, 0.02]),
    ]
    return [
        Piece(
            merge([arc, *cups]), plain(np.array(BLACK) * draws.uniform("light", 0.8, 20), 0.5), True
        ),
        Piece(merge(stand), metal(draws)),
    ]


def ball(draws: Draws) -> Thing:
    """A ball: for football, basketball, gymnastics, or a globe on a foot."""
    kind = draws.pick("kind", ["basketball", "football", "gymnastics", "globe", "lantern"])
    r = {"basketball": 0.12, "football": 0.11, "gymnastics": 0.3, "globe": 0.14, "lantern": 0.16}[
        kind
    ]
    shading = {
        "basketball": plain((0.42, 0.13, 0.03), 0.7),
        "football": {
            "kind": "spots",
            "color": np.array([0.7] * 3),
            "second": np.array(BLACK),
            "scale": 9.0,
        },
        "gymnastics": colored(draws),
        "globe": {
            "kind": "spots",
            "color": np.array([0.05, 0.16, 0.4]),
            "second": np.array([0.25, 0.3, 0.1]),
            "scale": 3.0,
        },
        "lantern": plain((0.75, 0.68, 0.55), 0.9),
    }[kind]
    lift = 0.12 if kind == "globe" else 0.0
    thing = [Piece(ellipsoid([0, 0, r + lift], [r] * 3, None, 32, 20), shading, True)]
    if kind == "globe":
        foot = turned_shape(
            [(0, 0), (0.09, 0), (0.09, 0.015), (0.015, 0.03), (0.012, 0.13), (0, 0.13)]
        )
        thing.append(Piece(foot, wood(draws.under("foot")), True))
    return thing


FRUITS = {
    "apple": ((0.4, 0.03, 0.02), (0.038, 0.038, 0.035)),
    "green apple": ((0.25, 0.4, 0.05), (0.038, 0.038, 0.035)),
    "orange": ((0.7, 0.22, 0.01), (0.04, 0.04, 0.04)),
    "lemon": ((0.75, 0.58, 0.05), (0.036, 0.028, 0.028)),
    "peach": ((0.72, 0.36, 0.2), (0.037, 0.037, 0.035)),
    "melon": ((0.55, 0.5, 0.25), (0.09, 0.08, 0.08)),
    "pumpkin": ((0.62, 0.2, 0.02), (0.12, 0.12, 0.09)),
    "potato": ((0.42, 0.28, 0.15), (0.045, 0.03, 0.028)),
    "aubergine": ((0.03, 0.008, 0.03), (0.1, 0.04, 0.04)),
}


def fruit(draws: Draws) -> Thing:
    """A bowl of fruit, skin-coloured ones among them."""
    d = draws
    bowl = turned_shape(
        [(0, 0), (0.06, 0), (0.14, 0.06), (0.15, 0.075), (0.135, 0.062), (0.05, 0.012), (0, 0.012)]
    )
    thing = [Piece(bowl, colored(d.under("bowl")), True)]
    name = d.pick("fruit", list(FRUITS))
    for k in range(d.integer("count", 3, 9)):
        own = d.under(f"fruit {k}")
        color, radii = FRUITS[own.pick("other", list(FRUITS)) if own.chance("mixed", 0.3) else name]
        place = [*own.rng("place").uniform(-0.07, 0.07, 2), 0.05 + radii[2] + 0.05 * (k // 4)]
        turn = rotation([0, 0, 1], own.uniform("turn", 0, 3))
        tint = np.array(color) * own.rng("tint").uniform(0.8, 1.2, 3)
        thing.append(
            Piece(ellipsoid(place, radii, turn), {**plain(tint, 0.45), "kind": "peel"}, True)
        )
    return thing


def clock(draws: Draws) -> Thing:
    """An alarm clock or a speaker: a box with a round front."""
    r = draws.uniform("radius", 0.04, 0.08)
    body = block([-r * 1.2, -0.04, 0], [r * 1.2, 0.05, r * 2.4])
    face = ellipsoid([0, -0.041, r * 1.2], [r, 0.006, r])
    return [
        Piece(body, colored(draws)),
        Piece(face, plain((0.7,) * 3 if draws.chance("white", 0.4) else BLACK), True),
    ]


def candle(draws: Draws) -> Thing:
    """Candles, at times lit."""
    h, r = draws.uniform("height", 0.06, 0.2), draws.uniform("radius", 0.012, 0.035)
    thing = [Piece(turned_shape([(0, 0), (r, 0), (r, h), (0, h)]), plain((0.72, 0.68, 0.6), 0.5))]
    if draws.chance("lit", 0.4):
        thing.append(
            Piece(ellipsoid([0, 0, h + 0.015], [0.005, 0.005, 0.014]), glow((1, 0.55, 0.2), 30.0))
        )
    return thing


SMALL: dict[str, tuple[float, Callable[[Draws], Thing]]] = {
    "mug": (1.2, mug),
    "bottle": (0.9, bottle),
    "vase": (1.0, vase),
    "box": (1.2, carton),
    "books": (1.6, pile),
    "laptop": (0.5, laptop),
    "headphones": (0.4, headphones),
    "ball": (0.35, ball),
    "fruit": (0.35, fruit),
    "clock": (0.5, clock),
    "candle": (0.4, candle),
}


def small_thing(draws: Draws, leave: tuple[str, ...] = ()) -> tuple[str, Thing]:
    """Any piece of clutter and its name."""
    options = {name: weight for name, (weight, _) in SMALL.items() if name not in leave}
    name = draws.pick("small", options)
    return name, SMALL[name][1](draws.under(name))
