"""One hairdo under construction: the guides' roots and the directions in which hair is combed."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array, unit
from ..person.part import Strands
from ..person.person import Person
from .growth import Growth, grow
from .interpolation import Texture, interpolate, one_side, shortened, stray_hair
from .roots import Roots, draw_roots

STRANDS = 24000
"""Strands of a full head at density 1."""


class Hairdo:
    """Hair of one settled person."""

    def __init__(
        self,
        person: Person,
        draws: Draws,
        mask: Array,
        shading: dict[str, Any],
        parting: float | None,
    ) -> None:
        """Draw the guides' roots.

        Args:
            person: settled.
            draws: the hairdo's own.
            mask: (VERTICES,) where hair grows.
            shading: for the material.
            parting: x of the parting, or None.
        """
        self.person, self.draws, self.mask, self.shading = person, draws, mask, shading
        self.parting = parting
        self.turn = person.head_0[:3, :3]
        self.roots = draw_roots(person, draws.rng("guides"), 900, np.clip(mask * 1.5, 0, 1)).first(
            420
        )
        marks, rest = person.marks, self.roots.rest
        self.count = len(rest)
        self.height = (rest[:, 1] - marks.eye_y) / marks.skull
        """(g,) of the roots: 0 at the eyes, 1 at the top."""
        self.front = np.clip((rest[:, 2] - marks.center[2] - 0.2) / 0.8, 0, 1)
        self.topness = np.clip((self.height - 0.35) / 0.4, 0, 1)

    @property
    def side(self) -> Array:
        """(g, 1) on which side of the parting each root is: 1 or -1."""
        return np.where(self.roots.rest[:, 0] > (self.parting or 0.0), 1.0, -1.0)[:, None]

    def side_of(self, rest: Array) -> Array:
        """(n,) side of the parting; with waves in the parting's line, as real partings do."""
        if self.parting is None:
            return one_side(rest)
        line = self.parting + 0.03 * np.sin(rest[:, 2] * 9 + self.parting * 40)
        return np.asarray((rest[:, 0] > line).astype(int))

    def combed(self, direction: Array, *, along_skin: bool = True) -> Array:
        """(g, 3) directions of the head at rest, laid on the scalp, in the pose of time 0."""
        if along_skin:
            normals = self.roots.normals @ self.turn
            direction = direction - normals * (direction * normals).sum(1, keepdims=True)
        return np.asarray(unit(direction) @ self.turn.T)

    def guides(self, length: Array, comb: Array, margin: Array, growth: Growth) -> Array:
        """(g, points, 3) grown guides."""
        rng = self.draws.rng("growth")
        return grow(self.person, rng, self.roots, length, comb, margin, growth)

    def fill(
        self,
        guides: Array,
        texture: Texture,
        *,
        share: float = 1.0,
        name: str = "hair",
        radius: float = 0.0065,
        lag_s: float = 0.0,
    ) -> Array:
        """Add the strands between guides; returns them too."""
        rng = self.draws.rng("strands")
        count = int(STRANDS * share * self.person.request.density)
        roots = draw_roots(self.person, rng, count, self.mask)
        strands = interpolate(rng, roots, guides, self.roots.rest, texture, self.side_of)
        self.add(strands, name, radius, lag_s)
        return strands

    def add(self, strands: Array, name: str, radius: float = 0.0065, lag_s: float = 0.0) -> None:
        """Add strands (n, points, 3) in the pose of time 0."""
        self.person.strands.append(Strands(name, strands, radius, self.shading, lag_s=lag_s))

    def add_stray(self, strands: Array, amount: float, size: float) -> None:
        """Add single hairs that stand off the outline, `amount` of them to sixty strands."""
        rng = self.draws.rng("stray")
        count = int(len(strands) * amount / 60 * min(1.0, 0.4 + self.person.request.density))
        if count > 4:
            head = self.person.head_0
            center = self.person.marks.center @ head[:3, :3].T + head[:3, 3]
            hairs = stray_hair(rng, strands, center, count, size)
            hairs = shortened(hairs, rng.uniform(0.4, 1.0, count))
            self.add(hairs, "stray", 0.0035, 0.06)

    def fill_mask(self, amount: float) -> None:
        """Darken the scalp below the hair."""
        person = self.person
        person.skin_marks[:, 1] = np.maximum(person.skin_marks[:, 1], self.mask * amount)

    def roots_of(self, name: str, count: int, mask: Array) -> Roots:
        """Roots for a feature of its own."""
        return draw_roots(self.person, self.draws.rng(name), count, mask)
