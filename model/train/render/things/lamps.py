"""Lamps: on tables, on floors, from ceilings. Those that are on shine."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.shapes import ellipsoid, merge, tube
from .piece import Piece, Thing, block, colored, glow, metal, moved, plain, turned_shape

WARM = (1.0, 0.62, 0.3)
COLD = (0.9, 0.95, 1.0)


def _shade(draws: Draws, radius: float, high: float) -> Piece:
    """A lampshade, lit from inside where it is on."""
    top = radius * draws.uniform("top", 0.4, 1.0)
    shape = turned_shape([(radius, 0), (top, high), (top * 0.98, high), (radius * 0.98, 0)], 32)
    if draws.chance("on", 0.55):
        return Piece(
            shape, glow(np.array([1.0, 0.72, 0.42]), draws.uniform("strength", 1.5, 7)), True
        )
    return Piece(shape, colored(draws.under("shade")), True)


def table_lamp(draws: Draws) -> Thing:
    """A lamp with a shade on a turned foot, or a desk lamp with an arm."""
    d = draws
    if d.chance("arm", 0.35):
        joints = np.array([[0, 0, 0.02], [-0.08, 0.05, 0.22], [0.1, -0.05, 0.42]])
        cone = turned_shape([(0.02, 0.06), (0.07, 0), (0.065, 0), (0.015, 0.055)])
        foot = turned_shape([(0, 0), (0.08, 0), (0.08, 0.02), (0, 0.02)])
        shade = metal(d.under("arm"))
        thing = [Piece(merge([tube(joints, 0.008, 8), foot]), shade)]
        thing += moved([Piece(cone, shade, True)], joints[-1] - [0, 0, 0.05])
        if d.chance("on", 0.5):
            bulb = ellipsoid(joints[-1] - [0, 0, 0.04], [0.025] * 3)
            thing.append(Piece(bulb, glow(WARM, 25.0), True))
        return thing
    high, radius = d.uniform("high", 0.15, 0.32), d.uniform("radius", 0.09, 0.16)
    bulge = d.uniform("bulge", 0.02, 0.09)
    foot = turned_shape(
        [(0, 0), (0.06, 0), (bulge, high * 0.45), (0.012, high * 0.85), (0.012, high), (0, high)]
    )
    cover = _shade(d, radius, radius * d.uniform("tall", 1.0, 1.5))
    return [Piece(foot, colored(d.under("foot")), True), *moved([cover], [0, 0, high * 0.95])]


def floor_lamp(draws: Draws) -> Thing:
    """A lamp of a person's height: a post with a round shade where a head would be."""
    d = draws
    high, radius = d.uniform("high", 1.3, 1.65), d.uniform("radius", 0.14, 0.24)
    foot = turned_shape([(0, 0), (0.14, 0), (0.14, 0.02), (0.012, 0.03), (0.012, high), (0, high)])
    kind = d.pick("kind", {"shade": 1.5, "ball": 0.8, "bow": 0.5})
    frame = Piece(foot, metal(d.under("frame")))
    if kind == "ball":
        on = d.chance("on", 0.5)
        shading = (
            glow((1.0, 0.8, 0.55), d.uniform("strength", 1, 5)) if on else plain((0.7,) * 3, 0.2)
        )
        return [
            frame,
            Piece(
                ellipsoid([0, 0, high + radius * 0.8], [radius * 0.8] * 3, None, 28, 18),
                shading,
                True,
            ),
        ]
    shade = _shade(d, radius, radius * d.uniform("tall", 0.9, 1.4))
    if kind == "bow":
        angle = np.linspace(np.pi, 0.35, 14)
        arc = np.stack([0.45 + 0.45 * np.cos(angle), 0 * angle, high + 0.35 * np.sin(angle)], 1)
        return [
            frame,
            Piece(tube(arc, 0.01, 8), metal(d.under("frame")), True),
            *moved([shade], arc[-1] - [0, 0, radius]),
        ]
    return [frame, *moved([shade], [0, 0, high - 0.05])]


def pendant(draws: Draws) -> Thing:
    """A lamp that hangs; the ceiling is at z = 0."""
    d = draws
    drop, radius = d.uniform("drop", 0.4, 0.9), d.uniform("radius", 0.12, 0.3)
    kind = d.pick("kind", {"shade": 1, "ball": 1, "bulb": 0.6})
    cord = Piece(tube([[0.0, 0.0, 0.0], [0.0, 0.0, -drop]], 0.004, 6), plain((0.01,) * 3))
    on = d.chance("on", 0.6)
    light = glow(WARM if d.chance("warm", 0.7) else COLD, d.uniform("strength", 2, 9))
    if kind == "bulb":
        shape = ellipsoid([0, 0, -drop - 0.05], [0.035, 0.035, 0.05])
        return [
            cord,
            Piece(shape, {**light, "strength": 25.0} if on else plain((0.6,) * 3, 0.1), True),
        ]
    if kind == "ball":
        shape = ellipsoid([0, 0, -drop - radius], [radius] * 3, None, 28, 18)
        return [cord, Piece(shape, light if on else plain((0.7,) * 3, 0.4), True)]
    return [cord, *moved([_shade(d, radius, radius * 0.8)], [0, 0, -drop - radius * 0.8])]


def panel(draws: Draws) -> Thing:
    """A flat light in the ceiling, or a tube; the ceiling is at z = 0."""
    long = draws.chance("tube", 0.4)
    x, y = (0.09, 0.6) if long else (0.3, 0.3)
    strength = draws.uniform("strength", 4, 14)
    return [
        Piece(block([-x, -y, -0.03], [x, y, -0.02]), glow(COLD, strength)),
        Piece(block([-x - 0.02, -y - 0.02, -0.02], [x + 0.02, y + 0.02, 0]), plain((0.7,) * 3)),
    ]


def studio_light(draws: Draws) -> Thing:
    """A softbox or an umbrella on a stand: as tall as a person, with a pale face."""
    d = draws
    high, r = d.uniform("high", 1.4, 1.9), d.uniform("radius", 0.25, 0.45)
    foot = [
        tube([[0, 0, 0.45], [0.35 * np.cos(a), 0.35 * np.sin(a), 0]], 0.012, 6)
        for a in (0.5, 2.6, 4.7)
    ]
    post = tube([[0, 0, 0.4], [0, 0, high]], 0.014, 6)
    on = d.chance("on", 0.5)
    face = glow((1, 0.97, 0.92), d.uniform("strength", 3, 12)) if on else plain((0.75,) * 3, 0.9)
    thing = [Piece(merge([*foot, post]), plain((0.01,) * 3))]
    if d.chance("ring", 0.3):
        angle = np.linspace(0, 2 * np.pi, 32, endpoint=False)
        ring = np.stack([0.2 * np.cos(angle), 0 * angle - 0.03, high + 0.2 * np.sin(angle)], 1)
        return [*thing, Piece(tube(ring, 0.025, 8, closed=True), face, True)]
    thing.append(Piece(block([-r, -0.06, high - r], [r, -0.05, high + r]), face))
    thing.append(
        Piece(
            block([-r - 0.01, -0.05, high - r - 0.01], [r + 0.01, 0.05, high + r + 0.01]),
            plain((0.01,) * 3),
        )
    )
    return thing
