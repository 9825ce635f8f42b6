"""Furnishes a room: windows and doors, then what stands and hangs where the camera sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ..draws import Draws
from ..things import seats
from ..things.piece import Shading, Thing, bounds, moved
from .catalog import ENTRIES, HARD, WHOLE, Kit, lifted
from .layout import Room
from .openings import Opening, add_door, add_window
from .plan import ROOMS, draw_room, how_many
from .shell import shell

SPOTS = np.array([[x, y, z] for x in (0.2, 0.5, 0.8) for y in (0.2, 0.8) for z in (0.2, 0.5, 0.9)])
"""Where a thing is looked for in the picture, as parts of its size."""


@dataclass(eq=False)
class Furnished:
    """A room with all that is in it."""

    kind: str
    room: Room
    things: list[tuple[str, Thing]] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    shadow: Thing | None = None
    """A body that only throws a shadow."""

    def tags(self, aspect: float) -> list[str]:
        """Names of the things that are in the picture, each once."""
        found = set()
        for name, thing in self.things:
            low, high = bounds(thing)
            spots = low + (high - low) * SPOTS
            if any(self.room.camera.sees(spot, aspect) for spot in spots):
                found.add(name)
        return sorted(found)


def view_outside(draws: Draws, kit: Kit, panoramas: Sequence[Path], *, night: bool) -> Shading:
    """What windows show; often brighter than the camera can take, at night nearly nothing."""
    d = draws
    strength = d.uniform("strength", 0.8, 7.0) * (0.03 if night else 1.0)
    if panoramas and d.chance("panorama", 0.5):
        path = panoramas[int(d.unit("which") * len(panoramas))]
        return {
            "kind": "outside",
            "panorama": path,
            "turn": d.uniform("turn", -3.1, 3.1),
            "strength": strength,
        }
    image = kit.pictures.photograph(d, 1.4)
    return {"kind": "outside", "image": image, "strength": strength}


def put(room: Room, draws: Draws, name: str, kit: Kit, *, prominent: bool = False) -> Thing | None:
    """Make one thing and find a place for it; None where there is none.

    Args:
        room: which is being furnished.
        draws: the thing's own.
        name: of `ENTRIES`.
        kit: what makers need.
        prominent: near enough that it fills a good part of the picture.
    """
    entry, d = ENTRIES[name], draws
    thing = entry.make(d, kit)
    if not thing:
        return None
    if entry.place == "at wall":
        return room.stand_at_wall(d, thing, tries=40 if prominent else 14)
    if entry.place == "on wall":
        return room.hang(d, thing, entry.middle_m)
    if entry.place == "ceiling":
        return _from_ceiling(room, d, thing)
    far = max(1.1, room.depth_m - 0.4)
    near = 0.9 if prominent else max(1.2, entry.least_m)
    if entry.place == "low":
        if prominent:
            near, far = 0.6, min(far, 1.9)
            thing = lifted(d, thing, room.camera.height_m + d.uniform("lift", -0.25, 0.15))
        elif d.chance("lifted", 0.6):
            thing = lifted(d, thing, d.uniform("top", 0.6, 1.0))
    elif prominent:
        far = min(far, 3.2)
    if near > far:
        return None
    # A clothed figure without its head in the picture is too much like a person.
    shape = 16 / 9 if name in WHOLE else None
    tries, turn = (40, 0.5) if prominent else (14, 1.2)
    return room.stand(d, thing, (near, far), tries, turn, shape)


def _from_ceiling(room: Room, draws: Draws, thing: Thing) -> Thing | None:
    for k in range(6):
        own = draws.under(f"place {k}")
        x = own.uniform("x", -room.left_m * 0.8, room.right_m * 0.8)
        y = own.uniform("y", min(1.2, room.depth_m * 0.6), max(0.8, room.depth_m - 0.4))
        placed = moved(thing, [x, y, room.height_m])
        low, high = bounds(placed)
        if low[0] > -room.left_m and high[0] < room.right_m and high[1] < room.depth_m:
            return placed
    return None


def _own_chair(room: Room, draws: Draws, kinds: dict[str, float]) -> tuple[str, Thing] | None:
    """The empty chair of the one who sits before the camera: near, from the front."""
    kind = draws.pick("kind", kinds)
    far = draws.uniform("distance", 0.6, 1.25)
    angle = room.camera.yaw * 0.7 + draws.normal("angle", 0, 0.16)
    place = np.array([far * np.sin(angle), far * np.cos(angle), 0.0])
    if place[1] + 0.35 > room.depth_m:
        return None
    turn = (
        draws.uniform("turn/wide", -2.5, 2.5)
        if draws.chance("turned", 0.2)
        else draws.normal("turn", 0, 0.3)
    )
    thing = moved(seats.chair(draws, kind), place, -angle + turn)
    low, high = bounds(thing)
    room.take(low, high)
    return kind, thing


def furnish(
    draws: Draws, kit: Kit, panoramas: Sequence[Path], *, hard: bool, night: bool
) -> Furnished:
    """Draw a room and all that is in it.

    Args:
        draws: the room's own.
        kit: what makers of things need.
        panoramas: what windows may show.
        hard: also one to three hard negatives, which come first.
        night: it is dark outside.
    """
    d = draws
    kind, room = draw_room(d)
    about, done = ROOMS[kind], Furnished(kind, room)
    outside = view_outside(d.under("outside"), kit, panoramas, night=night)
    if hard:
        for k in range(d.integer("hard", 1, 3)):
            own = d.under(f"hard {k}")
            name = own.pick("name", HARD)
            thing = put(room, own, name, kit, prominent=True)
            if thing is not None:
                done.things.append((name, thing))
    if d.chance("own chair", about.own_chair * (0.4 if hard else 1.0)):
        found = _own_chair(room, d.under("own chair"), about.chairs)
        if found is not None:
            done.things.append(found)
    for k in range(how_many(d.under("windows"), about.windows)):
        window = add_window(d.under(f"window {k}"), room, outside)
        if window is not None:
            thing, opening, tags = window
            done.openings.append(opening)
            done.things.append((tags[0], thing))
            done.things += [(tag, thing[-1:]) for tag in tags[1:]]
    for k in range(how_many(d.under("doors"), about.doors)):
        door = add_door(d.under(f"door {k}"), room)
        if door is not None:
            done.things.append((door[1][0], door[0]))
    factor = d.uniform("clutter", 0.7, 1.8) * (0.7 if hard else 1.0)
    for place in (about.at_walls, about.on_floor, about.on_walls, about.ceiling):
        for name, mean in place.items():
            for k in range(how_many(d.under(f"count {name}"), mean * factor)):
                thing = put(room, d.under(f"{name} {k}"), name, kit)
                if thing is not None:
                    done.things.append((name, thing))
    done.things.append((kind, shell(d.under("shell"), room, about.walls, about.floors)))
    return done
