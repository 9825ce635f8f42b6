"""Glasses: round to square rims, thin to thick, clear or tinted lenses."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array
from ..geometry.shapes import Shape, tube
from ..person.person import Person

FRAME_COLORS = {
    "black": (0.02, 0.02, 0.02),
    "silver": (0.6, 0.6, 0.62),
    "gold": (0.7, 0.5, 0.2),
    "tortoise": (0.15, 0.06, 0.03),
    "clear": (0.5, 0.48, 0.45),
}


def frame_shading(draws: Draws) -> dict[str, Any]:
    """Colour and gloss of a frame."""
    name = draws.pick("color", {"black": 4, "silver": 2, "gold": 1, "tortoise": 2, "clear": 1})
    metal = 1.0 if name in ("silver", "gold") and draws.chance("metal", 0.8) else 0.0
    return {
        "color": np.array(FRAME_COLORS[name]),
        "metallic": metal,
        "roughness": draws.uniform("roughness", 0.08, 0.5),
    }


def add_glasses(person: Person, draws: Draws) -> None:
    """Put glasses on."""
    marks = person.marks
    shading = frame_shading(draws)
    thick = 0.010 if draws.chance("thin", 0.3) else draws.uniform("thick", 0.012, 0.045)
    width = draws.uniform("width", 0.24, 0.32)
    height = width * draws.uniform("height", 0.62, 0.95)
    square = draws.uniform("square", 0.55, 1.0)
    dark = draws.chance("sunglasses", 0.12)
    tint = draws.rng("tint").uniform(0.02, 0.15, 3) if dark else np.array([0.9, 0.92, 0.92])
    center_x = max(float(marks.eye_left[0]) * 1.05, width + 0.07)
    z, y = marks.bridge[2] + 0.10, marks.eye_y - 0.04
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)

    def bent(values: Array) -> Array:
        return np.asarray(np.sign(values) * np.abs(values) ** square)

    dx, dy = bent(np.cos(angle)) * width, bent(np.sin(angle)) * height
    back = 0.168 * ((center_x + dx) / (center_x + width)) ** 2
    for side in (1, -1):
        ring = np.stack([side * (center_x + dx), y + dy, z - back - 0.02 * dy], 1)
        person.rigid("rim", tube(ring, thick, 7, closed=True), "plain", shading)
        lens = np.concatenate([ring, ring.mean(0, keepdims=True)])
        count = len(ring)
        faces = [[i, (i + 1) % count, count] for i in range(count)]
        person.rigid("lens", Shape(lens, faces), "lens", {"tint": tint})
        start = ring[np.argmax(ring[:, 0] * side)] + [side * 0.02, height * 0.35, -0.02]
        end = np.array(
            [side * (marks.ear_x - 0.10), marks.ear_top - 0.03, marks.ear_left[2] + 0.12]
        )
        hook = end + [0, -0.28, -0.28]
        t = np.linspace(0, 1, 12)[:, None]
        path = start * (1 - t) + end * t
        path[:, 0] += side * 0.05 * np.sin(np.pi * t[:, 0])
        path = np.concatenate([path, [(end + hook) / 2 + [0, 0.05, -0.03], hook]])
        person.rigid("temple", tube(path, thick * 0.9, 6), "plain", shading)
    across = np.linspace(-1, 1, 9)
    bridge = np.stack(
        [
            across * (center_x - width),
            y + height * 0.25 + 0.05 * (1 - across**2),
            np.full(9, z + 0.02),
        ],
        1,
    )
    person.rigid("bridge", tube(bridge, thick, 6), "plain", shading)
    person.tags["glasses"] = "sunglasses" if dark else "clear"
