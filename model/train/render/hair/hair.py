"""Chooses a hairdo and grows it; the last step of making a person."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..assets.base_mesh import BODY
from ..draws import Draws
from ..geometry.rotations import Array
from ..person.person import Person
from ..worn.hats import Rim
from .color import hair_shading
from .facial import add_beard, add_brows
from .hairdo import Hairdo
from .styles import PARTED, combed, cropped, curly, long
from .tied import braids, bun, locs, ponytail

STYLES: dict[str, Callable[[Hairdo, str], None]] = {
    **dict.fromkeys(("buzz", "short", "messy", "fringe"), cropped),
    **dict.fromkeys(("side", "slick", "medium"), combed),
    **dict.fromkeys(("bob", "long", "wavy", "curly long", "fringe long"), long),
    **dict.fromkeys(("curly", "afro"), curly),
    "ponytail": ponytail,
    "bun": bun,
    "braids": braids,
    "locs": locs,
}

MALE = {
    **{"buzz": 1, "short": 3, "side": 1.5, "slick": 0.8, "messy": 1.5, "fringe": 1},
    **{"curly": 1, "medium": 0.7, "long": 0.5, "bun": 0.4, "bald": 0.7},
}
FEMALE = {
    **{"bob": 1.6, "long": 2.2, "wavy": 2.2, "curly long": 1.2, "ponytail": 1.6, "bun": 1.2},
    **{"fringe long": 1.2, "short": 0.5, "side": 0.5, "messy": 0.5, "curly": 0.8, "braids": 0.9},
}
TIGHT_CURLS = {"afro": 1.6, "locs": 1.6, "curly": 1.2, "braids": 0.4, "buzz": 0.6}
"""Added by the share of African origin."""

LOW_UNDER_HAT = ("bun", "ponytail", "afro", "slick", "side", "messy", "fringe", "curly", "locs")
"""Styles that no hat fits over."""


def style_weights(person: Person) -> dict[str, float]:
    """Styles with weights by sex, age and origin."""
    body = person.body
    weights = {name: float(weight) for name, weight in (MALE if body.male else FEMALE).items()}
    for name, weight in TIGHT_CURLS.items():
        if not (name == "buzz" and not body.male):
            weights[name] = weights.get(name, 0.0) + weight * 2.5 * body.origin["african"] ** 2
    if body.male and body.age > 0.55:
        weights["bald"] = weights.get("bald", 0.0) + 4
    return weights


def _below_rim(person: Person, rim: Rim) -> Array:
    """(VERTICES,) the scalp that shows below a hat."""
    front, back, side = rim
    v, marks = person.vertices, person.marks
    azimuth = np.arctan2(np.abs(v[:, 0]), v[:, 2] - marks.center[2])
    line = np.interp(np.cos(azimuth), [-1, 0, 1], [back, side, front])
    return np.asarray(person.scalp * (v[:, 1] < line + 0.05))


def _parting(draws: Draws, style: str) -> float | None:
    if style == "braids":
        return draws.normal("parting", 0, 0.03) if draws.chance("two braids", 0.55) else None
    if style not in PARTED:
        return None
    if style != "side" and draws.chance("middle", 0.4):
        return draws.normal("parting", 0, 0.03)
    return draws.sign("parting/side") * draws.uniform("parting/x", 0.1, 0.4)


def grow_hair(person: Person, draws: Draws, rim: Rim | None) -> None:
    """Hair, brows and beard of a settled person."""
    style = draws.pick("style", style_weights(person))
    shading = hair_shading(draws, person.body)
    mask = person.scalp
    if rim is not None:
        mask = _below_rim(person, rim)
        person.skin_marks[:, 1] = person.scalp * 0.6
        if style in LOW_UNDER_HAT:
            style = "short" if person.body.male else "long"
    person.tags["hair"], person.tags["hair color"] = style, shading["name"]
    if style == "bald":
        person.skin_marks[:, 1] = np.maximum(person.skin_marks[:, 1], mask * 0.08)
    elif mask.max() > 0.3:
        hairdo = Hairdo(person, draws.under(style), mask, shading, _parting(draws, style))
        STYLES[style](hairdo, style)
    add_brows(person, draws.under("brows"), shading)
    add_beard(person, draws.under("beard"), shading)
    person.body_part.shading["hair"] = shading["color"]
    person.body_part.attributes["marks"] = person.skin_marks[:BODY]
