"""Light of rooms: daylight through windows and from behind the camera, lamps, screens, shadows."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from ..draws import Draws
from ..geometry.rotations import Array
from ..scene.blender import link
from ..scene.lighting import blackbody
from ..things.piece import Thing
from .furnish import Furnished

KINDS = {"daylight": 1.5, "ceiling": 1.2, "evening": 0.8, "side": 0.8, "screen": 0.35, "soft": 0.7}
NIGHT = ("evening", "screen")


def draw_kind(draws: Draws) -> str:
    """The kind of light; some are at night."""
    return draws.pick("kind", KINDS)


def area(place: Array, at: Array, size: tuple[float, float], power: float, color: Array) -> Any:
    """A rectangular light that shines from a place towards another; cameras do not see it."""
    data = bpy.data.lights.new("area", "AREA")
    data.shape = "RECTANGLE"
    data.size, data.size_y = size
    data.energy, data.color = power, [float(x) for x in color]
    thing = link("area", data)
    thing.location = [float(x) for x in place]
    way = Vector([float(x) for x in np.asarray(at) - np.asarray(place)])
    thing.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()
    thing.visible_camera = thing.visible_glossy = False
    return thing


def point(place: Array, power: float, color: Array, radius: float) -> None:
    """A round lamp."""
    data = bpy.data.lights.new("point", "POINT")
    data.energy, data.color, data.shadow_soft_size = power, [float(x) for x in color], radius
    thing = link("point", data)
    thing.location = [float(x) for x in place]
    thing.visible_camera = thing.visible_glossy = False


def ambient(color: Array, strength: float) -> None:
    """Even light from all sides: it comes in where the room is open, behind the camera."""
    world = bpy.data.worlds.new("ambient")
    bpy.context.scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (*[float(x) for x in color], 1.0)
    background.inputs[1].default_value = strength


def light_lamps(things: list[tuple[str, Thing]], strength: float = 1.0, most: int = 6) -> int:
    """A light for each thing that shines (at most so many); returns how many there are."""
    count = 0
    for name, thing in things:
        for piece in thing:
            if piece.shading["kind"] != "glow" or count >= most:
                continue
            low, high = piece.shape.vertices.min(0), piece.shape.vertices.max(0)
            middle, size = (low + high) / 2, high - low
            shine = float(piece.shading["strength"]) * strength
            if name == "panel":
                under = middle - [0, 0, 0.03]
                power = 3.0 * shine * size[0] * size[1] / 0.36
                area(under, under - [0, 0, 1.0], (size[0], size[1]), power, piece.shading["color"])
            else:
                power = min(3.0 * shine * float(np.prod(np.sort(size)[1:])) / 0.06, 40.0)
                point(middle, max(power, 2.0), piece.shading["color"], float(size.max()) * 0.4)
            count += 1
    return count


def light_room(draws: Draws, kind: str, done: Furnished) -> None:
    """Light a furnished room."""
    d, room = draws, done.room
    sky = blackbody(d.uniform("sky", 5200, 9500))
    lamp = blackbody(d.uniform("lamp", 2600, 5200))
    night = kind in NIGHT
    power = {"daylight": 1.0, "side": 0.7, "soft": 0.6, "ceiling": 0.3}.get(kind, 0.01)
    for opening in done.openings:
        size = opening.wide_m * opening.high_m
        place = opening.middle + 0.12 * opening.inward
        area(
            place,
            place + opening.inward,
            (opening.wide_m, opening.high_m),
            d.uniform("window", 25, 70) * size * power,
            sky,
        )
    base = {"daylight": 0.35, "side": 0.15, "soft": 0.8, "ceiling": 0.3}.get(kind, 0.03)
    ambient(
        0.6 * sky + 0.4 * np.ones(3) if not night else lamp, base * d.uniform("ambient", 0.5, 1.5)
    )
    light_lamps(done.things, d.uniform("lamps", 0.5, 1.5) * (1.0 if night else 0.5))
    aim = np.array([room.camera.yaw * 0.5, min(room.depth_m, 2.5), 1.0])
    if kind in ("ceiling", "evening") and d.chance("main lamp", 0.8 if kind == "ceiling" else 0.35):
        y = d.uniform("ceiling/y", 0.0, max(0.5, room.depth_m - 0.6))
        place = np.array([d.uniform("ceiling/x", -0.5, 0.8), y, room.height_m - 0.15])
        watts = d.uniform("ceiling/power", 25, 90) * (0.5 if night else 1.0)
        size = d.uniform("ceiling/size", 0.15, 0.9)
        area(place, place - [0, 0, 1], (size, size), watts, lamp)
    if kind in ("side", "daylight", "soft") and d.chance("from behind", 0.7):
        side = d.sign("side")
        place = np.array(
            [side * d.uniform("side/x", 0.8, 1.8), -0.5, d.uniform("side/z", 1.2, 2.0)]
        )
        area(place, aim, (1.2, 1.4), d.uniform("side/power", 20, 80), sky)
    if kind == "screen":
        cold = blackbody(d.uniform("screen", 6500, 11000))
        place = np.array([0.0, -0.05, room.camera.height_m - 0.15])
        area(place, aim, (0.6, 0.35), d.uniform("screen/power", 3, 9), cold)
    if done.shadow is not None:
        place = np.array([d.normal("shadow/x", 0, 0.5), -1.6, d.uniform("shadow/z", 1.0, 1.9)])
        size = d.uniform("shadow/size", 0.03, 0.3)
        area(place, aim, (size, size), d.uniform("shadow/power", 80, 240), lamp)
