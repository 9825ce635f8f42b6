"""What kinds of rooms there are, how large they are and what is in them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..draws import Draws
from ..things.seats import CHAIRS
from .layout import Camera, Room

Range = tuple[float, float]


@dataclass(frozen=True)
class RoomKind:
    """A kind of room. Things have the mean of how many are tried to be placed."""

    weight: float
    depth_m: Range
    side_m: Range
    """From the camera to each side wall."""
    height_m: Range = (2.35, 2.9)
    walls: dict[str, float] = field(default_factory=lambda: {"paint": 1.0})
    floors: dict[str, float] = field(default_factory=lambda: {"planks": 1.0})
    windows: float = 0.8
    doors: float = 0.4
    at_walls: dict[str, float] = field(default_factory=dict)
    on_walls: dict[str, float] = field(default_factory=dict)
    on_floor: dict[str, float] = field(default_factory=dict)
    ceiling: dict[str, float] = field(default_factory=dict)
    own_chair: float = 0.0
    """How often the user's own chair stands before the camera, empty."""
    chairs: dict[str, float] = field(default_factory=lambda: dict(CHAIRS))


HOME_WALLS = {"paint": 5, "wallpaper": 1.5, "brick": 0.8, "panels": 0.6, "concrete": 0.4}
HOME_FLOORS = {"planks": 3, "carpet": 1, "floor tiles": 0.5}
PICTURES = {"picture": 1.0, "photographs": 0.25}

ROOMS = {
    "home office": RoomKind(
        0.26,
        (1.1, 3.6),
        (0.9, 2.4),
        walls=HOME_WALLS,
        floors=HOME_FLOORS,
        at_walls={
            "shelf": 1.1,
            "cabinet": 0.45,
            "desk": 0.45,
            "floor plant": 0.4,
            "boxes": 0.25,
            "sofa": 0.15,
            "bed": 0.12,
            "floor lamp": 0.3,
            "coat rack": 0.08,
            "piano": 0.04,
        },
        on_walls={
            **PICTURES,
            "board": 0.4,
            "whiteboard": 0.2,
            "clock": 0.15,
            "guitar": 0.2,
            "tapestry": 0.12,
            "television": 0.12,
            "mirror": 0.1,
        },
        on_floor={"chair": 0.25, "pot plant": 0.15},
        ceiling={"pendant": 0.35},
        own_chair=0.55,
    ),
    "living room": RoomKind(
        0.17,
        (2.2, 5.5),
        (1.4, 3.2),
        walls=HOME_WALLS,
        floors=HOME_FLOORS,
        windows=1.1,
        at_walls={
            "sofa": 0.9,
            "shelf": 0.8,
            "cabinet": 0.7,
            "floor plant": 0.7,
            "floor lamp": 0.6,
            "armchair": 0.5,
            "piano": 0.12,
            "boxes": 0.1,
        },
        on_walls={
            "picture": 1.6,
            "photographs": 0.4,
            "television": 0.4,
            "board": 0.4,
            "clock": 0.2,
            "guitar": 0.2,
            "mirror": 0.2,
            "tapestry": 0.15,
        },
        on_floor={"armchair": 0.4, "coffee table": 0.5, "table": 0.3, "chair": 0.4, "ball": 0.1},
        ceiling={"pendant": 0.6},
        own_chair=0.15,
        chairs={"dining chair": 1, "office chair": 0.5, "headrest chair": 0.3},
    ),
    "kitchen": RoomKind(
        0.1,
        (1.8, 4.2),
        (1.3, 2.8),
        walls={"paint": 4, "wall tiles": 1.5, "brick": 0.4},
        floors={"planks": 1, "floor tiles": 1.5},
        at_walls={"kitchen": 1.6, "fridge": 0.8, "cabinet": 0.3, "shelf": 0.2},
        on_walls={"picture": 0.5, "board": 0.6, "clock": 0.4},
        on_floor={"table": 0.6, "chair": 1.0, "stool": 0.5},
        ceiling={"pendant": 0.9},
        own_chair=0.2,
        chairs={"dining chair": 1},
    ),
    "bedroom": RoomKind(
        0.13,
        (1.8, 4.0),
        (1.2, 2.6),
        walls=HOME_WALLS,
        floors=HOME_FLOORS,
        at_walls={
            "bed": 1.3,
            "cabinet": 0.9,
            "shelf": 0.5,
            "floor plant": 0.3,
            "floor lamp": 0.3,
            "desk": 0.25,
            "coat rack": 0.2,
            "boxes": 0.2,
            "armchair": 0.15,
        },
        on_walls={
            "picture": 1.1,
            "photographs": 0.3,
            "board": 0.4,
            "mirror": 0.3,
            "tapestry": 0.3,
            "guitar": 0.2,
            "television": 0.15,
        },
        on_floor={"chair": 0.2, "ball": 0.1, "pot plant": 0.1},
        ceiling={"pendant": 0.5},
        own_chair=0.35,
    ),
    "corridor": RoomKind(
        0.05,
        (4.0, 9.0),
        (0.7, 1.3),
        walls={"paint": 4, "wall tiles": 0.4, "brick": 0.6, "panels": 0.6},
        floors={"planks": 1, "floor tiles": 1, "carpet": 1},
        windows=0.5,
        doors=2.2,
        at_walls={
            "coat rack": 0.5,
            "cabinet": 0.4,
            "floor plant": 0.4,
            "bench": 0.4,
            "lockers": 0.3,
        },
        on_walls={"picture": 1.2, "mirror": 0.3, "clock": 0.2, "whiteboard": 0.2},
        ceiling={"panel": 2.0, "pendant": 0.3},
        own_chair=0.1,
    ),
    "office": RoomKind(
        0.12,
        (3.0, 9.0),
        (1.8, 4.5),
        (2.5, 3.2),
        walls={"paint": 4, "concrete": 0.8, "panels": 0.4, "glass": 0.7},
        floors={"carpet": 3, "planks": 0.6, "concrete": 0.4},
        windows=1.6,
        doors=0.5,
        at_walls={
            "cabinet": 0.7,
            "shelf": 0.8,
            "floor plant": 0.7,
            "desk": 0.7,
            "boxes": 0.2,
            "partition": 0.4,
            "lockers": 0.2,
        },
        on_walls={"whiteboard": 0.8, "picture": 0.6, "clock": 0.3, "television": 0.4},
        on_floor={"desk": 1.6, "chair": 2.2, "partition": 0.8, "table": 0.4},
        ceiling={"panel": 3.0},
        own_chair=0.4,
        chairs={"office chair": 1, "headrest chair": 0.6},
    ),
    "classroom": RoomKind(
        0.05,
        (4.0, 8.0),
        (2.5, 4.5),
        (2.6, 3.2),
        walls={"paint": 4, "wall tiles": 0.4, "panels": 0.3},
        floors={"planks": 1, "floor tiles": 1, "carpet": 0.5},
        windows=1.6,
        at_walls={
            "cabinet": 0.8,
            "shelf": 0.8,
            "coat rack": 0.3,
            "lockers": 0.3,
            "floor plant": 0.2,
        },
        on_walls={"whiteboard": 1.3, "picture": 1.0, "photographs": 0.5, "clock": 0.5},
        on_floor={"school desks": 2.4, "ball": 0.1},
        ceiling={"panel": 2.5},
    ),
    "cafe": RoomKind(
        0.07,
        (2.5, 7.0),
        (1.8, 4.0),
        (2.6, 3.4),
        walls={"paint": 2, "brick": 1.5, "wall tiles": 0.8, "panels": 0.8, "concrete": 0.5},
        floors={"planks": 1.5, "floor tiles": 1, "concrete": 0.6},
        windows=1.5,
        at_walls={"counter": 0.8, "bench": 0.9, "floor plant": 0.8, "shelf": 0.3, "coat rack": 0.3},
        on_walls={
            "picture": 1.2,
            "photographs": 0.4,
            "board": 0.6,
            "whiteboard": 0.3,
            "mirror": 0.2,
        },
        on_floor={"table": 2.0, "chair": 2.6, "stool": 0.6},
        ceiling={"pendant": 2.2},
        own_chair=0.2,
        chairs={"dining chair": 1},
    ),
    "studio": RoomKind(
        0.05,
        (1.2, 3.5),
        (1.2, 2.8),
        walls={"paint": 2, "backdrop": 1.5, "foam": 0.8, "brick": 0.5, "concrete": 0.5},
        floors={"planks": 1, "concrete": 1, "carpet": 0.5},
        windows=0.3,
        at_walls={"shelf": 0.4, "floor plant": 0.5, "boxes": 0.3, "piano": 0.15},
        on_walls={"picture": 0.4, "guitar": 0.7, "television": 0.3, "tapestry": 0.2},
        on_floor={"studio light": 1.0, "chair": 0.4, "stool": 0.4},
        ceiling={"panel": 0.4},
        own_chair=0.4,
    ),
}


def draw_camera(draws: Draws) -> Camera:
    """A webcam on a screen or a laptop; at times a better camera with a blurred background."""
    d = draws
    blurred = d.chance("depth of field", 0.3)
    return Camera(
        height_m=d.uniform("height", 0.95, 1.4),
        yaw=d.uniform("yaw/wide", -0.8, 0.8)
        if d.chance("corner", 0.3)
        else d.normal("yaw", 0, 0.2),
        pitch=float(np.clip(d.normal("pitch", -0.03, 0.11), -0.35, 0.3)),
        roll=d.normal("roll", 0, 0.025),
        field_of_view=float(np.radians(d.uniform("field of view", 50, 85))),
        f_number=d.uniform("f number", 1.6, 9.0) if blurred else None,
        focus_m=d.uniform("focus", 0.55, 1.0),
    )


def draw_room(draws: Draws) -> tuple[str, Room]:
    """The kind of a room, and the room with its camera, empty."""
    d = draws
    kind = d.pick("kind", {name: room.weight for name, room in ROOMS.items()})
    own, about = d.under(kind), ROOMS[kind]
    depth = about.depth_m[0] + (about.depth_m[1] - about.depth_m[0]) * own.unit("depth") ** 1.3
    room = Room(
        depth_m=depth,
        left_m=own.uniform("left", *about.side_m),
        right_m=own.uniform("right", *about.side_m),
        height_m=own.uniform("height", *about.height_m),
        camera=draw_camera(d.under("camera")),
    )
    return kind, room


def how_many(draws: Draws, mean: float) -> int:
    """A whole number with this mean, spread evenly about it."""
    return int(mean * draws.uniform("about", 0.4, 1.6) + draws.unit("count"))
