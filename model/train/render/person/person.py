"""One drawn person: parts and strands at rest, and where they are at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from ..assets.base_mesh import BODY, VERTICES, BaseMesh, normalised_rows
from ..draws import Draws
from ..geometry.mesh import submesh, vertex_normals
from ..geometry.rotations import Array, X, Y, rotation
from ..geometry.shapes import Shape, ellipsoid
from ..geometry.surface import Surface
from .body import Body, draw_body
from .landmarks import Landmarks, find_landmarks, scalp
from .motion import Motion, draw_motion
from .part import Part, Strands
from .poser import Poser
from .posture import Posture, draw_posture
from .skeleton import Skeleton, moved, skinned

COLLIDERS = ("body", "top", "suit", "cap", "beanie", "hood", "scarf", "cup", "band", "jacket")
"""Beginnings of the names of parts that hair lies on."""


@dataclass(frozen=True)
class Request:
    """What the shot wants of a person."""

    clip: bool = False
    sitting: bool = False
    density: float = 1.0
    """Factor on the number of strands; each one is thicker in turn."""


class Person:
    """A person under construction, then as it moves."""

    body: Body
    marks: Landmarks
    posture: Posture
    motion: Motion

    def __init__(self, base: BaseMesh, draws: Draws, request: Request) -> None:
        self.base, self.draws, self.request = base, draws, request
        self.body = draw_body(base, draws.under("body"))
        self.marks = find_landmarks(base, self.body)
        self.scalp = scalp(self.body, self.marks, draws.under("scalp"))
        self.posture = draw_posture(draws.under("posture"), sitting=request.sitting)
        self.motion = draw_motion(draws.under("motion"), clip=request.clip, sitting=request.sitting)
        self.skeleton = Skeleton(base, self.body.vertices)
        self.poser = Poser(self.skeleton, self.marks, self.posture, self.motion)
        self.parts: list[Part] = []
        self.strands: list[Strands] = []
        self.tags: dict[str, Any] = {
            "male": self.body.male,
            "child": self.body.child,
            "age": round(self.body.age, 2),
            "sitting": request.sitting,
            "arms": [arm.mode for arm in self.posture.arms],
            "activity": self.motion.activity,
        }
        self.body_faces = base.group_faces("body")
        self.skin_marks = self._skin_marks()
        self.body_part = Part(
            "body",
            self.vertices[:BODY],
            self.body_faces,
            "skin",
            {"tone": self.body.skin, "lipstick": 0.0 if self.body.male else 0.5},
            weights=base.weights[:BODY],
            base_numbers=np.arange(BODY),
            subdivide=1,
        )
        self.parts.append(self.body_part)
        self.rest_surface = Surface(self.vertices[:BODY], self.body_faces)
        self._tree = cKDTree(self.vertices[:BODY])
        self._face()

    @property
    def vertices(self) -> Array:
        """(VERTICES, 3) of the base mesh at rest."""
        return self.body.vertices

    # What the face is made of.

    def _skin_marks(self) -> Array:
        """(VERTICES, 4): lips, hair's shadow, redness, 1; each 0 to 1."""
        v, marks = self.vertices, self.marks
        cheeks = np.exp(
            -(((np.abs(v[:, 0]) - 0.5) / 0.25) ** 2 + ((v[:, 1] - marks.nose[1]) / 0.25) ** 2)
        ) * (v[:, 2] > marks.center[2] + 0.3)
        nose = np.exp(-(np.linalg.norm(v - marks.nose, axis=1) ** 2) / 0.06)
        ears = np.zeros(VERTICES)
        ears[marks.ear_vertices] = 0.7
        red = np.clip(cheeks + nose + ears, 0, 1)
        return np.stack([marks.lips, np.zeros(VERTICES), red, np.ones(VERTICES)], 1)

    def _helper(self, name: str, faces: Array, material: str) -> None:
        numbers, local = submesh(faces, VERTICES)
        self.parts.append(
            Part(
                name,
                self.vertices[numbers],
                local,
                material,
                weights=self.base.weights[numbers],
                base_numbers=numbers,
            )
        )

    def _face(self) -> None:
        base = self.base
        for group, material in (
            ("helper-upper-teeth", "teeth"),
            ("helper-lower-teeth", "teeth"),
            ("helper-tongue", "tongue"),
        ):
            self._helper(group.removeprefix("helper-"), base.group_faces(group), material)
        lashes = [base.group_faces(name) for name in base.groups if "eyelashes" in name]
        self._helper("lashes", np.concatenate(lashes), "lash")
        shading = {"iris": self.draws.pick("iris", {"brown": 5, "dark": 3, "blue": 2, "green": 1})}
        # The eyes turn half of the way to where the head turned from, as eyes at a camera do.
        back = self.posture.yaw * 0.4 if self.draws.chance("looks at camera", 0.7) else 0.0
        gaze = rotation(Y, self.posture.gaze[0] - back) @ rotation(X, self.posture.gaze[1])
        around, along = 28, 22
        for side in "lr":
            own = self.vertices[np.unique(base.group_faces(f"helper-{side}-eye"))]
            center = (own.max(0) + own.min(0)) / 2
            radius = float((own.max(0) - own.min(0))[:2].mean() / 2)
            ball = ellipsoid(np.zeros(3), [radius] * 3, gaze, around, along)
            angle = np.repeat(np.linspace(0, np.pi, along), around)
            self.rigid(
                "eye", Shape(ball.vertices + center, ball.faces), "eye", shading, {"angle": angle}
            )

    # How parts are added.

    def rigid(
        self,
        name: str,
        shape: Shape,
        material: str,
        shading: dict[str, Any],
        attributes: dict[str, Array] | None = None,
        *,
        subdivide: int = 0,
        thickness_m: float = 0.0,
    ) -> None:
        """Add something that follows the head."""
        given = {"rest": shape.vertices.copy(), **(attributes or {})}
        self.parts.append(
            Part(
                name,
                shape.vertices,
                shape.faces,
                material,
                shading,
                bone="head",
                attributes=given,
                subdivide=subdivide,
                thickness_m=thickness_m,
            )
        )

    def skin_weights(self, points: Array) -> sparse.csr_matrix:
        """(n, bones) weights of the nearest points of the body."""
        distance, nearest = self._tree.query(points, k=4)
        share = 1 / (distance + 0.05)
        share /= share.sum(1, keepdims=True)
        rows = np.repeat(np.arange(len(points)), 4)
        mix = sparse.csr_matrix((share.ravel(), (rows, nearest.ravel())), (len(points), BODY))
        return normalised_rows(mix @ self.base.weights[:BODY])

    def bone_weights(self, first: str, second: str, share: Array) -> sparse.csr_matrix:
        """(n, bones) weights that go from one bone (0) to another (1)."""
        count = len(share)
        rows = np.concatenate([np.arange(count)] * 2)
        columns = np.repeat([self.base.number[first], self.base.number[second]], count)
        return sparse.csr_matrix(
            (np.concatenate([1 - share, share]), (rows, columns)), (count, len(self.base.order))
        )

    # What hair needs: the person in the pose of time 0.

    def settle(self) -> None:
        """Fix the pose of time 0: the surface that hair grows on and lies on."""
        self.pose_0 = self.poser.at(0.0)
        self.head_0 = self.pose_0[self.base.number["head"]]
        points, faces, count = [], [], 0
        for part in self.parts:
            if part.name.startswith(COLLIDERS):
                own = self.body_faces if part is self.body_part else part.faces
                points.append(self.posed(part, self.pose_0))
                faces += [[int(i) + count for i in face] for face in own]
                count += len(part.vertices)
        self.posed_surface = Surface(np.concatenate(points), faces)
        self.posed_body = points[0]
        self.posed_normals = vertex_normals(self.posed_body, self.body_faces)

    def posed(self, part: Part, pose: Array, vertices: Array | None = None) -> Array:
        """(n, 3) a part's vertices in a pose."""
        at_rest = part.vertices if vertices is None else vertices
        if part.bone is not None:
            return moved(at_rest, pose[self.base.number[part.bone]])
        assert part.weights is not None
        return skinned(at_rest, part.weights, pose)

    # The person at a moment.

    def _expression_offset(self, time_s: float) -> Array | None:
        """(VERTICES, 3) what talking and blinking add at rest, or None."""
        jaw = self.motion.jaw(time_s) if self.motion.jaw is not None else 0.0
        blink = self.motion.blink(time_s)
        if jaw < 1e-3 and blink < 1e-3:
            return None
        offset = np.zeros((VERTICES, 3))
        self.base.morph(offset, f"{self.body.expressions}mouth-open", jaw)
        for side in ("left", "right"):
            self.base.morph(offset, f"{self.body.expressions}eye-{side}-closure", blink)
        return offset

    def frame(self, time_s: float) -> tuple[list[Array], list[Array]]:
        """Vertices of all parts and points of all strands at a moment, in decimetres."""
        pose = self.poser.at(time_s)
        offset = self._expression_offset(time_s)
        parts = []
        for part in self.parts:
            vertices = part.vertices
            if offset is not None and part.base_numbers is not None:
                vertices = vertices + offset[part.base_numbers]
            parts.append(self.posed(part, pose, vertices))
        return parts, [self._strands_at(strands, time_s) for strands in self.strands]

    def _strands_at(self, strands: Strands, time_s: float) -> Array:
        head = self.base.number["head"]
        if strands.at_rest:
            return moved(strands.points, self.poser.at(time_s)[head])
        if not self.request.clip:
            return strands.points
        inverse = np.linalg.inv(self.head_0)
        count = strands.points.shape[1]
        out = np.empty_like(strands.points)
        for k in range(count):
            # Twelve steps of lag are enough to bend a strand smoothly.
            steps = round(12 * (k / (count - 1)) ** 1.5)
            late = time_s - strands.lag_s * steps / 12
            transform = self.poser.at(late)[head].copy()
            # Walking at an even pace leaves no hair behind: only turns and nods do.
            transform[:3, 3] += self.motion.walk_dm(time_s) - self.motion.walk_dm(late)
            out[:, k] = moved(strands.points[:, k], transform @ inverse)
        return out

    def head_at(self, time_s: float) -> Array:
        """(3,) the middle of the head at a moment."""
        return moved(self.marks.center, self.poser.at(time_s)[self.base.number["head"]])
