"""Hair that is tied or plaited: ponytails, buns, braids and locs."""

from __future__ import annotations

import numpy as np

from ..geometry.rotations import Array, X, Y, Z, unit
from .growth import Growth, grow
from .hairdo import STRANDS, Hairdo
from .interpolation import Texture, interpolate
from .roots import draw_roots


def _gathered(hairdo: Hairdo, knot: Array, outward: float) -> Array:
    """(g, 12, 3) guides from their roots along the skull to a knot (3,) in the pose of time 0."""
    person, points = hairdo.person, 12
    head = person.head_0
    center = hairdo.turn @ person.marks.center + head[:3, 3]
    t = np.linspace(0, 1, points)[None, :, None]
    start, end = hairdo.roots.points - center, knot - center
    radius = np.linalg.norm(start, axis=1, keepdims=True)
    way = unit(unit(start)[:, None] * (1 - t) + unit(end)[None, None] * t)
    path = center + way * (radius[:, None] * (1 - t) + np.linalg.norm(end) * t)
    margin = np.full(hairdo.count, outward)
    for k in range(1, points):
        path[:, k] = person.posed_surface.push_out(path[:, k], margin)
    path[:, -1] = knot
    return np.asarray(path)


def _knot(hairdo: Hairdo, height: float, sideways: float = 0.0) -> tuple[Array, Array]:
    """A place on the back of the head and its direction, in the pose of time 0."""
    person = hairdo.person
    marks = person.marks
    y = marks.eye_y + marks.skull * height
    back = 1.0 if height < 0.6 else 0.5
    direction = unit([sideways, y - marks.center[1], -back])
    reach = person.rest_surface.radius(marks.center, direction[None], 1.0, 4.0)[0] + 0.12
    place = hairdo.turn @ (marks.center + direction * reach) + person.head_0[:3, 3]
    return place, hairdo.turn @ direction


def _loose(hairdo: Hairdo) -> None:
    """Loose strands at the temples and the nape."""
    person, rng = hairdo.person, hairdo.draws.rng("loose")
    edge = hairdo.mask * (np.abs(hairdo.mask - 0.5) < 0.45)
    mask = edge if edge.max() > 0.2 else hairdo.mask
    roots = draw_roots(person, rng, 1500, mask).first(60)
    count = len(roots.points)
    if count < 10:
        return
    length = rng.uniform(0.3, 1.6, count)
    comb = unit(rng.normal(size=(count, 3)) * [1, 0.7, 0.6] - Y * 0.7)
    guides = grow(person, rng, roots, length, comb, np.full(count, 0.08), Growth(0.35, 0.9, 10))
    texture = Texture(cut=(0.4, 1), clump=0.2, frizz=0.06, fly=0.2, fly_size=0.3)
    some = int(hairdo.draws.uniform("loose/count", 200, 600))
    hairs = interpolate(rng, draw_roots(person, rng, some, mask), guides, roots.rest, texture)
    hairdo.add(hairs, "loose", 0.0055, 0.08)


def _cap(hairdo: Hairdo, guides: Array, knot: Array, spread: float) -> Array:
    """Strands from the scalp to the knot; returns them."""
    rng = hairdo.draws.rng("strands")
    count = int(STRANDS * hairdo.person.request.density)
    roots = draw_roots(hairdo.person, rng, count, hairdo.mask)
    texture = Texture(cut=(1, 1), clump=0.25, frizz=0.02, fly=0)
    strands = interpolate(rng, roots, guides, hairdo.roots.rest, texture, hairdo.side_of)
    strands[:, -1] = knot + rng.normal(0, spread, (len(strands), 3))
    hairdo.add(strands, "hair", 0.0055)
    return strands


def ponytail(hairdo: Hairdo, style: str) -> None:
    """A tail from a knot at the back."""
    d = hairdo.draws
    knot, out = _knot(hairdo, d.uniform("knot", -0.2, 0.9))
    strands = _cap(hairdo, _gathered(hairdo, knot, d.uniform("close", 0.03, 0.1)), knot, 0.07)
    rng = d.rng("tail")
    keep = rng.random(len(strands)) < 0.6
    count = int(keep.sum())
    t = np.linspace(0, 1, 15)[None, 1:, None]
    length = d.uniform("length", 1.8, 4.5)
    middle = knot + out * 0.42 * np.sin(np.minimum(t * 2.2, np.pi / 2)) - Y * length * t**1.3
    offset = rng.normal(0, 1, (count, 1, 3)) * [1, 0.4, 1]
    thick = d.uniform("thick", 0.15, 0.35) * np.sin(np.pi * np.minimum(t * 0.75 + 0.08, 1))
    wave = 0.06 if d.chance("wave", 0.5) else 0.0
    tail = (
        middle
        + offset * thick
        + wave * np.sin(t * 12 + rng.uniform(0, 1.5, (count, 1, 3)))
        + 0.06 * t * np.sin(rng.uniform(2, 8, (count, 1, 3)) * t + rng.uniform(0, 6, (count, 1, 3)))
    )
    hairdo.add(np.concatenate([strands[keep, -1:], tail], 1), "tail", 0.0065, 0.12)
    hairdo.add_stray(strands, d.uniform("stray", 0.8, 3), 0.3)
    hairdo.add_stray(tail, d.uniform("stray tail", 0.5, 3), 0.5)
    _loose(hairdo)
    hairdo.fill_mask(0.75)


def bun(hairdo: Hairdo, style: str) -> None:
    """A bun at the back or on the top."""
    d = hairdo.draws
    knot, out = _knot(hairdo, d.uniform("knot", -0.1, 1.0))
    strands = _cap(hairdo, _gathered(hairdo, knot, d.uniform("close", 0.03, 0.1)), knot, 0.07)
    rng = d.rng("bun")
    count = len(strands) // 2
    radius = d.uniform("radius", 0.28, 0.5)
    center = knot + out * radius * 0.8
    t = np.linspace(0, 1, 15)[None, :, None]
    first = unit(rng.normal(size=(count, 3)))
    second = unit(np.cross(first, rng.normal(size=(count, 3))))
    angle = t * rng.uniform(2, 5, (count, 1, 1)) + rng.uniform(0, 6, (count, 1, 1))
    away = radius * rng.uniform(0.75, 1.05, (count, 1, 1)) + 0.03 * np.sin(angle * 5)
    ball = center + away * (np.cos(angle) * first[:, None] + np.sin(angle) * second[:, None])
    hairdo.add(ball, "tail")
    hairdo.add_stray(strands, d.uniform("stray", 0.8, 3), 0.3)
    hairdo.add_stray(ball, d.uniform("stray bun", 1, 5), 0.3)
    _loose(hairdo)
    hairdo.fill_mask(0.75)


def plait(
    rng: np.random.Generator, path: Array, thick: float, count: int, *, tail: float = 0.12
) -> Array:
    """(count, points, 3) strands of a three-strand plait along a path (points, 3).

    Each strand follows one of three paths that cross over each other as figures of eight.
    """
    points = len(path)
    tangent = unit(np.gradient(path, axis=0))
    across = unit(np.cross(tangent, [0.2, 0.1, 1.0]))
    over = np.cross(tangent, across)
    arc = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
    t = np.linspace(0, 1, points)
    width = thick * (1 - 0.45 * t)
    width = np.where(
        t > 1 - tail, width * np.interp(t, [1 - tail, 1 - tail / 2, 1], [1, 0.5, 1.1]), width
    )
    lock = rng.integers(0, 3, count)
    phase = arc[None] * (2 * np.pi / (thick * 5.2)) + lock[:, None] * (2 * np.pi / 3)
    x = np.sin(phase) * 0.85
    y = np.sin(2 * phase) * 0.45
    spread = rng.normal(0, 0.26, (count, 2)).clip(-0.6, 0.6)
    x = (x + spread[:, :1]) * width[None]
    y = (y + spread[:, 1:]) * width[None]
    return np.asarray(path[None] + x[:, :, None] * across + y[:, :, None] * over)


def _hanging(hairdo: Hairdo, start: Array, out: Array, length: float, points: int) -> Array:
    """(points, 3) a path that leaves the head, falls and lies on the body."""
    place, step = start.copy(), length / (points - 1)
    direction = unit(out + [0, -0.3, 0])
    path = [place]
    for _ in range(points - 1):
        place = place + direction * step
        place = hairdo.person.posed_surface.push_out(place[None], np.array([0.16]))[0]
        direction = unit(unit(place - path[-1]) + np.array([0, -0.8, 0]))
        path.append(place)
    return np.array(path)


def braids(hairdo: Hairdo, style: str) -> None:
    """One plait at the back or two at the sides."""
    d, person = hairdo.draws, hairdo.person
    two = hairdo.parting is not None
    height = d.uniform("knot", -0.5, 0.2)
    sides = (1, -1) if two else (0,)
    knots = [_knot(hairdo, height, 0.9 * side) for side in sides]
    guides = np.zeros((hairdo.count, 12, 3))
    close = d.uniform("close", 0.03, 0.08)
    for side, (knot, _) in zip(sides, knots, strict=True):
        own = hairdo.side[:, 0] == side if two else np.ones(hairdo.count, bool)
        guides[own] = _gathered(hairdo, knot, close)[own]
    rng = d.rng("strands")
    roots = draw_roots(person, rng, int(STRANDS * person.request.density), hairdo.mask)
    texture = Texture(cut=(1, 1), clump=0.35, frizz=0.02, fly=0)
    strands = interpolate(rng, roots, guides, hairdo.roots.rest, texture, hairdo.side_of)
    hairdo.add(strands, "hair", 0.0055)
    length, thick = d.uniform("length", 1.8, 4.2), d.uniform("thick", 0.16, 0.3)
    if two:
        thick *= 0.75
    for k, (knot, out) in enumerate(knots):
        path = _hanging(hairdo, knot, out, length, 40)
        own = plait(d.rng(f"plait {k}"), path, thick, int(5000 * person.request.density) + 600)
        hairdo.add(own, "tail", 0.007, 0.1)
        hairdo.add_stray(own, d.uniform("stray plait", 1, 6), 0.25)
    hairdo.add_stray(strands, d.uniform("stray", 0.8, 3), 0.3)
    _loose(hairdo)
    hairdo.fill_mask(0.8)


def locs(hairdo: Hairdo, style: str) -> None:
    """Locs or many thin braids: each guide carries one thick, felted lock."""
    d, person = hairdo.draws, hairdo.person
    count = d.integer("locks", 90, 200)
    own = hairdo.roots.first(count)
    short = d.chance("short", 0.35)
    length = d.uniform("length", 0.7, 1.4) if short else d.uniform("length", 2.0, 4.5)
    lengths = length * d.rng("lengths").uniform(0.8, 1.1, len(own.points))
    comb = hairdo.combed(hairdo.side * X - Z * 0.3 + Y * 0.1, along_skin=False)[: len(own.points)]
    growth = Growth(0.5 if short else 0.3, 0.5 if short else 1.1, 20, comb_weight=0.25)
    margin = d.rng("margins").uniform(0.05, 0.2, len(own.points))
    guides = grow(person, d.rng("growth"), own, lengths, comb, margin, growth)
    rng = d.rng("strands")
    each = max(12, int(9000 * person.request.density) // len(guides))
    radius = d.uniform("radius", 0.045, 0.085)
    locks = []
    plaited = d.chance("plaited", 0.4)
    for guide in guides:
        if plaited:
            locks.append(plait(rng, guide, radius * 1.3, each, tail=0.05))
            continue
        offset = rng.normal(0, 1, (each, 1, 3)) * radius * 0.55
        t = np.linspace(0, 1, len(guide))[None, :, None]
        wobble = np.sin(t * rng.uniform(8, 30, (each, 1, 3)) + rng.uniform(0, 6, (each, 1, 3)))
        locks.append(guide[None] + offset * (1.05 - 0.4 * t) + wobble * radius * 0.35)
    strands = np.concatenate(locks)
    hairdo.add(strands, "hair", 0.011, 0.09)
    hairdo.add_stray(strands, d.uniform("stray", 2, 8), 0.2)
    hairdo.fill_mask(0.6)
