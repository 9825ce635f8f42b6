"""All things by name: how each is made, and where it may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ..assets.base_mesh import BaseMesh
from ..draws import Draws
from ..things import animals, figures, flat, lamps, plants, seats, small, storage, tables
from ..things.pictures import Pictures
from ..things.piece import Piece, Thing, block, bounds, legs, moved, wood

Place = Literal["at wall", "on wall", "floor", "ceiling", "low"]
"""`low`: too low for a webcam; it gets something to stand on."""


@dataclass(frozen=True)
class Kit:
    """What makers of things need."""

    base: BaseMesh
    pictures: Pictures


@dataclass(frozen=True)
class Entry:
    """One kind of thing."""

    place: Place
    make: Callable[[Draws, Kit], Thing]
    middle_m: tuple[float, float] = (1.2, 1.75)
    """On walls: how high the origin hangs."""
    least_m: float = 0.0
    """On the floor: not nearer to the camera."""


def _alone(make: Callable[[Draws], Thing]) -> Callable[[Draws, Kit], Thing]:
    return lambda draws, kit: make(draws)


def _shows(make: Callable[[Draws, Pictures], Thing]) -> Callable[[Draws, Kit], Thing]:
    return lambda draws, kit: make(draws, kit.pictures)


def _shaped(make: Callable[[BaseMesh, Draws], Thing]) -> Callable[[Draws, Kit], Thing]:
    return lambda draws, kit: make(kit.base, draws)


def _boxes(draws: Draws) -> Thing:
    """A pile of boxes on the floor."""
    thing: Thing = []
    z = 0.0
    for k in range(draws.integer("count", 1, 4)):
        one = small.carton(draws.under(f"box {k}"))
        low, high = bounds(one)
        thing += moved(one, [draws.normal(f"x {k}", 0, 0.03), -0.25, z])
        z += float(high[2] - low[2])
    return [piece for piece in thing if piece is not None]


def _chair(draws: Draws) -> Thing:
    return seats.chair(draws, draws.pick("chair", seats.CHAIRS))


def _person_screen(draws: Draws, kit: Kit) -> Thing:
    """A monitor that shows a person, on a small table."""
    table = tables.coffee_table(Draws(draws.seed, f"{draws.path}table/"))[:2]
    high = float(bounds(table)[1][2])
    return [*table, *moved(flat.monitor(draws, kit.pictures, person=True), [0, 0, high])]


ENTRIES: dict[str, Entry] = {
    "shelf": Entry("at wall", _alone(storage.shelf)),
    "cabinet": Entry("at wall", _alone(storage.cabinet)),
    "kitchen": Entry("at wall", _alone(storage.kitchen)),
    "fridge": Entry("at wall", _alone(storage.fridge)),
    "lockers": Entry("at wall", _alone(storage.lockers)),
    "counter": Entry("at wall", _alone(storage.counter)),
    "bench": Entry("at wall", _alone(tables.bench)),
    "piano": Entry("at wall", _alone(tables.piano)),
    "boxes": Entry("at wall", _alone(_boxes)),
    "sofa": Entry("at wall", _alone(seats.sofa)),
    "bed": Entry("at wall", _alone(seats.bed)),
    "coat rack": Entry("at wall", _shaped(figures.coat_rack)),
    "board": Entry("on wall", _alone(storage.wall_board), (1.25, 1.8)),
    "picture": Entry("on wall", _shows(flat.picture)),
    "photographs": Entry("on wall", _shows(flat.photographs)),
    "whiteboard": Entry("on wall", _shows(flat.whiteboard), (1.3, 1.6)),
    "clock": Entry("on wall", _shows(flat.wall_clock), (1.7, 2.1)),
    "guitar": Entry("on wall", _shows(flat.guitar), (1.3, 1.6)),
    "tapestry": Entry("on wall", _shows(flat.wall_cloth), (1.3, 1.7)),
    "television": Entry("on wall", _shows(flat.television), (1.1, 1.6)),
    "mirror": Entry("on wall", _shows(flat.mirror), (1.3, 1.65)),
    "partition": Entry("floor", _alone(storage.partition), least_m=2.6),
    "desk": Entry("at wall", _shows(tables.desk)),
    "table": Entry("floor", _alone(tables.table)),
    "coffee table": Entry("floor", _alone(tables.coffee_table)),
    "school desks": Entry("floor", _alone(tables.school_desks)),
    "chair": Entry("floor", _alone(_chair)),
    "armchair": Entry("floor", _alone(seats.armchair)),
    "stool": Entry("floor", _alone(seats.stool)),
    "floor plant": Entry("floor", _alone(plants.floor_plant)),
    "floor lamp": Entry("floor", _alone(lamps.floor_lamp), least_m=1.5),
    "studio light": Entry("floor", _alone(lamps.studio_light)),
    "pendant": Entry("ceiling", _alone(lamps.pendant)),
    "panel": Entry("ceiling", _alone(lamps.panel)),
    "ball": Entry("low", _alone(small.ball)),
    "pot plant": Entry("low", _alone(plants.pot_plant)),
    # Hard negatives: a network may take them for people.
    "statue": Entry("floor", _shaped(figures.statue)),
    "bust": Entry("floor", _shaped(figures.bust)),
    "mannequin": Entry("floor", _shaped(figures.mannequin)),
    "doll": Entry("low", _shaped(figures.doll)),
    "head stand": Entry("low", _shaped(figures.head_stand)),
    "coats": Entry("at wall", _shaped(figures.coat_rack)),
    "clothes on a chair": Entry("floor", _shaped(figures.chair_with_clothes)),
    "poster": Entry("on wall", _shows(flat.poster), (1.2, 1.5)),
    "portrait": Entry("on wall", _shows(flat.portrait), (1.2, 1.7)),
    "screen with a face": Entry("floor", _person_screen),
    "television with a face": Entry(
        "on wall", lambda d, kit: flat.television(d, kit.pictures, person=True), (1.1, 1.6)
    ),
    "animal": Entry("low", _alone(animals.cat_or_dog)),
    "teddy": Entry("low", _alone(animals.teddy)),
    "bird": Entry("low", _alone(animals.bird)),
    "toy": Entry("low", _alone(animals.toy)),
    "fruit": Entry("low", _alone(small.fruit)),
    "hair plant": Entry("low", _alone(plants.hair_plant)),
}

HARD = {
    "statue": 1.0,
    "bust": 1.5,
    "mannequin": 1.2,
    "doll": 1.0,
    "head stand": 0.9,
    "coats": 2.2,
    "clothes on a chair": 1.1,
    "poster": 1.2,
    "portrait": 1.1,
    "screen with a face": 0.8,
    "television with a face": 0.7,
    "animal": 1.0,
    "teddy": 0.8,
    "bird": 0.4,
    "toy": 0.5,
    "fruit": 0.5,
    "ball": 0.6,
    "hair plant": 0.7,
}
"""Hard negatives with the weight that each has among them."""

WHOLE = ("statue", "bust", "mannequin")
"""Things whose top must be in the picture."""


def lifted(draws: Draws, thing: Thing, top_m: float) -> Thing:
    """A thing on a stool, a box or a small cabinet, so high that a webcam sees it."""
    low, high = bounds(thing)
    stand = max(0.2, top_m - float(high[2] - low[2]))
    half = max(0.15, float(max(high[0] - low[0], high[1] - low[1])) / 2 * 0.9)
    shade = wood(draws.under("stand"))
    middle = (low + high) / 2
    base = [Piece(block([-half, -half, stand - 0.03], [half, half, stand]), shade)]
    if draws.chance("closed", 0.5):
        base.append(
            Piece(
                block([-half * 0.95, -half * 0.95, 0], [half * 0.95, half * 0.95, stand - 0.03]),
                shade,
            )
        )
    else:
        base.append(Piece(legs(half * 0.85, -half * 0.85, half * 0.85, stand - 0.03, 0.02), shade))
    return [*base, *moved(thing, [-middle[0], -middle[1], stand - low[2]])]
