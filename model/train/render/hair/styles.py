"""Hair that falls freely: cropped, combed, long and curly styles."""

from __future__ import annotations

import numpy as np

from ..geometry.rotations import X, Y, Z
from .growth import Growth
from .hairdo import Hairdo
from .interpolation import Texture

PARTED = ("side", "long", "bob", "wavy", "medium", "curly long", "fringe long")
"""Styles with a parting."""


def cropped(hairdo: Hairdo, style: str) -> None:
    """`buzz`, `short`, `messy` and `fringe`."""
    d, n = hairdo.draws, hairdo.count
    margin = np.full(n, 0.05)
    forward, down = np.tile(Z, (n, 1)), np.tile(Y, (n, 1)) * -1
    if style == "buzz":
        length = np.full(n, d.uniform("length", 0.03, 0.12))
        comb = hairdo.combed(forward * 0.5 + down * 0.3)
        guides = hairdo.guides(length, comb, margin * 0.2, Growth(0.8, 0.05, 5, face_free=False))
        texture = Texture(clump=0, frizz=0.01, fly=0, cut=(0.5, 1))
        hairdo.fill(guides, texture, share=0.5, radius=0.0045)
        hairdo.fill_mask(0.35)
        return
    top, sides = d.uniform("top", 0.35, 0.9), d.uniform("sides", 0.08, 0.35)
    length = sides + (top - sides) * hairdo.topness
    if style == "fringe":
        length = length + 0.3 * hairdo.front
        way, lift = forward + X * d.normal("way", 0, 0.2), 0.3
    elif style == "messy":
        way, lift = d.rng("ways").normal(0, 0.8, (n, 3)), d.uniform("lift", 0.45, 0.8)
    else:
        way = forward * d.uniform("forward", -0.6, 0.9) + X * d.normal("way", 0, 0.5)
        lift = d.uniform("lift", 0.25, 0.6)
    comb = hairdo.combed(way + down * (1 - hairdo.topness)[:, None] * 1.2)
    guides = hairdo.guides(
        length, comb, margin * d.uniform("volume", 0.5, 1.5), Growth(lift, 0.25, 10, False)
    )
    texture = Texture(
        clump=d.uniform("clump", 0.2, 0.7),
        frizz=d.uniform("frizz", 0.015, 0.06),
        wave=0.03 if d.chance("wave", 0.5) else 0.0,
        wave_rate=8,
        fly=d.uniform("fly", 0.05, 0.12),
        fly_size=0.25,
    )
    hairdo.add_stray(hairdo.fill(guides, texture), d.uniform("stray", 0.8, 3), 0.25)
    hairdo.fill_mask(0.75)


def combed(hairdo: Hairdo, style: str) -> None:
    """`side`, `slick` and `medium`."""
    d, n = hairdo.draws, hairdo.count
    low, high = {"side": (0.7, 1.2), "slick": (0.8, 1.5), "medium": (1.3, 2.4)}[style]
    top = d.uniform("top", low, high)
    sides = top * 0.8 if style == "medium" else d.uniform("sides", 0.15, 0.4)
    length = sides + (top - sides) * hairdo.topness
    rest = (1 - hairdo.topness)[:, None]
    if style == "slick":
        way = -np.tile(Z, (n, 1)) + Y * 0.15 * hairdo.front[:, None]
    else:
        way = hairdo.side * X * 0.9 + Z * 0.25 * hairdo.front[:, None]
    comb = hairdo.combed(way - Y * rest * 0.9 - Z * rest * 0.4)
    growth = Growth(
        d.uniform("lift", 0.15, 0.4),
        1.3 if style == "medium" else 0.4,
        14,
        face_free=style == "medium",
        comb_weight=0.3,
    )
    margin = np.full(n, 0.05) * d.uniform("volume", 0.5, 1.6)
    texture = Texture(
        clump=d.uniform("clump", 0.3, 0.7),
        frizz=d.uniform("frizz", 0.01, 0.04),
        fly=d.uniform("fly", 0.03, 0.09),
        fly_size=0.3,
    )
    strands = hairdo.fill(hairdo.guides(length, comb, margin, growth), texture, lag_s=0.03)
    hairdo.add_stray(strands, d.uniform("stray", 0.8, 3), 0.35)
    hairdo.fill_mask(0.75)


LENGTHS = {
    "bob": (2.0, 2.8),
    "long": (3.0, 5.5),
    "wavy": (2.8, 5.0),
    "curly long": (2.5, 4.5),
    "fringe long": (2.5, 5.0),
}
"""Decimetres from the top."""


def long(hairdo: Hairdo, style: str) -> None:
    """`bob`, `long`, `wavy`, `curly long` and `fringe long`."""
    d, n, marks = hairdo.draws, hairdo.count, hairdo.person.marks
    rest, rng = hairdo.roots.rest, hairdo.draws.rng("lengths")
    length = d.uniform("length", *LENGTHS[style]) - (marks.top - rest[:, 1]) * (
        1 - 0.35 * rng.random(n)
    )
    length = np.maximum(length, 0.5)
    comb = hairdo.side * X - Z * d.uniform("back", 0.1, 0.7) + Y * 0.1
    if style == "fringe long":
        fringe = (hairdo.front > 0.35) & (np.abs(rest[:, 0]) < 0.75)
        comb[fringe] = Z + X * d.normal("fringe", 0, 0.15)
        length[fringe] = np.maximum(rest[fringe, 1] - marks.eye_y + 0.12, 0.35)
    curly = style == "curly long"
    growth = Growth(
        d.uniform("lift", 0.15, 0.4),
        d.uniform("gravity", 0.6, 1.2) if curly else d.uniform("gravity", 1.2, 2.2),
        22,
        face_free=style != "fringe long",
        comb_weight=0.25,
        aside=d.uniform("aside", 0.75, 1.05),
    )
    margin = 0.05 * d.uniform("volume", 0.5, 2.2) + rng.uniform(0, 0.12, n)
    guides = hairdo.guides(length, hairdo.combed(comb, along_skin=False), margin, growth)
    wavy = style == "wavy"
    texture = Texture(
        clump=0.5 if curly else d.uniform("clump", 0.3, 0.65),
        frizz=0.1 if curly else d.uniform("frizz", 0.03, 0.09),
        fly=d.uniform("fly", 0.04, 0.12),
        fly_size=d.uniform("fly/size", 0.2, 0.6),
        cut=(d.uniform("cut", 0.7, 0.93), 1.0),
        wave=d.uniform("wave", 0.05, 0.11) if wavy else 0.0,
        wave_rate=d.uniform("wave/rate", 3, 6),
        curl=d.uniform("curl", 0.06, 0.13) if curly else 0.0,
        curl_rate=d.uniform("curl/rate", 7, 12),
    )
    strands = hairdo.fill(guides, texture, lag_s=0.12)
    hairdo.add_stray(strands, d.uniform("stray", 1.0, 4), 0.6)
    hairdo.fill_mask(0.75)


def curly(hairdo: Hairdo, style: str) -> None:
    """`curly` and `afro`."""
    d, n = hairdo.draws, hairdo.count
    afro = style == "afro"
    length = np.full(n, d.uniform("length", 0.7, 1.6) if afro else d.uniform("length", 0.6, 1.3))
    length = length * np.where(hairdo.height < -0.1, 0.6, 1.0)
    way = Z * 0.3 - Y * 0.4 + d.rng("ways").normal(0, 0.3, (n, 3))
    growth = Growth(0.95 if afro else 0.75, 0.0 if afro else 0.18, 14, face_free=False)
    guides = hairdo.guides(length, hairdo.combed(way), np.full(n, 0.05), growth)
    texture = Texture(
        curl=d.uniform("curl", 0.05, 0.09),
        curl_rate=d.uniform("curl/rate", 14, 24),
        clump=0.3 if afro else 0.55,
        frizz=0.12,
        fly=d.uniform("fly", 0.08, 0.14),
        fly_size=0.25,
        cut=(0.7, 1),
    )
    strands = hairdo.fill(guides, texture, share=0.75 if afro else 1.0, lag_s=0.03)
    hairdo.add_stray(strands, d.uniform("stray", 1.0, 3.5), 0.3)
    hairdo.fill_mask(0.75)
