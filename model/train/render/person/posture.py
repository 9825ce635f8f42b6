"""How a person stands or sits, and where each arm is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array, unit
from .landmarks import Landmarks

RAISED = {
    "chin": 1.0,
    "wave": 1.0,
    "ear": 1.0,
    "front": 1.2,
    "cup": 1.6,
    "mouth": 0.7,
    "temple": 0.8,
    "point": 0.7,
    "read": 1.3,
}
"""What raised hands do, with weights. `read` takes both hands."""

BY_HEAD = ("chin", "ear", "mouth", "temple")
"""Arms whose hand keeps its place at the head."""


@dataclass(eq=False)
class Arm:
    """What one arm does."""

    side: str
    """`L` or `R`."""
    mode: str
    curl: float
    """How far the fingers are closed, 0 (straight) to 1 (fist)."""
    abduction: float
    thumb: float
    jitter: Array
    """(3,) drawn offsets."""
    twist: float
    grip: tuple[float, float, float] | None = None
    """Angles of the three joints of each finger that close around a held thing."""
    grip_thumb: float | None = None

    @property
    def sign(self) -> int:
        """1 on the person's left (x > 0), -1 on the right."""
        return 1 if self.side == "L" else -1


@dataclass(frozen=True, eq=False)
class Posture:
    """Angles in radians of a still moment."""

    yaw: float
    pitch: float
    roll: float
    lean: float
    lean_side: float
    gaze: tuple[float, float]
    sitting: bool
    knees: float
    """How far the thighs are spread when sitting."""
    arms: tuple[Arm, Arm]


def _arm(draws: Draws, side: str, mode: str) -> Arm:
    return Arm(
        side=side,
        mode=mode,
        curl=draws.uniform("curl", 0.05, 0.9),
        abduction=draws.uniform("abduction", 0.02, 0.25),
        thumb=draws.uniform("thumb", -0.1, 0.5),
        jitter=draws.rng("jitter").normal(0, 0.25, 3),
        twist=draws.normal("twist", 0, 0.35),
    )


def draw_posture(draws: Draws, *, sitting: bool) -> Posture:
    """Draw a posture."""
    wide = draws.chance("looks away", 0.25)
    yaw = draws.uniform("yaw/wide", -1, 1) if wide else draws.normal("yaw", 0, 0.22)
    modes: dict[str, str] = {}
    for side in "LR":
        arm = draws.under(f"arm/{side}")
        low = {"desk": 0.65, "lap": 0.35} if sitting else {"down": 0.8, "desk": 0.2}
        mode = arm.pick("low", low)
        if arm.chance("raised", 0.21):
            mode = arm.pick("raised/as", RAISED)
        modes[side] = arm.pick("mode", {mode: 1.0})
    if "read" in modes.values():
        modes = dict.fromkeys("LR", "read")
    elif not sitting and draws.chance("crossed", 0.05):
        modes = dict.fromkeys("LR", "crossed")
    return Posture(
        yaw=yaw,
        pitch=draws.normal("pitch", 0.02, 0.12),
        roll=draws.normal("roll", 0, 0.09),
        lean=draws.normal("lean", -0.02 if sitting else 0.05, 0.08),
        lean_side=draws.normal("lean side", 0, 0.05),
        gaze=(draws.normal("gaze/x", 0, 0.12), draws.normal("gaze/y", 0, 0.08)),
        sitting=sitting,
        knees=draws.uniform("knees", 0.0, 0.3),
        arms=(
            _arm(draws.under("arm/L"), "L", modes["L"]),
            _arm(draws.under("arm/R"), "R", modes["R"]),
        ),
    )


def hand_target(arm: Arm, marks: Landmarks, hip: Array) -> tuple[Array, Array, Array]:
    """Where the wrist goes, where the fingers point and which way the palm faces.

    Args:
        arm: the arm; not one that hangs down.
        marks: landmarks at rest.
        hip: (3,) where the thigh begins, on this side.
    """
    s, mouth_y, z = arm.sign, marks.mouth[1], marks.mouth[2]
    neck_y = marks.neck[1]
    table: dict[str, tuple[list[float], list[float], list[float]]] = {
        "chin": (
            [s * 0.45, marks.chin_y - 0.35, z + 0.25],
            [-s * 0.5, 0.85, 0.0],
            [-s * 0.3, 0, -1],
        ),
        "wave": ([s * 2.3, mouth_y + 0.3, z + 0.7], [s * 0.15, 1, 0.1], [0, 0, 1]),
        "ear": (
            [
                s * (marks.ear_x + 0.4),
                (marks.ear_left[1] + mouth_y) / 2 - 0.15,
                marks.ear_left[2] + 1.15,
            ],
            [-s * 0.15, 0.45, -0.85],
            [-s, 0, 0.1],
        ),
        "front": (
            [s * 1.0, neck_y - 1.2, z + 2.2],
            [-s * 0.4, 0.7, 0.5],
            [-s * 0.3, 0, 1 if arm.curl < 0.5 else -1],
        ),
        "point": ([s * 1.6, neck_y - 0.4, z + 2.4], [s * 0.1, 0.5, 0.9], [-s, 0, 0.2]),
        "cup": ([s * 0.9, mouth_y - 1.1, z + 1.2], [-s * 0.85, 0.35, 0.2], [-s * 0.2, 0, -1]),
        "mouth": ([s * 0.7, mouth_y - 0.7, z + 0.8], [-s * 0.6, 0.8, -0.1], [-s * 0.2, 0, -1]),
        "temple": ([s * 1.2, marks.eye_y - 0.8, z + 0.7], [-s * 0.8, 0.6, -0.1], [0, 0, -1]),
        "desk": ([s * 1.6, neck_y - 4.2, z + 2.0], [-s * 0.5, -0.15, 0.8], [0, -1, 0]),
        "lap": ([hip[0] * 1.2, hip[1] + 1.15, hip[2] + 2.6], [-s * 0.35, -0.1, 1], [0, -1, 0]),
        "read": ([s * 1.0, neck_y - 2.6, z + 1.9], [-s * 0.25, 0.75, 0.45], [-s * 0.8, 0, -0.4]),
        "crossed": (
            [-s * 1.0, neck_y - 2.9 + 0.35 * s, marks.neck[2] + 1.75 + 0.3 * s],
            [-s, 0.25, -0.35],
            [0, 0.1, -1],
        ),
    }
    place, fingers, palm = table[arm.mode]
    steady = arm.mode in ("read", "crossed")
    close = arm.mode in (*BY_HEAD, "cup")
    jitter = arm.jitter * (0.0 if steady else 0.15 if close else 0.6)
    return np.array(place) + jitter, unit(fingers), unit(palm)
