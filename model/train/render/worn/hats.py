"""Caps, beanies with pompoms and fedoras."""

from __future__ import annotations

import numpy as np

from ..assets.garment_file import read_garment
from ..clothes.fabric import draw_fabric
from ..draws import Draws
from ..geometry.mesh import wave_noise
from ..geometry.rotations import Array, unit
from ..geometry.shapes import Faces, Shape, grid_faces
from ..person.part import Strands
from ..person.person import Person

Rim = tuple[float, float, float]
"""Heights of the rim at the front, the back and the sides."""


def _rim(person: Person, front: float, back: float, side: float) -> Rim:
    """Heights above the eyes as parts of the skull's height."""
    eye_y, skull = person.marks.eye_y, person.marks.skull
    return eye_y + front * skull, eye_y + back * skull, eye_y + side * skull


def _dome(
    person: Person,
    offset: float,
    rim: Rim,
    around: int = 64,
    rows: int = 24,
    noise: np.random.Generator | None = None,
) -> tuple[Array, Faces]:
    """A dome over the skull down to a rim: (rows, around, 3) and faces."""
    marks = person.marks
    center = np.array([0, marks.eye_y + 0.3 * marks.skull, marks.ear_left[2] + 0.2])
    azimuth = np.linspace(0, 2 * np.pi, around, endpoint=False)
    front, back, side = rim
    height = np.interp(np.cos(azimuth), [-1, 0, 1], [back, side, front])
    lowest = np.arctan2(height - center[1], 0.95)
    down = np.linspace(0, 1, rows)[:, None]
    elevation = np.pi / 2 * (1 - down) + lowest[None] * down  # (rows, around)
    directions = np.stack(
        [
            np.cos(elevation) * np.sin(azimuth),
            np.sin(elevation),
            np.cos(elevation) * np.cos(azimuth),
        ],
        -1,
    ).reshape(-1, 3)
    radius = person.rest_surface.radius(center, directions, 1.0, 4.0)
    # The ears would make bumps: the skull alone shapes a hat.
    radius = np.minimum(radius, 1.25 * np.median(radius)).reshape(rows, around)
    for _ in range(3):
        radius = (np.roll(radius, 1, 1) + radius + np.roll(radius, -1, 1)) / 3
    radius[0] = radius[0].mean()
    points = center + directions * (radius.reshape(-1, 1) + offset)
    if noise is not None:
        points += directions * wave_noise(noise, points, 0.03)[:, None]
    return points.reshape(rows, around, 3), grid_faces(rows, around, wrap=True)


def add_cap(person: Person, draws: Draws) -> Rim:
    """A baseball cap, at times worn backwards."""
    marks = person.marks
    shading = draw_fabric(draws.under("fabric"), {"plain": 0.7, "melange": 0.3})
    rim = _rim(person, 0.55, 0.12, 0.33)
    grid, faces = _dome(person, 0.13, rim)
    crown = Shape(grid.reshape(-1, 3), faces)
    person.rigid("cap", crown, "cloth", shading, subdivide=1, thickness_m=0.004)
    azimuth = np.linspace(-1.05, 1.05, 25)
    edge = grid[-1]
    angle = np.arctan2(edge[:, 0], edge[:, 2])
    order = np.argsort(angle)
    length = draws.uniform("brim", 0.6, 0.8)
    rows = []
    for t in np.linspace(0, 1, 8):
        row = np.stack([np.interp(azimuth, angle[order], edge[order, k]) for k in range(3)], 1)
        row[:, 2] += length * t * np.cos(azimuth / 1.05 * np.pi / 2) ** 0.6
        row[:, 1] += -0.12 * t - 0.22 * (azimuth / 1.05) ** 2 * t + 0.05
        rows.append(row)
    brim = np.concatenate(rows)
    if draws.chance("backwards", 0.12):
        brim = (brim - marks.center) * [1, 1, -1] + marks.center + [0, -0.25, 0.1]
    person.rigid(
        "brim", Shape(brim, grid_faces(8, 25)), "cloth", shading, subdivide=1, thickness_m=0.006
    )
    return rim


def add_beanie(person: Person, draws: Draws) -> Rim:
    """A knitted hat, at times with a pompom."""
    patterns = {"plain": 0.5, "melange": 0.3, "stripes_y": 0.2}
    shading = draw_fabric(draws.under("fabric"), patterns)
    rim = _rim(person, 0.45, -0.1, 0.12)
    grid, faces = _dome(person, 0.16, rim, around=96, noise=draws.rng("noise"))
    rows, around = grid.shape[:2]
    middle = grid.mean((0, 1))
    slouch = draws.uniform("slouch", 0.05, 0.5)
    grid[:, :, 1] += (np.linspace(1, 0, rows) ** 2 * slouch)[:, None]
    ribs = 0.025 * np.cos(np.arange(around) * 2 * np.pi / 4)
    grid = grid + unit(grid - middle) * ribs[None, :, None]
    grid[-6:] += unit(grid[-6:] - middle) * 0.08
    shape = Shape(grid.reshape(-1, 3), faces)
    person.rigid("beanie", shape, "cloth", shading, subdivide=1, thickness_m=0.005)
    if draws.chance("pompom", 0.35):
        rng = draws.rng("pompom/strands")
        count = 2500
        direction = unit(rng.normal(size=(count, 3)))
        t = np.linspace(0, 1, 6)[None, :, None]
        length = rng.uniform(0.25, 0.36, (count, 1, 1))
        points = grid[0].mean(0) + [0, 0.22, 0] + direction[:, None] * t * length
        points = points + rng.normal(0, 0.03, (count, 6, 3)) * t
        person.strands.append(Strands("pompom", points, 0.006, shading, "fuzz", at_rest=True))
        person.tags["pompom"] = True
    return rim


def add_fedora(person: Person, draws: Draws) -> Rim:
    """A fedora of the assets."""
    name = draws.pick("shape", ["fedora", "fedora_cocked"])
    garment = read_garment(person.base.assets / "clothes" / "fedora01" / f"{name}.mhclo")
    vertices = garment.fit(person.vertices)
    middle = vertices.mean(0)
    shape = Shape((vertices - middle) * 1.06 + middle, garment.faces)
    shading = draw_fabric(draws.under("fabric"), {"plain": 1.0})
    person.rigid("fedora", shape, "cloth", shading, subdivide=1, thickness_m=0.003)
    return _rim(person, 0.55, 0.2, 0.35)


HATS = {"cap": add_cap, "beanie": add_beanie, "fedora": add_fedora}
