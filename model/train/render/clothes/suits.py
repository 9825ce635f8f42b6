"""Whole outfits of the assets: shirts with trousers, work clothes, business suits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..assets.base_mesh import BODY, BaseMesh
from ..assets.garment_file import GarmentFile, read_garment
from ..draws import Draws
from ..geometry.rotations import Array
from ..geometry.shapes import Shape
from ..person.person import Person
from .fabric import draw_fabric
from .garment import add_cloth

_read: dict[Path, GarmentFile] = {}


def garment(path: Path) -> GarmentFile:
    """A garment's file, read once."""
    if path not in _read:
        _read[path] = read_garment(path)
    return _read[path]


def suit_paths(base: BaseMesh, *, male: bool) -> dict[str, Path]:
    """Outfits by name that suit the sex; sports outfits show too much skin."""
    begin = "male" if male else "female"
    paths = sorted((base.assets / "clothes").glob("*suit*/*.mhclo"))
    return {
        path.stem: path
        for path in paths
        if "sportsuit" not in path.stem and path.stem.startswith(begin)
    }


def add_suit(person: Person, draws: Draws) -> Array:
    """Dress with an outfit; returns which body vertices (BODY,) it covers."""
    paths = suit_paths(person.base, male=person.body.male)
    if draws.chance("men's", 0.15):
        paths = suit_paths(person.base, male=True)
    name = draws.pick("name", sorted(paths))
    own = garment(paths[name])
    fitted = own.fit(person.vertices)
    weights = own.weights(person.base.weights)
    count, labels = own.pieces()
    for piece in range(count):
        numbers = np.flatnonzero(labels == piece)
        new_number = np.full(len(labels), -1)
        new_number[numbers] = np.arange(len(numbers))
        faces = [
            [int(new_number[i]) for i in face] for face in own.faces if labels[face[0]] == piece
        ]
        low, high = fitted[numbers, 1].min(), fitted[numbers, 1].max()
        trousers = low < -2 and high < 3
        patterns = {"plain": 0.6, "melange": 0.4} if trousers or len(numbers) < 60 else None
        shading = draw_fabric(
            draws.under(f"fabric {piece}"), patterns, dark=0.5 if trousers else 1.0
        )
        shape = Shape(fitted[numbers], faces)
        add_cloth(
            person,
            draws.under(f"piece {piece}"),
            f"suit {piece}",
            shape,
            weights[numbers],
            shading,
            0.025,
        )
    covered = np.zeros(BODY, bool)
    covered[own.hidden[own.hidden < BODY]] = True
    person.tags["clothes"] = [name]
    return covered
