"""Dresses a person."""

from __future__ import annotations

from ..draws import Draws
from ..geometry.shapes import Shape
from ..person.part import Part
from ..person.person import Person
from .drape import FALLS, drape, refine
from .fabric import draw_fabric
from .fronts import add_buttons, add_cords, add_lapels, add_zip
from .garment import add_cloth, hide_body
from .suits import add_suit, garment
from .tops import add_top


def dress(person: Person, draws: Draws) -> None:
    """Draw clothes and shoes and put them on."""
    kind = draws.pick("kind", {"suit": 0.5, "top": 0.5})
    wear = add_suit if kind == "suit" else add_top
    hide_body(person, wear(person, draws.under(kind)))
    paths = sorted((person.base.assets / "clothes").glob("shoes*/*.mhclo"))
    shoes = {path.stem: path for path in paths}
    own = garment(shoes[draws.pick("shoes", list(shoes))])
    shading = draw_fabric(draws.under("shoes"), {"plain": 1.0}, dark=0.6)
    shape = Shape(own.fit(person.vertices), own.faces)
    add_cloth(person, draws, "shoes", shape, own.weights(person.base.weights), shading, 0.0)


FOLDED = ("top", "suit", "trousers", "jacket")

LARGE = 150
"""Vertices from which a piece of an outfit has folds; smaller ones are collars and ties."""


def fold_clothes(person: Person, draws: Draws) -> None:
    """Let the clothes fall, from the skin outwards; before the person settles."""
    cloth = [part for part in person.parts if part.name.startswith(FOLDED)]
    # Trousers first, jackets last; of an outfit's pieces the nearest to the skin first.
    order = {"trousers": 0, "top": 2, "jacket": 3}
    cloth.sort(key=lambda part: order.get(part.name, 1))
    done = [part for part in cloth if len(part.vertices) < LARGE]
    for part in cloth:
        if len(part.vertices) < LARGE:
            continue
        own = draws.under(part.name)
        kind = part.name
        if kind == "top":
            kind = person.tags["top"] if person.tags["top"] != "jacket" else "t-shirt"
        elif kind.startswith("suit"):
            kind = "suit"
        refine(part)
        drape(person, own, part, FALLS[kind], done)
        done.append(part)
        _finish(person, draws.under(f"front of {part.name}"), part)


def _finish(person: Person, draws: Draws, part: Part) -> None:
    """What is on the front of a garment that has fallen."""
    top = person.tags.get("top")
    if part.name == "top" and "shirt" in " ".join(person.tags["clothes"]).split(" "):
        add_buttons(person, draws, part)
    elif part.name == "top" and top == "hoodie":
        add_cords(person, draws, part)
        if draws.chance("zip", 0.4):
            add_zip(person, draws, part)
    elif part.name == "jacket" and person.tags.get("jacket") == "lapels":
        add_lapels(person, draws, part)
