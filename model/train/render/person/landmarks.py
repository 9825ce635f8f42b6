"""Landmarks of a morphed body: eyes, nose, mouth, ears, neck and the hair line."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..assets.base_mesh import BODY, VERTICES, BaseMesh
from ..draws import Draws
from ..geometry.rotations import Array
from .body import Body


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Points at rest (decimetres, x to the person's left, y up, z to the front)."""

    eye_left: Array
    eye_right: Array
    neck: Array
    top: float
    """Height of the skull's top."""
    nose: Array
    bridge: Array
    """Where glasses sit on the nose."""
    ear_vertices: Array
    ear_left: Array
    ear_x: float
    ear_top: float
    center: Array
    """(3,) the middle of the skull."""
    lips: Array
    """(VERTICES,) how much a vertex belongs to the lips, 0 to 1."""
    mouth: Array
    chin_y: float

    @property
    def eye_y(self) -> float:
        """Height of the eyes."""
        return float(self.eye_left[1])

    @property
    def skull(self) -> float:
        """From the eyes to the top."""
        return self.top - self.eye_y


def marker(base: BaseMesh, vertices: Array, name: str) -> Array:
    """(3,) a joint of the skeleton or the middle of a group of helper vertices."""
    if name in base.joints:
        return base.joint(vertices, name)
    return np.asarray(vertices[np.unique(base.group_faces(name))].mean(0))


def _lips(base: BaseMesh) -> Array:
    lips = np.zeros(VERTICES)
    for name in ("upper", "lower"):
        numbers, offsets = base.target(f"mouth/mouth-{name}lip-volume-incr")
        length = np.linalg.norm(offsets, axis=1)
        lips[numbers] = np.maximum(lips[numbers], length / length.max())
    return np.clip(lips * 1.8 - 0.25, 0, 1)


def find_landmarks(base: BaseMesh, body: Body) -> Landmarks:
    """Find the landmarks of one body."""
    v = body.vertices
    eye_left, eye_right = (marker(base, v, f"joint-{side}-eye") for side in "lr")
    eye_y = eye_left[1]
    numbers = np.arange(BODY)
    head = numbers[v[numbers, 1] > marker(base, v, "joint-head")[1] - 0.9]
    top = v[head, 1].max()
    middle = np.abs(v[head, 0])
    front = head[(middle < 0.12) & (v[head, 1] < eye_y) & (v[head, 1] > eye_y - 0.75)]
    bridge = head[(middle < 0.1) & (np.abs(v[head, 1] - eye_y) < 0.12)]
    ears = np.unique(
        np.concatenate([base.target(f"ears/{side}-ear-scale-incr")[0] for side in "lr"])
    )
    left = ears[v[ears, 0] > 0]
    lips = _lips(base)
    mouth = v[lips > 0.4].mean(0)
    chin = head[(middle < 0.15) & (v[head, 1] < mouth[1])]
    chin = chin[v[chin, 2] > mouth[2] - 0.5]
    return Landmarks(
        eye_left=eye_left,
        eye_right=eye_right,
        neck=marker(base, v, "joint-neck"),
        top=float(top),
        nose=v[front[v[front, 2].argmax()]],
        bridge=v[bridge[v[bridge, 2].argmax()]],
        ear_vertices=ears,
        ear_left=v[left].mean(0),
        ear_x=float(v[left, 0].max()),
        ear_top=float(v[left, 1].max()),
        center=np.array([0, eye_y + 0.25 * (top - eye_y), v[left].mean(0)[2]]),
        lips=lips,
        mouth=mouth,
        chin_y=float(v[chin, 1].min()) if len(chin) else float(mouth[1] - 0.5),
    )


def scalp(body: Body, marks: Landmarks, draws: Draws) -> Array:
    """(VERTICES,) where hair grows, 0 to 1: above a drawn hair line."""
    v = body.vertices
    offset = v - marks.center
    azimuth = np.degrees(np.arctan2(np.abs(offset[:, 0]), offset[:, 2]))
    receding = draws.uniform("hairline", -0.05, 0.1)
    if body.male and draws.chance("receding", 0.35):
        receding += draws.uniform("receding/by", 0, 0.25)
    line = np.interp(
        azimuth,
        [0, 25, 38, 52, 62, 80, 90, 105, 120, 140, 180],
        [
            *(0.56 + receding, 0.62 + receding, 0.46 + receding),
            *(0.12, -0.12, -0.22, 0.18, 0.0, -0.35, -0.6, -0.66),
        ],
    )
    height = (v[:, 1] - marks.eye_y) / marks.skull
    mask = 1 / (1 + np.exp(-(height - line) / 0.03))
    mask[BODY:] = 0
    mask[marks.ear_vertices] = 0
    mask[v[:, 1] < marks.eye_y - 0.95 * marks.skull] = 0
    return np.asarray(mask)
