"""Light: the photograph behind as a soft surrounding, one or two lamps, at times a rim light."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from PIL import Image
from scipy.ndimage import gaussian_filter

from ..draws import Draws
from ..geometry.rotations import Array
from .blender import link

KINDS = {
    "window": 2,
    "ceiling": 1.2,
    "ring": 0.8,
    "lamp": 0.8,
    "monitor": 0.8,
    "sky": 1,
    "two": 1,
    "surroundings": 0.8,
}


def blackbody(kelvin: float) -> Array:
    """(3,) linear RGB of a temperature, its largest part 1 (Helland's fit, 2012)."""
    t = kelvin / 100
    red = 255.0 if t <= 66 else 329.7 * (t - 60) ** -0.1332
    green = 99.47 * np.log(t) - 161.1 if t <= 66 else 288.1 * (t - 60) ** -0.0755
    blue = 255.0 if t >= 66 else 138.5 * np.log(t - 10) - 305 if t > 19 else 0.0
    color = (np.clip([red, green, blue], 1, 255) / 255) ** 2.2
    return np.asarray(color / color.max())


def _area(place: Array, at: Array, size: tuple[float, ...], power: float, color: Array) -> None:
    data = bpy.data.lights.new("area", "AREA")
    if len(size) == 1:
        data.shape, data.size = "DISK", size[0]
    else:
        data.shape = "RECTANGLE"
        data.size, data.size_y = size
    data.energy, data.color = power, [float(x) for x in color]
    thing = link("area", data)
    thing.location = [float(x) for x in place]
    way = Vector([float(x) for x in at - place])
    thing.rotation_euler = way.to_track_quat("-Z", "Y").to_euler()


def photograph_light(path: Path) -> Array:
    """(40, 64, 3) linear light of a photograph."""
    with Image.open(path) as image:
        small = image.convert("RGB").resize((64, 40), Image.Resampling.BOX)
    encoded = np.asarray(small, float) / 255
    return np.where(encoded < 0.04, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def surroundings_of(light: Array) -> Array:
    """(64, 128, 3) linear panorama whose mean is 1: a photograph behind and, mirrored, before.

    The lower rows come first, as Blender stores images.
    """
    linear = gaussian_filter(light, (4, 4, 0))
    around = np.concatenate([linear, linear[:, ::-1]], 1)[::-1]
    floor = np.repeat(around[:1] * 0.7, 12, 0)
    sky = np.repeat(around[-1:] * 1.2, 12, 0)
    full = np.concatenate([floor, around, sky])
    return np.asarray(full / max(full.mean(), 1e-3))


def _world(scene: Any, surroundings: Array, strength: float) -> None:
    world = bpy.data.worlds.new("world")
    scene.world = world
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    height, width = surroundings.shape[:2]
    image = bpy.data.images.new("surroundings", width, height, float_buffer=True)
    opaque = np.concatenate([surroundings, np.ones((height, width, 1))], 2)
    image.pixels.foreach_set(opaque.astype(np.float32).ravel())
    texture = world.node_tree.nodes.new("ShaderNodeTexEnvironment")
    texture.image = image
    world.node_tree.links.new(texture.outputs[0], background.inputs[0])
    background.inputs[1].default_value = strength


def light(scene: Any, draws: Draws, head: Array, photograph: Array) -> str:
    """Light the scene; returns what kind of light it is.

    Args:
        scene: Blender's scene.
        draws: the light's own.
        head: (3,) in metres, where lamps shading at.
        photograph: (40, 64, 3) linear light of the picture behind.
    """
    d = draws
    surroundings = surroundings_of(photograph)
    kind = d.pick("kind", KINDS)
    ambient = d.uniform("ambient", 0.08, 0.5) * d.uniform("ambient/factor", 0.8, 2.2)
    if kind == "surroundings":
        ambient = d.uniform("ambient/alone", 0.7, 1.6)
    _world(scene, surroundings, ambient)
    mean = surroundings.mean((0, 1))
    color = 0.5 * blackbody(d.uniform("kelvin", 2800, 8500)) + 0.5 * mean / mean.max()
    side = d.sign("side")

    def at(x: float, y: float, z: float) -> Array:
        return np.asarray(head + np.array([x, y, z]))

    if kind == "window":
        x, y = side * d.uniform("x", 1.0, 2.2), -d.uniform("y", -0.4, 1.6)
        place = at(x, y, d.uniform("z", -0.1, 0.8))
        _area(place, head, (1.2, 1.6), d.uniform("power", 40, 112), color)
    elif kind == "ceiling":
        place = at(d.normal("x", 0, 0.5), -d.uniform("y", -0.3, 1.2), d.uniform("z", 1.1, 1.7))
        _area(place, head, (1.0, 1.0), d.uniform("power", 40, 80), color)
    elif kind == "ring":
        place = at(d.normal("x", 0, 0.1), -d.uniform("y", 0.8, 1.2), d.uniform("z", 0, 0.4))
        warm = blackbody(d.uniform("ring/kelvin", 4000, 6500))
        _area(place, head, (0.4,), d.uniform("power", 12, 25), warm)
    elif kind == "lamp":
        place = at(
            side * d.uniform("x", 0.5, 1.3), -d.uniform("y", -0.6, 0.9), d.uniform("z", 0, 0.6)
        )
        warm = blackbody(d.uniform("lamp/kelvin", 2500, 3300))
        _area(place, head, (0.15,), d.uniform("power", 12, 35), warm)
    elif kind == "monitor":
        cold = blackbody(d.uniform("monitor/kelvin", 6500, 11000))
        place = at(d.normal("x", 0, 0.15), -0.65, -0.15)
        _area(place, head, (0.6, 0.35), d.uniform("power", 4, 10), cold)
    elif kind == "sky":
        sun = bpy.data.lights.new("sun", "SUN")
        sun.energy = d.uniform("power", 0.5, 3.5)
        sun.angle = 0.01 if d.chance("hard", 0.5) else 0.3
        link("sun", sun).rotation_euler = (
            d.uniform("height", 0.3, 1.2),
            0,
            d.uniform("azimuth", -1.6, 1.6),
        )
    elif kind == "two":
        _area(at(1.2, -1, 0.5), head, (0.8,), d.uniform("power", 15, 40), color)
        other = blackbody(d.uniform("other/kelvin", 2600, 9000))
        _area(at(-1.2, -0.8, 0.3), head, (0.8,), d.uniform("other/power", 5, 40), other)
    if d.chance("rim", 0.35):
        x, y = -side * d.uniform("rim/x", 0.3, 1.3), d.uniform("rim/y", 0.6, 1.4)
        place = at(x, y, d.uniform("rim/z", 0.1, 1.0))
        white = blackbody(d.uniform("rim/kelvin", 3000, 9000))
        size = d.uniform("rim/size", 0.2, 0.8)
        _area(place, head, (size,), d.uniform("rim/power", 15, 90), white)
        return kind + " and rim"
    return kind
