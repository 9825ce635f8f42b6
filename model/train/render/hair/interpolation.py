"""Thousands of strands between a few hundred guides: clumps, waves, curls, frizz and stray hair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from ..geometry.rotations import Array, unit
from .roots import Roots

NEAREST = 3
"""Guides that each strand lies between."""


@dataclass(frozen=True)
class Texture:
    """The character of the hair; lengths in decimetres."""

    cut: tuple[float, float] = (0.75, 1.0)
    """Where strands end, as parts of their guides' length."""
    clump: float = 0.35
    frizz: float = 0.03
    wave: float = 0.0
    wave_rate: float = 3.0
    curl: float = 0.0
    curl_rate: float = 6.0
    fly: float = 0.05
    """Share of strands that leave the others."""
    fly_size: float = 0.3
    locks: int = 0
    """Number of clumps; about one for 40 strands where 0."""


def one_side(rest: Array) -> Array:
    """(n,) no parting."""
    return np.zeros(len(rest), int)


def _nearest_guides(
    roots: Roots, guide_roots: Array, side: Callable[[Array], Array]
) -> tuple[Array, Array]:
    """Numbers and weights (n, NEAREST) of the guides on the same side of the parting."""
    own, guides = side(roots.rest), side(guide_roots)
    number = np.zeros((len(own), NEAREST), int)
    weight = np.zeros((len(own), NEAREST))
    for value in np.unique(own):
        mine = np.flatnonzero(own == value)
        theirs = np.flatnonzero(guides == value)
        if len(theirs) < NEAREST:
            theirs = np.arange(len(guide_roots))
        distance, nearest = cKDTree(guide_roots[theirs]).query(roots.rest[mine], k=NEAREST)
        number[mine] = theirs[nearest]
        weight[mine] = 1 / (distance + 0.02) ** 1.5
    return number, weight / weight.sum(1, keepdims=True)


def _leaders(
    rng: np.random.Generator, roots: Roots, side: Callable[[Array], Array], locks: int
) -> Array:
    """(n,) the strand that each strand clumps around."""
    count = len(roots.points)
    chosen = rng.choice(count, min(locks or max(20, count // 40), count), replace=False)
    own = side(roots.rest)
    leader = np.zeros(count, int)
    for value in np.unique(own):
        mine = np.flatnonzero(own == value)
        theirs = chosen[own[chosen] == value]
        if len(theirs) == 0:
            theirs = chosen
        leader[mine] = theirs[cKDTree(roots.rest[theirs]).query(roots.rest[mine])[1]]
    return leader


def interpolate(
    rng: np.random.Generator,
    roots: Roots,
    guides: Array,
    guide_roots: Array,
    texture: Texture,
    side: Callable[[Array], Array] = one_side,
) -> Array:
    """(n, points, 3) strands.

    Args:
        rng: for all differences between strands.
        roots: n roots.
        guides: (g, points, 3).
        guide_roots: (g, 3) where the guides begin, at rest.
        texture: the hair's character.
        side: from rest points to the side of the parting.
    """
    count, points = len(roots.points), guides.shape[1]
    number, weight = _nearest_guides(roots, guide_roots, side)
    relative = guides - guides[:, :1]
    strands = roots.points[:, None] + np.einsum("nk,nkpd->npd", weight, relative[number])
    t = np.linspace(0, 1, points)[None, :, None]
    leader = _leaders(rng, roots, side, texture.locks)
    flies = rng.random(count) < texture.fly
    pull = texture.clump * t**1.3 * (~flies)[:, None, None]
    own_place = (roots.points - roots.points[leader])[:, None] * 0.25
    strands = strands * (1 - pull) + pull * (strands[leader] + own_place)
    phase = rng.uniform(0, 2 * np.pi, (count, 3))
    shared = rng.uniform(0, 2 * np.pi, (count, 3))[leader]
    length = np.linalg.norm(np.diff(guides, axis=1), axis=2).sum(1)[number[:, 0]][:, None, None]
    arc = t * length
    if texture.wave:
        angle = arc * texture.wave_rate + shared[:, None] * 0.5 + phase[:, None] * 0.12
        strands = strands + texture.wave * np.minimum(1, t * 2.5) * np.sin(angle)
    if texture.curl:
        tangent = unit(np.gradient(strands, axis=1))
        across = unit(np.cross(tangent, [0.3, 0.2, 0.9]))
        radius = texture.curl * rng.uniform(0.6, 1.3, (count, 1, 1)) * np.minimum(1, t * 4)
        angle = (
            arc * texture.curl_rate * rng.uniform(0.8, 1.2, (count, 1, 1))
            + shared[:, :1, None]
            + phase[:, :1, None] * 0.3
        )
        strands = strands + radius * (
            np.cos(angle) * across + np.sin(angle) * np.cross(tangent, across)
        )
    rate = rng.uniform(1, 4, (count, 1, 3))
    strands = strands + texture.frizz * t * np.sin(rate * arc * 2 + phase[:, None])
    strands = strands + texture.frizz * 0.5 * t * rng.normal(0, 1, (count, 1, 3))
    away = unit(rng.normal(size=(count, 3)) + roots.normals)[:, None]
    reach = texture.fly_size * rng.uniform(0.3, 1, (count, 1, 1)) * np.minimum(0.8, length * 0.4)
    strands = strands + np.where(flies[:, None, None], away * t**1.6 * reach, 0)
    return shortened(strands, rng.uniform(*texture.cut, count))


def shortened(strands: Array, part: Array) -> Array:
    """Strands (n, points, 3) cut to a part (n,) of their length, with as many points."""
    count, points = strands.shape[:2]
    position = part[:, None] * np.arange(points)[None]
    low = np.minimum(position.astype(int), points - 2)
    rest = (position - low)[:, :, None]
    row = np.arange(count)[:, None]
    return np.asarray(strands[row, low] * (1 - rest) + strands[row, low + 1] * rest)


def stray_hair(
    rng: np.random.Generator, strands: Array, center: Array, count: int, size: float
) -> Array:
    """(count, 8, 3) single hairs that leave the outside of a hairdo and bend.

    Args:
        rng: for all of it.
        strands: (n, points, 3) of the hairdo.
        center: (3,) the middle of the head.
        count: how many.
        size: their length in decimetres, about.
    """
    points, steps = strands.shape[1], 8
    # The outermost of six candidates each: stray hair shows at the outline.
    row = rng.integers(0, len(strands), (count, 6))
    column = rng.integers(points // 3, points - 1, (count, 6))
    place = strands[row, column]
    best = np.linalg.norm((place - center) * [1, 0.7, 1], axis=2).argmax(1)
    pick = np.arange(count)
    start = place[pick, best]
    along = unit(strands[row, column + 1] - place)[pick, best]
    outward = unit(start - center)
    direction = unit(
        along * rng.uniform(0.5, 1.2, (count, 1))
        + outward * rng.uniform(0.0, 0.6, (count, 1))
        + rng.normal(0, 0.35, (count, 3))
    )
    bend = rng.normal(0, 0.22, (count, 3)) + [0, -0.1, 0]
    step = size * rng.gamma(2.0, 0.35, (count, 1)).clip(0.1, 1.6) / (steps - 1)
    out = [start]
    for _ in range(steps - 1):
        out.append(out[-1] + direction * step)
        direction = unit(direction + bend + rng.normal(0, 0.03, (count, 3)))
    return np.stack(out, 1)
