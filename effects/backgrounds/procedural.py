"""Backgrounds that need no file: studio walls and soft lights."""

import math

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8, MapF32
from u2cam.effects.grid import grid_size

_STUDIOS: dict[str, tuple[tuple[int, int, int], tuple[int, int, int]]] = {
    # name: (colour of the lit middle, colour of the edges)
    "studio": ((206, 210, 216), (112, 120, 132)),
    "studio-dark": ((78, 84, 94), (18, 20, 25)),
    "studio-warm": ((232, 208, 180), (132, 98, 74)),
    "studio-blue": ((120, 156, 200), (28, 44, 78)),
}


class Studio:
    """A wall lit from above the middle, still."""

    def __init__(self, name: str = "studio") -> None:
        self._middle, self._edge = _STUDIOS[name]
        self._picture = np.zeros((0, 0, 3), np.uint8)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the wall at a size."""
        if self._picture.shape[1::-1] != size_wh:
            self._picture = self._paint(size_wh)
        return self._picture

    def _paint(self, size_wh: tuple[int, int]) -> ImageU8:
        width, height = size_wh
        x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
        y = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.42
        share = np.clip(np.hypot(x[None, :] * 1.5, y[:, None] * 1.3), 0, 1)[..., None]
        share = share * share * (3 - 2 * share)
        wall = np.asarray(self._middle, np.float32) * (1 - share)
        wall += np.asarray(self._edge, np.float32) * share
        # Noise of one level hides the steps of 8 bits; the seed keeps runs alike.
        noise = np.random.default_rng(0).random((height, width, 1), np.float32)
        return np.asarray(np.clip(wall + noise, 0, 255), np.uint8)


class BokehLights:
    """Soft lights out of focus that drift slowly over a dark room."""

    _COUNT = 26
    _PALETTE = ((255, 196, 120), (255, 150, 90), (255, 226, 180), (140, 180, 255), (250, 120, 140))

    def __init__(self) -> None:
        random = np.random.default_rng(7)
        self._place = random.random((self._COUNT, 2))
        self._radius = random.uniform(0.03, 0.11, self._COUNT)
        self._light = random.uniform(0.12, 0.45, self._COUNT)
        self._phase = random.uniform(0, 2 * math.pi, self._COUNT)
        colours = [self._PALETTE[i % len(self._PALETTE)] for i in range(self._COUNT)]
        self._colour = np.asarray(colours, np.float32)
        self._base: MapF32 = np.zeros((0, 0, 3), np.float32)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the lights at a time; drawn small, since they have no sharp edge."""
        width, height = grid_size(size_wh, 320)
        if self._base.shape[:2] != (height, width):
            shade = np.linspace(1.0, 0.45, height, dtype=np.float32)[:, None, None]
            self._base = (
                np.asarray([30, 26, 40], np.float32)
                * shade
                * np.ones((height, width, 1), np.float32)
            )
        room = self._base.copy()
        for i in range(self._COUNT):
            self._draw(room, i, time_s)
        picture = np.clip(room, 0, 255).astype(np.uint8)
        return cv2.resize(picture, size_wh, interpolation=cv2.INTER_LINEAR).astype(
            np.uint8, copy=False
        )

    def _draw(self, room: MapF32, i: int, time_s: float) -> None:
        height, width = room.shape[:2]
        drift = 0.03 * math.sin(0.11 * time_s + self._phase[i])
        rise = 0.02 * math.cos(0.07 * time_s + 2 * self._phase[i])
        x = (self._place[i, 0] + drift) * width
        y = (self._place[i, 1] + rise) * height
        radius = self._radius[i] * height
        left, right = max(0, int(x - radius - 2)), min(width, int(x + radius + 3))
        top, bottom = max(0, int(y - radius - 2)), min(height, int(y + radius + 3))
        if left >= right or top >= bottom:
            return
        dx = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(x)
        dy = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(y)
        distance = np.sqrt(dx * dx + dy * dy)
        disc = np.clip((radius - distance) / (0.12 * radius + 1), 0, 1)
        pulse = self._light[i] * (0.85 + 0.15 * math.sin(0.5 * time_s + 3 * self._phase[i]))
        room[top:bottom, left:right] += disc[..., None] * self._colour[i] * np.float32(pulse)


def built_in(name: str) -> Studio | BokehLights:
    """Return a built-in background by its name in `core.choices.BUILT_IN`."""
    return BokehLights() if name == "bokeh" else Studio(name)
