"""What is on the front of a garment once it has fallen: buttons, zips, cords, lapels."""

from __future__ import annotations

import numpy as np

from ..draws import Draws
from ..geometry.mesh import as_quads, border_edges
from ..geometry.rotations import Array
from ..geometry.shapes import Shape, ellipsoid, grid_faces, merge, tube
from ..geometry.surface import Surface
from ..person.part import Part
from ..person.person import Person
from .garment import add_cloth


def _line(surface: Surface, x: Array, y: Array, above: float) -> Array:
    """(n, 3) points in front of a garment at x and y, where a ray from the front hits it."""
    points = []
    for px, py in zip(x, y, strict=True):
        hit = surface.hit([px, py, 9.0], [0, 0, -1])
        if hit is not None and hit[2] > -0.2:
            points.append(hit + np.array([0, 0, above]))
    return np.array(points).reshape(-1, 3)


def add_buttons(person: Person, draws: Draws, part: Part) -> None:
    """A row of buttons on a placket."""
    top = person.marks.neck[1] - draws.uniform("top", 0.9, 1.3)
    y = np.linspace(top, part.vertices[:, 1].min() + 0.4, draws.integer("count", 5, 8))
    points = _line(Surface(part.vertices, part.faces), np.zeros(len(y)), y, 0.03)
    if len(points) < 2:
        return
    white = draws.chance("white", 0.5)
    shading = {"color": np.array([0.6 if white else 0.02] * 3), "roughness": 0.4, "metallic": 0.0}
    shape = merge([ellipsoid(point, [0.055, 0.055, 0.02], around=10, along=6) for point in points])
    weights = person.skin_weights(shape.vertices)
    person.parts.append(Part("buttons", shape.vertices, shape.faces, "plain", shading, weights))


def add_zip(person: Person, draws: Draws, part: Part) -> None:
    """A zip from the neck to the hem."""
    y = np.linspace(person.marks.neck[1] - 0.75, part.vertices[:, 1].min() + 0.1, 30)
    points = _line(Surface(part.vertices, part.faces), np.zeros(len(y)), y, 0.02)
    if len(points) < 6:
        return
    shape = tube(points, 0.035, 6)
    shading = {"color": np.array([0.25] * 3), "roughness": 0.35, "metallic": 0.8}
    weights = person.skin_weights(shape.vertices)
    person.parts.append(Part("zip", shape.vertices, shape.faces, "plain", shading, weights))


def add_cords(person: Person, draws: Draws, part: Part) -> None:
    """The two cords of a hood."""
    surface = Surface(part.vertices, part.faces)
    white = draws.chance("white", 0.6)
    shading = {"color": np.array([0.7 if white else 0.03] * 3), "roughness": 0.8, "metallic": 0.0}
    for side in (1, -1):
        length = draws.uniform(f"length {side}", 0.9, 1.7)
        y = person.marks.neck[1] - 0.55 - np.linspace(0, length, 12)
        x = side * (0.3 + 0.08 * np.sin(np.linspace(0, 3, 12) + draws.uniform("bend", 0, 3)))
        points = _line(surface, x, y, 0.06)
        if len(points) < 4:
            continue
        shape = tube(points, 0.03, 6)
        weights = person.skin_weights(shape.vertices)
        person.parts.append(Part("cord", shape.vertices, shape.faces, "plain", shading, weights))


def add_lapels(person: Person, draws: Draws, part: Part) -> None:
    """The turned-over edges of an open jacket."""
    border = np.unique(border_edges(as_quads(part.faces)))
    points = part.vertices[border]
    surface = Surface(part.vertices, part.faces)
    neck_y = person.marks.neck[1]
    low = draws.uniform("low", 2.0, 3.2)
    width = draws.uniform("width", 0.45, 0.8)
    for side in (1, -1):
        edge = points[
            (points[:, 0] * side > 0)
            & (np.abs(points[:, 0]) < 1.6)
            & (points[:, 2] > 0.2)
            & (points[:, 1] > low - 0.3)
            & (points[:, 1] < neck_y - 0.3)
        ]
        if len(edge) < 6:
            continue
        order = np.argsort(edge[:, 1])
        y = np.linspace(low, min(neck_y - 0.45, edge[:, 1].max()), 18)
        x = np.interp(y, edge[order, 1], edge[order, 0])
        z = np.interp(y, edge[order, 1], edge[order, 2])
        # Narrow below, widest under the notch, narrow again at the neck.
        part_of = (y - y[0]) / (y[-1] - y[0])
        wide = width * np.interp(part_of, [0, 0.7, 0.78, 1], [0.05, 1.0, 0.75, 0.55])
        columns = []
        for k in np.linspace(0, 1, 5):
            at_x = x + side * wide * k
            column = np.stack([at_x, y, z], 1)
            for i in range(len(y)):
                hit = surface.hit([at_x[i], y[i], 9.0], [0, 0, -1])
                if hit is not None and abs(hit[2] - z[i]) < 0.8:
                    column[i, 2] = hit[2]
            column[:, 2] += 0.05 + 0.05 * np.sin(np.pi * k)
            columns.append(column)
        grid = np.stack(columns, 1)  # (18, 5, 3)
        faces = grid_faces(18, 5)
        if side < 0:
            faces = [face[::-1] for face in faces]
        shape = Shape(grid.reshape(-1, 3), faces)
        weights = person.skin_weights(shape.vertices)
        add_cloth(person, draws, "lapel", shape, weights, part.shading, 0.0, thickness_m=0.003)
    person.tags["lapels"] = True
