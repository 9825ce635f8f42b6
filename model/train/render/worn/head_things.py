"""Which things a person wears on the head and round the neck."""

from __future__ import annotations

from ..draws import Draws
from ..person.person import Person
from .audio import add_earbuds, add_headphones
from .glasses import add_glasses
from .hats import HATS, Rim
from .neckwear import add_earrings, add_necklace, add_scarf


def wear_head_things(person: Person, draws: Draws) -> Rim | None:
    """Draw and put on; returns the hat's rim, under which hair must stay."""
    male = person.body.male
    if draws.chance("glasses", 0.38):
        add_glasses(person, draws.under("glasses"))
    phones = draws.chance("headphones", 0.16) and person.tags.get("hood") != "up"
    if phones:
        add_headphones(person, draws.under("headphones"))
    elif draws.chance("earbuds", 0.10):
        add_earbuds(person, draws.under("earbuds"))
    rim: Rim | None = None
    if person.tags.get("hood") == "up":
        marks = person.marks
        # Only hair at the front comes out of a hood.
        return marks.eye_y + 0.9 * marks.skull, marks.eye_y - 9, marks.eye_y - 9
    hat = draws.pick("hat", {"none": 0.83, "cap": 0.08, "beanie": 0.055, "fedora": 0.035})
    if hat != "none" and not phones:
        rim = HATS[hat](person, draws.under(hat))
        person.tags["hat"] = hat
    if draws.chance("scarf", 0.06):
        add_scarf(person, draws.under("scarf"))
    if draws.chance("necklace", 0.0 if male else 0.12):
        add_necklace(person, draws.under("necklace"))
    if draws.chance("earrings", 0.03 if male else 0.3):
        add_earrings(person, draws.under("earrings"))
    return rim
