"""What hangs on walls or stands as a flat picture: pictures, posters, screens, boards, mirrors."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.rotations import X, rotation
from ..geometry.shapes import Shape, ellipsoid, merge
from .pictures import Pictures, Pixels
from .piece import (
    BLACK,
    WHITE,
    Piece,
    Shading,
    Thing,
    block,
    colored,
    fabric,
    flat,
    metal,
    moved,
    plain,
    sheet,
    wood,
)


def shown(image: Pixels, *, strength: float = 0.0, gloss: float = 0.6) -> Shading:
    """The surface of a picture; a strength above 0 makes it a screen."""
    return {"kind": "picture", "image": image, "strength": strength, "roughness": gloss}


def _frame(wide: float, high: float, rim: float, deep: float, shading: Shading) -> Piece:
    x, z = wide / 2, high / 2
    bars = [
        block([-x - rim, -deep, -z - rim], [x + rim, 0, -z]),
        block([-x - rim, -deep, z], [x + rim, 0, z + rim]),
        block([-x - rim, -deep, -z], [-x, 0, z]),
        block([x, -deep, -z], [x + rim, 0, z]),
    ]
    return Piece(merge(bars), shading)


def framed(image: Pixels, high: float, draws: Draws) -> Thing:
    """A picture in a frame, its middle at the origin, at times with a mount round it."""
    wide = high * image.shape[1] / image.shape[0]
    thing = []
    rim = draws.uniform("rim", 0.008, 0.05)
    mount = draws.uniform("mount", 0.03, 0.09) if draws.chance("mounted", 0.4) else 0.0
    if mount:
        thing.append(
            flat(wide + 2 * mount, high + 2 * mount, -0.006, -high / 2 - mount, plain(WHITE, 0.9))
        )
    gloss = 0.1 if draws.chance("glass", 0.35) else 0.7
    thing.append(flat(wide, high, -0.009, -high / 2, shown(image, gloss=gloss)))
    shading = (
        metal(draws.under("frame")) if draws.chance("metal", 0.3) else wood(draws.under("frame"))
    )
    thing.append(_frame(wide + 2 * mount, high + 2 * mount, rim, 0.025, shading))
    return thing


def picture(draws: Draws, pictures: Pictures) -> Thing:
    """A framed picture without people."""
    aspect = draws.uniform("aspect", 0.65, 1.6)
    return framed(pictures.art(draws, aspect), draws.uniform("high", 0.2, 0.8), draws)


def portrait(draws: Draws, pictures: Pictures) -> Thing:
    """A framed portrait of a person: a hard negative."""
    image = pictures.person(draws, draws.uniform("aspect", 0.65, 1.0))
    return framed(image, draws.uniform("high", 0.3, 0.9), draws)


def poster(draws: Draws, pictures: Pictures) -> Thing:
    """A large poster of a person, up to life size: a hard negative."""
    aspect, high = draws.uniform("aspect", 0.6, 1.3), draws.uniform("high", 0.8, 1.7)
    image = pictures.person(draws, aspect)
    return [
        flat(
            high * aspect,
            high,
            -0.004,
            -high / 2,
            shown(image, gloss=draws.uniform("gloss", 0.25, 0.9)),
        )
    ]


def photographs(draws: Draws, pictures: Pictures) -> Thing:
    """A wall of small pictures; some show people where there are any."""
    thing: Thing = []
    count = draws.integer("count", 3, 6)
    for k in range(count):
        own = draws.under(f"picture {k}")
        aspect = own.uniform("aspect", 0.7, 1.4)
        image = pictures.art(own, aspect)
        place = [(k % 3 - 1) * 0.36 + own.normal("x", 0, 0.02), 0, (k // 3 - 0.5) * 0.38]
        thing += moved(framed(image, own.uniform("high", 0.14, 0.24), own), place)
    return thing


def monitor(draws: Draws, pictures: Pictures, *, person: bool = False) -> Thing:
    """A monitor on a foot that shows something."""
    high = draws.uniform("high", 0.29, 0.37)
    aspect = 16 / 9
    image = pictures.person(draws, aspect) if person else pictures.screen(draws, aspect)
    strength = draws.uniform("strength", 0.4, 1.6) if person or draws.chance("on", 0.6) else 0.0
    if not strength:
        image = np.full((8, 8, 3), 4, np.uint8)
    wide, low = high * aspect, draws.uniform("low", 0.08, 0.16)
    case = block([-wide / 2 - 0.01, 0, low - 0.01], [wide / 2 + 0.01, 0.035, low + high + 0.01])
    foot = [
        block([-0.02, 0.03, 0], [0.02, 0.05, low + 0.1]),
        block([-0.12, -0.06, 0], [0.12, 0.12, 0.012]),
    ]
    return [
        flat(wide, high, -0.002, low, shown(image, strength=strength, gloss=0.15)),
        Piece(merge([case, *foot]), plain(BLACK, 0.4)),
    ]


def television(draws: Draws, pictures: Pictures, *, person: bool = False) -> Thing:
    """A television on the wall, its middle at the origin."""
    high = draws.uniform("high", 0.45, 0.85)
    aspect = 16 / 9
    wide = high * aspect
    on = person or draws.chance("on", 0.4)
    image = pictures.person(draws, aspect) if person else pictures.photograph(draws, aspect)
    if not on:
        image = np.full((8, 8, 3), 4, np.uint8)
    strength = draws.uniform("strength", 0.5, 2.0) if on else 0.0
    case = block(
        [-wide / 2 - 0.012, -0.05, -high / 2 - 0.012], [wide / 2 + 0.012, 0, high / 2 + 0.012]
    )
    return [
        flat(wide, high, -0.052, -high / 2, shown(image, strength=strength, gloss=0.12)),
        Piece(case, plain(BLACK, 0.35)),
    ]


def whiteboard(draws: Draws, pictures: Pictures) -> Thing:
    """A whiteboard or blackboard with writing on it, or a cork board with notes."""
    wide, high = draws.uniform("wide", 0.9, 2.4), draws.uniform("high", 0.7, 1.2)
    kind = draws.pick("board", {"white": 1.5, "black": 0.6, "cork": 0.8})
    color = {"white": (0.75, 0.76, 0.76), "black": (0.012, 0.03, 0.02), "cork": (0.4, 0.24, 0.12)}[
        kind
    ]
    thing = [flat(wide, high, -0.012, -high / 2, plain(color, 0.3 if kind == "white" else 0.8))]
    thing.append(_frame(wide, high, 0.02, 0.02, metal(draws) if kind == "white" else wood(draws)))
    rng = draws.rng("notes")
    for k in range(draws.integer("notes", 0, 12)):
        x, z = rng.uniform(-wide / 2, wide / 2 - 0.15), rng.uniform(-high / 2, high / 2 - 0.15)
        if kind == "cork":
            note = block(
                [x, -0.014, z], [x + rng.uniform(0.06, 0.15), -0.0125, z + rng.uniform(0.06, 0.15)]
            )
            thing.append(Piece(note, colored(draws.under(f"note {k}"))))
        else:
            line = block(
                [x, -0.0135, z], [min(x + rng.uniform(0.05, 0.5), wide / 2), -0.0125, z + 0.008]
            )
            ink = rng.choice([0.02, 0.2, 0.5], 3) if kind == "white" else np.array([0.7] * 3)
            thing.append(Piece(line, plain(ink, 0.8)))
    return thing


def mirror(draws: Draws, pictures: Pictures) -> Thing:
    """A mirror, round or not."""
    thing: Thing = []
    glass = {"kind": "plain", "color": np.array([0.85] * 3), "roughness": 0.03, "metallic": 1.0}
    if draws.chance("round", 0.5):
        r = draws.uniform("radius", 0.2, 0.4)
        thing.append(
            Piece(
                ellipsoid([0, -0.005, 0], [r + 0.02, 0.008, r + 0.02], None, 40, 24),
                wood(draws),
                True,
            )
        )
        a = np.linspace(0, 2 * np.pi, 40, endpoint=False)
        disk = np.stack([r * np.cos(a), 0 * a - 0.016, r * np.sin(a)], 1)
        thing.append(Piece(Shape(disk, [list(range(40))]), glass))
        return thing
    wide, high = draws.uniform("wide", 0.35, 0.8), draws.uniform("high", 0.6, 1.4)
    thing.append(flat(wide, high, -0.012, -high / 2, glass))
    return [*thing, _frame(wide, high, 0.03, 0.03, wood(draws))]


def wall_clock(draws: Draws, pictures: Pictures) -> Thing:
    """A round clock."""
    r = draws.uniform("radius", 0.12, 0.2)
    face = ellipsoid([0, -0.015, 0], [r, 0.015, r], None, 36, 20, 0.5)
    rim = ellipsoid([0, -0.01, 0], [r * 1.08, 0.012, r * 1.08], None, 36, 20, 0.5)
    hands = []
    for k, size in enumerate((0.55, 0.8)):
        turn = rotation([0, 1, 0], draws.uniform(f"hand {k}", 0, 6.28))
        shape = block([-0.006, -0.035, 0], [0.006, -0.032, r * size])
        hands.append(Shape(shape.vertices @ turn.T, shape.faces))
    white = draws.chance("white", 0.7)
    return [
        Piece(face, plain(WHITE if white else BLACK, 0.5), True),
        Piece(rim, metal(draws), True),
        Piece(merge(hands), plain(BLACK if white else WHITE)),
    ]


def wall_cloth(draws: Draws, pictures: Pictures) -> Thing:
    """A tapestry or a flag."""
    wide, high = draws.uniform("wide", 0.7, 1.5), draws.uniform("high", 0.7, 1.4)
    x = np.linspace(-wide / 2, wide / 2, 24)
    z = np.linspace(high / 2, -high / 2, 16)
    grid_x, grid_z = np.meshgrid(x, z)
    y = -0.02 + 0.012 * np.sin(grid_x * draws.uniform("waves", 6, 16)) * (high / 2 - grid_z) / high
    cloth = fabric(draws, patterns=True)
    return [Piece(sheet(np.stack([grid_x, y, grid_z], -1)), cloth, True)]


def guitar(draws: Draws, pictures: Pictures) -> Thing:
    """A guitar that hangs on the wall; its body has a waist as people have."""
    d = draws
    body_wood = wood(d.under("body")) if d.chance("acoustic", 0.6) else colored(d.under("body"))
    lower = ellipsoid([0, -0.06, 0], [0.19, 0.05, 0.2], None, 32, 18, 0.8)
    upper = ellipsoid([0, -0.06, 0.24], [0.14, 0.049, 0.15], None, 32, 18, 0.8)
    neck = block([-0.026, -0.105, 0.1], [0.026, -0.08, 0.78])
    head = block([-0.036, -0.1, 0.78], [0.036, -0.085, 0.95])
    hole = ellipsoid([0, -0.109, 0.1], [0.05, 0.004, 0.05])
    thing = [
        Piece(merge([lower, upper]), body_wood, True),
        Piece(merge([neck, head]), plain((0.03, 0.015, 0.01), 0.5)),
        Piece(hole, plain((0.005,) * 3, 0.9), True),
    ]
    tilt = rotation([0, 1, 0], d.normal("tilt", 0, 0.08)) @ rotation(X, 0.0)
    size = d.uniform("size", 0.8, 1.1)
    return [
        Piece(
            Shape(p.shape.vertices @ tilt.T * size - [0, 0, 0.3], p.shape.faces),
            p.shading,
            p.smooth,
        )
        for p in thing
    ]
