"""The camera: framing, field of view, where the head is in the picture, depth of field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

from ..draws import Draws
from ..geometry.rotations import Array
from .blender import link

HEAD_M = 0.26
"""Height of a head, about."""


@dataclass(frozen=True)
class Framing:
    """How much of a person the picture shows."""

    head: tuple[float, float]
    """The head's height as a part of the picture's."""
    rise: tuple[float, float]
    """How far the head is above the picture's middle, as a part of its height."""
    density: float
    """Factor on the number of strands: few of them are seen one by one from afar."""
    weight: float
    clip_weight: float


FRAMINGS = {
    "close": Framing((0.5, 0.8), (-0.12, 0.08), 1.0, 0.2, 0.2),
    "medium": Framing((0.3, 0.5), (0.0, 0.18), 0.8, 0.4, 0.45),
    "half": Framing((0.18, 0.3), (0.1, 0.28), 0.55, 0.25, 0.35),
    "wide": Framing((0.12, 0.18), (0.12, 0.33), 0.4, 0.11, 0.0),
    "full": Framing((0.09, 0.13), (0.3, 0.4), 0.35, 0.04, 0.0),
}


@dataclass(frozen=True)
class View:
    """What the camera does; for the manifest too."""

    framing: str
    field_of_view: float
    distance_m: float
    azimuth: float
    elevation: float
    roll: float
    shift: tuple[float, float]
    """Of the head from the picture's middle, as parts of its width and height."""
    f_number: float | None


def draw_framing(draws: Draws, *, clip: bool) -> str:
    """Draw how much of the person is seen."""
    weights = {
        name: framing.clip_weight if clip else framing.weight for name, framing in FRAMINGS.items()
    }
    return draws.pick("framing", weights)


def draw_view(draws: Draws, framing: str, aspect: float, people: int) -> View:
    """Draw the view; `aspect` is width by height."""
    d, kind = draws, FRAMINGS[framing]
    field_of_view = float(np.radians(d.uniform("field of view", 48, 85)))
    vertical = 2 * np.arctan(np.tan(field_of_view / 2) / aspect)
    head = d.uniform("head", *kind.head)
    if people > 1:
        head = min(head, 0.42) * (0.9 if people == 2 else 0.75)
    distance = max(HEAD_M / (head * 2 * np.tan(vertical / 2)), 0.28)
    elevation = d.normal("elevation", 0.02, 0.16)
    if framing == "full":
        elevation = d.normal("elevation/full", 0.1, 0.05)
    aside = d.uniform("aside", -0.45, 0.45) if d.chance("far aside", 0.2) else d.normal("x", 0, 0.1)
    return View(
        framing=framing,
        field_of_view=field_of_view,
        distance_m=float(distance),
        azimuth=d.normal("azimuth", 0, 0.22),
        elevation=elevation,
        roll=d.normal("roll", 0, 0.035),
        shift=(aside if people == 1 else d.normal("x/people", 0, 0.04), d.uniform("y", *kind.rise)),
        f_number=d.uniform("f number", 17, 66) if d.chance("depth of field", 0.5) else None,
    )


def place_camera(scene: Any, view: View, target: Array, aspect: float) -> Any:
    """Put the camera; `target` (3,) in metres is what it looks at. Returns the camera's object."""
    data = bpy.data.cameras.new("camera")
    camera = link("camera", data)
    scene.camera = camera
    away = np.array(
        [
            np.sin(view.azimuth) * np.cos(view.elevation),
            -np.cos(view.azimuth) * np.cos(view.elevation),
            np.sin(view.elevation),
        ]
    )
    place = target + view.distance_m * away
    camera.location = [float(x) for x in place]
    way = Vector([float(x) for x in target - place]).to_track_quat("-Z", "Y")
    turned = way.to_matrix() @ Matrix.Rotation(view.roll, 3, "Z")
    camera.rotation_euler = turned.to_euler()
    data.angle = view.field_of_view
    data.clip_start = 0.02
    data.shift_x, data.shift_y = -view.shift[0], -view.shift[1] / aspect
    if view.f_number is not None:
        data.dof.use_dof = True
        data.dof.focus_distance = view.distance_m
        data.dof.aperture_fstop = view.f_number
    return camera
