"""A person in Blender's scene: meshes and curves with materials, placed and moved."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array, rotation
from ..person.person import Person
from .blender import link, mesh_object, set_attribute, to_blender
from .materials import MATERIALS


class Actor:
    """Blender's objects of one person."""

    def __init__(self, person: Person, draws: Draws, place_m: Array, yaw: float) -> None:
        """Build all objects as they are at time 0.

        Args:
            person: finished.
            draws: for the materials.
            place_m: (3,) in metres.
            yaw: how the person is turned, in radians.
        """
        self.person, self.yaw = person, yaw
        self.place_m = np.asarray(place_m, float)
        self._turn = rotation([0, 0, 1], yaw)
        self._draws = draws
        self._materials: dict[tuple[str, int], Any] = {}
        self.meshes: list[Any] = []
        self.curves: list[Any] = []
        parts, strands = person.frame(0.0)
        for part, vertices in zip(person.parts, parts, strict=True):
            thing = mesh_object(part.name, self.world(vertices), part.faces, smooth=part.smooth)
            for name, values in part.attributes.items():
                set_attribute(thing.data, name, values)
            thing.data.materials.append(self._material(part.material, part.shading))
            if part.thickness_m:
                solid = thing.modifiers.new("thickness", "SOLIDIFY")
                solid.thickness, solid.offset = part.thickness_m, 1
            if part.subdivide:
                finer = thing.modifiers.new("finer", "SUBSURF")
                finer.levels = finer.render_levels = part.subdivide
            self.meshes.append(thing)
        for bundle, points in zip(person.strands, strands, strict=True):
            count, steps = points.shape[:2]
            data = bpy.data.hair_curves.new(bundle.name)
            data.add_curves([steps] * count)
            thing = link(bundle.name, data)
            thicker = person.request.density**-0.5
            differ = np.random.default_rng(1).uniform(0.7, 1.3, (count, 1))
            taper = np.linspace(1, 0.45, steps)[None]
            set_attribute(data, "radius", (bundle.radius * 0.1 * thicker * taper * differ).ravel())
            self._place(thing, self.world(points))
            data.materials.append(self._material(bundle.material, bundle.shading))
            self.curves.append(thing)

    @property
    def objects(self) -> list[Any]:
        """All objects."""
        return [*self.meshes, *self.curves]

    def _material(self, kind: str, shading: dict[str, Any]) -> Any:
        key = kind, id(shading)
        if key not in self._materials:
            self._materials[key] = MATERIALS[kind](shading, self._draws.under(f"material/{kind}"))
        return self._materials[key]

    def _place(self, thing: Any, points: Array) -> None:
        flat = points.astype(np.float32).ravel()
        thing.data.attributes["position"].data.foreach_set("vector", flat)

    def world(self, points: Array) -> Array:
        """The person's decimetres to the scene's metres."""
        return np.asarray(to_blender(points) @ self._turn.T + self.place_m)

    def head(self, time_s: float) -> Array:
        """(3,) the middle of the head in metres."""
        return self.world(self.person.head_at(time_s))

    def move(self, time_s: float, blur_s: float) -> None:
        """Go to a moment, with velocities (metres a second) for motion blur over `blur_s`."""
        before = self.person.frame(time_s - blur_s / 2)
        after = self.person.frame(time_s + blur_s / 2)
        scale = 1 / max(blur_s, 1e-6)
        for thing, start, end in zip(self.meshes, before[0], after[0], strict=True):
            first, last = self.world(start), self.world(end)
            flat = ((first + last) / 2).astype(np.float32).ravel()
            thing.data.vertices.foreach_set("co", flat)
            set_attribute(thing.data, "velocity", (last - first) * scale)
            thing.data.update()
        for thing, start, end in zip(self.curves, before[1], after[1], strict=True):
            first, last = self.world(start), self.world(end)
            self._place(thing, (first + last) / 2)
            set_attribute(thing.data, "velocity", (last - first) * scale)
            thing.data.update_tag()
