"""Headphones, headsets and earbuds with their cables: worn, so foreground."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..draws import Draws
from ..geometry.shapes import Shape, ellipsoid, tube
from ..person.part import Part
from ..person.person import Person

FOAM = {"color": np.array([0.012] * 3), "metallic": 0.0, "roughness": 0.85}


def add_headphones(person: Person, draws: Draws) -> None:
    """Headphones, with a boom microphone or a cable at times."""
    marks = person.marks
    tone = float(draws.pick("tone", {"0.01": 3, "0.03": 3, "0.8": 1.5, "0.35": 1}))
    shading: dict[str, Any] = {
        "color": tone * draws.rng("tint").uniform(0.85, 1, 3),
        "metallic": 0.0,
        "roughness": draws.uniform("roughness", 0.2, 0.6),
    }
    outer = marks.ear_x + 0.02
    ear = np.array([0, marks.ear_left[1], marks.ear_left[2]])
    angle = np.linspace(-0.08, np.pi + 0.08, 40)
    height = marks.top - ear[1] + draws.uniform("height", 0.1, 0.22)
    half = outer + draws.uniform("half", 0.12, 0.2)
    rise = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** 0.85
    arc = ear + np.stack(
        [np.cos(angle) * half, rise * height, -np.sin(angle) * draws.uniform("tilt", -0.1, 0.25)],
        1,
    )
    band = tube(arc, draws.uniform("band", 0.05, 0.11), 8)
    middle = np.array([0, 0, ear[2]])
    wide = (band.vertices - middle) * [1, 1, 1.6] + middle
    person.rigid("band", Shape(wide, band.faces), "plain", shading)
    radius = draws.uniform("radius", 0.34, 0.46)
    for side in (1, -1):
        place = [side * (outer + 0.03), ear[1] - 0.03, ear[2]]
        radii = [0.16, radius * 1.08, radius * 0.92]
        person.rigid("cup", ellipsoid(place, radii, None, 24, 16, 0.75), "plain", shading)
        place = [side * (outer - 0.08), ear[1] - 0.03, ear[2]]
        pad = ellipsoid(place, [0.14, radius * 0.98, radius * 0.85], power=0.9)
        person.rigid("pad", pad, "plain", FOAM)
    person.tags["headphones"] = "plain"
    if draws.chance("boom", 0.4):
        side = draws.sign("boom/side")
        start = np.array([side * (outer + 0.1), ear[1] - 0.3, ear[2] + 0.1])
        end = np.array([side * 0.45, marks.mouth[1] - 0.1, marks.mouth[2] + 0.18])
        t = np.linspace(0, 1, 14)[:, None]
        path = start * (1 - t) + end * t
        path[:, 0] += side * 0.25 * np.sin(np.pi * t[:, 0])
        path[:, 1] -= 0.15 * np.sin(np.pi * t[:, 0])
        person.rigid("boom", tube(path, 0.022, 6), "plain", shading)
        person.rigid("boom tip", ellipsoid(end, [0.09, 0.08, 0.08]), "plain", FOAM)
        person.tags["headphones"] = "boom"
    elif draws.chance("cable", 0.4):
        add_cable(person, draws, [outer + 0.1, ear[1] - 0.4, ear[2]])
        person.tags["headphones"] = "cable"


def add_cable(person: Person, draws: Draws, start: ArrayLike) -> None:
    """A cable from the ear to the chest."""
    first = np.asarray(start, float)
    t = np.linspace(0, 1, 16)[:, None]
    side = np.sign(first[0])
    end = np.array([side * 0.4, person.marks.neck[1] - 1.6, person.marks.neck[2] + 1.5])
    path = first * (1 - t) + end * t
    path[:, 2] += 0.35 * np.sin(np.pi * t[:, 0] * 0.9)
    path[:, 0] += side * 0.3 * np.sin(np.pi * t[:, 0])
    shape = tube(path, 0.018, 6)
    white = draws.chance("cable/white", 0.5)
    shading = {"color": np.array([0.8 if white else 0.02] * 3), "metallic": 0.0, "roughness": 0.4}
    weights = person.bone_weights("head", "spine01", np.repeat(t[:, 0], 6))
    person.parts.append(Part("cable", shape.vertices, shape.faces, "plain", shading, weights))


def add_earbuds(person: Person, draws: Draws) -> None:
    """Earbuds, with stems or with cables."""
    marks = person.marks
    tone = 0.85 if draws.chance("white", 0.6) else 0.02
    shading = {"color": np.array([tone] * 3), "metallic": 0.0, "roughness": 0.25}
    wired = draws.chance("wired", 0.4)
    for side in (1, -1):
        ear = np.array([side * (marks.ear_x - 0.16), marks.ear_left[1] - 0.02, 0.0])
        ear[2] = marks.ear_left[2] + 0.14
        person.rigid("bud", ellipsoid(ear, [0.07, 0.07, 0.08]), "plain", shading)
        stem = np.array(
            [
                ear + [side * 0.05, 0, 0.03],
                ear + [side * 0.07, -0.1, 0.06],
                ear + [side * 0.06, -0.26, 0.09],
            ]
        )
        person.rigid("stem", tube(stem, 0.032, 8), "plain", shading)
        if wired:
            add_cable(person, draws, ear + [side * 0.06, -0.25, 0.09])
    person.tags["earbuds"] = "wired" if wired else "wireless"
