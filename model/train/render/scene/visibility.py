"""What the camera sees of a person, by rays: bare skin, torn cloth, a hidden face."""

from __future__ import annotations

from typing import Any

import numpy as np
from mathutils import Vector
from mathutils.bvhtree import BVHTree

from ..geometry.rotations import Array, unit
from ..person.person import Person
from ..rejection import Visibility
from .actor import Actor

GRID = (72, 44)
"""Rays across and down over the person's trunk."""

TORN_M = 0.02
"""Skin with cloth this near behind it came through the cloth."""

HAIR_M = 0.006
"""Half of the width of the line to a point of the face that hair must leave free."""


def _trees(actor: Actor) -> tuple[BVHTree, BVHTree, list[Array]]:
    person = actor.person
    parts, strands = person.frame(0.0)
    skin = actor.world(parts[0])
    skin_faces = [[int(i) for i in face] for face in person.body_part.faces]
    points, faces, count = [], [], 0
    for part, vertices in zip(person.parts[1:], parts[1:], strict=True):
        if part.material not in ("cloth", "plain") or part.name in ("rim", "temple", "bridge"):
            continue
        points.append(actor.world(vertices))
        faces += [[int(i) + count for i in face] for face in part.faces]
        count += len(vertices)
    return (
        BVHTree.FromPolygons(skin.tolist(), skin_faces),
        BVHTree.FromPolygons(np.concatenate(points).tolist(), faces),
        [actor.world(bundle) for bundle in strands],
    )


def _is_trunk(person: Person) -> Array:
    """(f,) faces of the body that clothes must cover: the trunk down to below the crotch."""
    rest = person.base.vertices[np.asarray(person.body_part.faces)].mean(1)
    middle = np.abs(rest[:, 0]) < 1.35
    return np.asarray(middle & (rest[:, 1] < 4.4) & (rest[:, 1] > -1.0))


def _face_points(person: Person) -> Array:
    """(7, 3) of the face at rest, a little before the skin."""
    marks = person.marks
    x, y, z = marks.mouth
    cheek_y = (marks.nose[1] + y) / 2
    points = [
        marks.eye_left + [0, 0, 0.25],
        marks.eye_right + [0, 0, 0.25],
        marks.nose + [0, 0, 0.05],
        [x, y, z + 0.08],
        [0.35, cheek_y, z - 0.05],
        [-0.35, cheek_y, z - 0.05],
        [x, y - 0.25, z + 0.05],
    ]
    return np.array([np.asarray(point, float) for point in points])


def _hair_before(start: Array, end: Array, strands: list[Array]) -> int:
    """How many points of strands are on the line from the camera to a point."""
    way = end - start
    length = float(np.linalg.norm(way))
    way = way / length
    total = 0
    for points in strands:
        relative = points.reshape(-1, 3) - start
        along = relative @ way
        near = (along > 0) & (along < length - 0.01)
        off = np.linalg.norm(relative[near] - along[near, None] * way, axis=1)
        total += int((off < HAIR_M).sum())
    return total


def check_visibility(actor: Actor, camera: Any, aspect: float) -> Visibility:
    """Cast rays at one person, as it is at time 0.

    Args:
        actor: the person in the scene.
        camera: Blender's camera; its matrix must be up to date.
        aspect: width by height of the picture.
    """
    person = actor.person
    skin, cloth, strands = _trees(actor)
    trunk_face = _is_trunk(person)
    start = np.array(camera.matrix_world.translation)
    turn = np.array(camera.matrix_world.to_3x3())
    half = np.tan(camera.data.angle / 2)
    shift_x, shift_y = camera.data.shift_x, camera.data.shift_y
    trunk = bare = torn = 0
    for y in np.linspace(-1, 1, GRID[1]):
        for x in np.linspace(-1, 1, GRID[0]):
            ray = np.array([(x + 2 * shift_x) * half, (y / aspect + 2 * shift_y) * half, -1.0])
            way = Vector(unit(turn @ ray))
            _, _, face, skin_at = skin.ray_cast(Vector(start), way)
            _, _, _, cloth_at = cloth.ray_cast(Vector(start), way)
            if face is None or (cloth_at is not None and cloth_at < skin_at):
                trunk += cloth_at is not None
                continue
            if not trunk_face[face]:
                continue
            trunk += 1
            if cloth_at is not None and cloth_at - skin_at < TORN_M:
                torn += 1
            else:
                bare += 1
    head = person.poser.at(0.0)[person.base.number["head"]]
    face_points = actor.world(_face_points(person) @ head[:3, :3].T + head[:3, 3])
    facing = (
        actor.world((head[:3, :3] @ np.array([0, 0, 1.0]))[None])[0]
        - actor.world(np.zeros((1, 3)))[0]
    )
    considered = seen = 0
    for point in face_points:
        local = turn.T @ (point - start)
        x, y = local[0] / -local[2] / half, local[1] / -local[2] / half
        inside = abs(x - 2 * shift_x) < 1 and abs(y - 2 * shift_y) * aspect < 1 and local[2] < 0
        if not inside or unit(facing) @ unit(start - point) < 0.3:
            continue
        considered += 1
        way = Vector(unit(point - start))
        distance = float(np.linalg.norm(point - start)) - 0.012
        blocked = any(
            hit is not None and hit < distance
            for hit in (tree.ray_cast(Vector(start), way)[3] for tree in (skin, cloth))
        )
        dense = _hair_before(start, point, strands) * (1 / max(person.request.density, 0.1))
        seen += not blocked and dense < 60
    return Visibility(int(trunk), bare, torn, considered, seen)
