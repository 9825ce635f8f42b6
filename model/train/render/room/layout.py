"""Where things go: walls and floor of a room, what is taken, and what the camera sees.

The camera stands above the origin and looks towards +y, turned by its yaw (to the right, radians).
The room has a back wall at y = depth and side walls at x = -left and x = right.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..draws import Draws
from ..geometry.rotations import Array, Z, rotation
from ..things.piece import Thing, bounds, moved

BEHIND_M = 0.6
"""Side walls begin this far behind the camera; the room is open there and light comes in."""


@dataclass(frozen=True)
class Camera:
    """The webcam."""

    height_m: float
    yaw: float
    pitch: float
    """Upwards."""
    roll: float
    field_of_view: float
    """Horizontal, radians."""
    f_number: float | None
    """None: all is sharp."""
    focus_m: float

    def sees(self, point: Array, aspect: float, margin: float = 1.0) -> bool:
        """Whether a point (3,) is in the picture (up to its roll)."""
        x, y, z = np.asarray(point, float) - [0, 0, self.height_m]
        ahead = x * np.sin(self.yaw) + y * np.cos(self.yaw)
        aside = x * np.cos(self.yaw) - y * np.sin(self.yaw)
        forward = ahead * np.cos(self.pitch) + z * np.sin(self.pitch)
        up = z * np.cos(self.pitch) - ahead * np.sin(self.pitch)
        if forward < 0.05:
            return False
        wide = np.tan(self.field_of_view / 2) * margin
        return bool(abs(aside) < wide * forward and abs(up) < wide / aspect * forward)


@dataclass(eq=False)
class Wall:
    """One wall; u runs to the right as seen from inside."""

    name: str
    start: Array
    """(3,) where u = 0."""
    yaw: float
    length_m: float
    height_m: float
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Rectangles (u from, u to, z from, z to)."""
    holes: list[tuple[float, float, float, float]] = field(default_factory=list)

    def world(self, thing: Thing, u: float, z: float = 0.0) -> Thing:
        """A thing put at this wall."""
        along = rotation(Z, self.yaw) @ np.array([u, 0.0, z])
        return moved(thing, self.start + along, self.yaw)

    def point(self, u: float, z: float) -> Array:
        """(3,) a point of the wall."""
        return np.asarray(self.start + rotation(Z, self.yaw) @ np.array([u, 0.0, z]))

    def free(self, u0: float, u1: float, z0: float, z1: float, margin: float = 0.05) -> bool:
        """Whether a rectangle is on the wall and touches nothing."""
        if u0 < 0.02 or u1 > self.length_m - 0.02 or z1 > self.height_m - 0.01:
            return False
        return all(
            u1 + margin < a or u0 - margin > b or z1 + margin < c or z0 - margin > d
            for a, b, c, d in self.taken
        )


@dataclass(eq=False)
class Room:
    """A room that is being furnished."""

    depth_m: float
    left_m: float
    right_m: float
    height_m: float
    camera: Camera
    floor: list[tuple[float, float, float, float]] = field(default_factory=list)
    """Taken rectangles (x from, x to, y from, y to)."""

    def __post_init__(self) -> None:
        side, half_turn = self.depth_m + BEHIND_M, np.pi / 2
        left = np.array([-self.left_m, -BEHIND_M, 0.0])
        right = np.array([self.right_m, self.depth_m, 0.0])
        back = np.array([-self.left_m, self.depth_m, 0.0])
        wide = self.left_m + self.right_m
        self.walls = {
            "back": Wall("back", back, 0.0, wide, self.height_m),
            "left": Wall("left", left, half_turn, side, self.height_m),
            "right": Wall("right", right, -half_turn, side, self.height_m),
        }

    def look_at_wall(self, draws: Draws) -> tuple[Wall, float]:
        """A wall and a place on it (u) that the camera sees."""
        half = self.camera.field_of_view / 2
        angle = self.camera.yaw + draws.uniform("sight", -0.95, 0.95) * half
        x = self.depth_m * np.tan(angle)
        if -self.left_m <= x <= self.right_m:
            return self.walls["back"], float(x + self.left_m)
        if x < 0:
            return self.walls["left"], float(self.left_m / np.tan(-angle) + BEHIND_M)
        return self.walls["right"], float(self.depth_m - self.right_m / np.tan(angle))

    def is_free(self, low: Array, high: Array, margin: float = 0.04) -> bool:
        """Whether a thing between two corners stands inside the room and in nothing else."""
        if low[0] < -self.left_m or high[0] > self.right_m or high[1] > self.depth_m + 0.01:
            return False
        return all(
            high[0] + margin < a
            or low[0] - margin > b
            or high[1] + margin < c
            or low[1] - margin > d
            for a, b, c, d in self.floor
        )

    def take(self, low: Array, high: Array) -> None:
        """Mark floor as taken."""
        self.floor.append((float(low[0]), float(high[0]), float(low[1]), float(high[1])))

    def stand_at_wall(self, draws: Draws, thing: Thing, tries: int = 14) -> Thing | None:
        """Put a thing with its back to a wall that is seen; None where there is no place."""
        low, high = bounds(thing)
        for k in range(tries):
            wall, u = self.look_at_wall(draws.under(f"place {k}"))
            if not wall.free(u + low[0], u + high[0], 0.0, high[2], 0.02):
                continue
            gap = 0.01
            placed = moved(wall.world(thing, u), rotation(Z, wall.yaw) @ np.array([0, -gap, 0]))
            a, b = bounds(placed)
            # Nothing stands in the camera, nor right before it.
            near = max(0.0, a[1]) < 0.75 and a[0] < 0.45 and b[0] > -0.45
            if near or not self.is_free(a, b, 0.02):
                continue
            wall.taken.append((u + low[0], u + high[0], 0.0, float(high[2])))
            self.take(a, b)
            return placed
        return None

    def hang(
        self, draws: Draws, thing: Thing, middle: tuple[float, float], tries: int = 14
    ) -> Thing | None:
        """Put a thing on a wall that is seen, its origin at a drawn height."""
        low, high = bounds(thing)
        for k in range(tries):
            own = draws.under(f"place {k}")
            wall, u = self.look_at_wall(own)
            z = own.uniform("z", *middle)
            if not wall.free(u + low[0], u + high[0], z + low[2], z + high[2]):
                continue
            wall.taken.append((u + low[0], u + high[0], z + float(low[2]), z + float(high[2])))
            return wall.world(thing, u, z)
        return None

    def stand(
        self,
        draws: Draws,
        thing: Thing,
        distance_m: tuple[float, float],
        tries: int = 14,
        turn: float = 0.6,
        aspect: float | None = None,
    ) -> Thing | None:
        """Put a thing on the floor where the camera sees it, facing the camera, about.

        Args:
            draws: the thing's own.
            thing: its middle at the origin.
            distance_m: from the camera, nearest and farthest.
            tries: how many places are drawn.
            turn: how far it may be turned from the camera, radians.
            aspect: width by height of a picture in which its top must be; None: it need not.
        """
        half = self.camera.field_of_view / 2
        for k in range(tries):
            own = draws.under(f"place {k}")
            angle = self.camera.yaw + own.uniform("angle", -0.95, 0.95) * half
            far = own.uniform("distance", *distance_m)
            place = np.array([far * np.sin(angle), far * np.cos(angle), 0.0])
            yaw = -angle + own.uniform("turn", -turn, turn)
            placed = moved(thing, place, yaw)
            low, high = bounds(placed)
            top = np.array([*(low + high)[:2] / 2, high[2]])
            if aspect is not None and not self.camera.sees(top, aspect):
                continue
            if low[1] > 0.3 and self.is_free(low, high):
                self.take(low, high)
                return placed
        return None
