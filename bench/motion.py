"""How people move in front of a webcam: smooth paths with drawn speeds, for synthetic clips.

Every coordinate is a sum of three sinusoids, so that speed and acceleration are smooth. At 720p a
half-length person spans about 8.6 pixels per centimetre; the root mean square speeds are those of
a person who sits and listens (1 to 6 cm/s), talks with the body (6 to 23 cm/s) or moves over
(23 to 52 cm/s, accelerating up to about 4 m/s²).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Pace = Literal["calm", "lively", "fast"]

SPEED_PX_S: dict[Pace, tuple[float, float]] = {
    "calm": (10.0, 50.0),
    "lively": (50.0, 200.0),
    "fast": (200.0, 450.0),
}
"""Root mean square of the horizontal speed, pixels of a frame 720 high per second."""

RATE_HZ: dict[Pace, tuple[float, float]] = {
    "calm": (0.1, 0.6),
    "lively": (0.2, 0.9),
    "fast": (0.4, 1.2),
}

GESTURE_SIZE = 0.12
"""Standard deviation of the part that a gesture moves, of the frame's height."""


class Wave:
    """A smooth path of one coordinate with a given root mean square speed."""

    def __init__(self, random: np.random.Generator, pace: Pace, speed: float) -> None:
        """Draw the path.

        Args:
            random: where it is drawn from.
            pace: sets the rates.
            speed: root mean square of the coordinate's change per second.
        """
        self._omega = 2 * math.pi * random.uniform(*RATE_HZ[pace], 3)
        self._phase = random.uniform(0, 2 * math.pi, 3)
        # A sinusoid of amplitude a and rate ω has the root mean square speed aω / √2.
        self._amplitude = speed * math.sqrt(2 / 3) / self._omega

    def at(self, time_s: float) -> float:
        """The coordinate at a time, 0 on average."""
        return float((self._amplitude * np.sin(self._omega * time_s + self._phase)).sum())


@dataclass(frozen=True, slots=True)
class Body:
    """A person's path: place, lean, nearness, and one gesture that bends the outline."""

    x: Wave
    y: Wave
    turn: Wave
    """Degrees."""
    near: Wave
    """Relative change of size."""
    gesture_x: Wave
    gesture_y: Wave


def draw_body(random: np.random.Generator, pace: Pace, height: int) -> Body:
    """Draw a person's path for frames of a height."""
    speed = random.uniform(*SPEED_PX_S[pace]) * height / 720
    gesture = speed * random.uniform(0.5, 1.5)
    # Leaning by a degree moves a head one frame height above the pivot by 12 pixels at 720p.
    return Body(
        x=Wave(random, pace, speed),
        y=Wave(random, pace, 0.35 * speed),
        turn=Wave(random, pace, min(4.0, 0.3 * speed * 720 / height / 12)),
        near=Wave(random, pace, min(0.05, 0.0003 * speed * 720 / height)),
        gesture_x=Wave(random, pace, 0.7 * gesture),
        gesture_y=Wave(random, pace, 0.7 * gesture),
    )


def body_map(
    body: Body,
    time_s: float,
    held: tuple[float, float],
    bent: tuple[float, float],
    place: tuple[float, float],
    size_wh: tuple[int, int],
) -> NDArray[np.float32]:
    """Say where each pixel of the frame lies in the cutout at a time: (H, W, 2) float32.

    Args:
        body: the path.
        time_s: the time.
        held: the point of the cutout that is placed.
        bent: the point of the cutout that the gesture moves.
        place: where `held` lies in the frame on average.
        size_wh: of the frame.
    """
    width, height = size_wh
    pivot = (held[0], held[1] + height)
    turn = cv2.getRotationMatrix2D(pivot, body.turn.at(time_s), 1 + body.near.at(time_s))
    turn[0, 2] += place[0] - held[0] + body.x.at(time_s)
    turn[1, 2] += place[1] - held[1] + body.y.at(time_s)
    back = np.asarray(cv2.invertAffineTransform(turn), np.float32)
    columns, rows = np.meshgrid(
        np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    )
    lies = np.dstack([columns, rows, np.ones_like(rows)]) @ back.T  # (H, W, 2)
    spread = GESTURE_SIZE * height
    # Farther than this the picture would fold over itself.
    most = 0.8 * spread
    moved = np.array(
        [most * math.tanh(wave.at(time_s) / most) for wave in (body.gesture_x, body.gesture_y)],
        np.float32,
    )
    distance = np.square(lies - np.asarray(bent, np.float32)).sum(axis=2, keepdims=True)
    lies -= moved * np.exp(distance / np.float32(-2 * spread**2))
    return np.asarray(lies, np.float32)
