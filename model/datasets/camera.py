"""What a webcam does to a picture: tone, noise, blur, compression; all in uint8 with OpenCV.

A step draws what the camera is like, once for a clip, and returns how it changes a frame. Look-up
tables instead of float pictures keep a frame at a few milliseconds on one core.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.draw_settings import Steps
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo import Image

Rng = np.random.Generator
Shoot = Callable[[Image, int, Rng], Image]
"""Changes a (H, W, 3) frame, given its number in the clip and a generator for this frame."""

NOISE_BANK = np.random.default_rng(7).standard_normal(1 << 21).astype(np.float32)
DRIFT_FRAMES = 40.0
"""Exposure swings in about this time."""


def tone_table(rng: Rng, strength: float = 1.0) -> NDArray[np.uint8]:
    """Draw brightness ±20 %, contrast ±15 %, gamma and white balance as a (256, 3) table."""
    levels = np.arange(256, dtype=np.float32) / 255
    brightness = 1 + strength * rng.uniform(-0.2, 0.2)
    contrast = 1 + strength * rng.uniform(-0.15, 0.15)
    gamma = float(np.exp(strength * rng.uniform(-0.45, 0.45)))
    curve = np.power(levels, gamma) * brightness
    curve = (curve - 0.45) * contrast + 0.45
    gains = 1 + strength * rng.normal(0, 0.05, 3)
    table = curve[:, None] * gains[None]
    return np.asarray(np.clip(table * 255 + 0.5, 0, 255), np.uint8)


def apply_table(rgb: Image, table: NDArray[np.uint8]) -> Image:
    """Look every channel up in its column of a (256, 3) table."""
    return np.asarray(cv2.LUT(rgb, table.reshape(256, 1, 3)), np.uint8)


def add_noise(rgb: Image, sigma: float, rng: Rng) -> Image:
    """Add Gaussian noise of `sigma` (fraction of full range), independent for each channel."""
    start = int(rng.integers(0, NOISE_BANK.size - rgb.size)) if NOISE_BANK.size > rgb.size else 0
    noise = np.resize(NOISE_BANK[start : start + rgb.size], rgb.shape)
    return np.asarray(cv2.add(rgb, noise * (sigma * 255), dtype=cv2.CV_8U), np.uint8)


def tone(rng: Rng) -> Shoot:
    """Brightness, contrast, gamma, white balance."""
    table = tone_table(rng)
    return lambda rgb, index, each: apply_table(rgb, table)


def exposure_drift(rng: Rng) -> Shoot:
    """Automatic exposure: a gain that swings; the first frame keeps its own."""
    stops, phase = rng.uniform(0.1, 0.6), rng.uniform(0, 2 * np.pi)
    period = DRIFT_FRAMES * rng.uniform(0.3, 1.5)

    def shoot(rgb: Image, index: int, each: Rng) -> Image:
        swing = np.sin(2 * np.pi * index / period + phase) - np.sin(phase)
        return np.asarray(cv2.convertScaleAbs(rgb, alpha=float(2 ** (stops * swing))), np.uint8)

    return shoot


def low_light(rng: Rng) -> Shoot:
    """A dim room: 15 to 50 % of the light, lifted blacks, often a warm cast, noise."""
    levels = np.arange(256, dtype=np.float32) / 255
    curve = levels * rng.uniform(0.15, 0.5) + rng.uniform(0, 0.04)
    gains = np.array((1 + rng.uniform(0, 0.15), 1.0, 1 - rng.uniform(0, 0.2)))
    table = np.clip(curve[:, None] * gains * 255 + 0.5, 0, 255).astype(np.uint8)
    sigma = rng.uniform(0.01, 0.04)
    return lambda rgb, index, each: add_noise(apply_table(rgb, table), sigma, each)


def grey(rng: Rng) -> Shoot:
    """No colours."""

    def shoot(rgb: Image, index: int, each: Rng) -> Image:
        return np.asarray(cv2.cvtColor(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB))

    return shoot


def resolution(rng: Rng) -> Shoot:
    """Shrunk and enlarged again, as by a camera that delivers more pixels than it has."""
    factor = rng.uniform(1.2, 2.5)

    def shoot(rgb: Image, index: int, each: Rng) -> Image:
        height, width = rgb.shape[:2]
        size_wh = (max(8, int(width / factor)), max(8, int(height / factor)))
        small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR))

    return shoot


def blur(rng: Rng) -> Shoot:
    """Out of focus by 0.3 to 1.2 px."""
    sigma = rng.uniform(0.3, 1.2)
    return lambda rgb, index, each: np.asarray(cv2.GaussianBlur(rgb, (0, 0), sigma), np.uint8)


def shake(rng: Rng) -> Shoot:
    """Blurred along a direction by 3 to 9 px, another for each frame."""

    def shoot(rgb: Image, index: int, each: Rng) -> Image:
        length = int(each.integers(3, 10))
        kernel = np.zeros((length, length), np.float32)
        angle, centre = each.uniform(0, np.pi), (length - 1) / 2
        reach = np.array((np.cos(angle), np.sin(angle))) * centre
        begin, end = np.rint(centre - reach).astype(int), np.rint(centre + reach).astype(int)
        cv2.line(kernel, (int(begin[0]), int(begin[1])), (int(end[0]), int(end[1])), 1.0)
        return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum()), np.uint8)

    return shoot


def noise(rng: Rng) -> Shoot:
    """Noise of the sensor."""
    sigma = rng.uniform(0.005, 0.04)
    return lambda rgb, index, each: add_noise(rgb, sigma, each)


def jpeg(rng: Rng) -> Shoot:
    """Compressed; OpenCV's JPEG halves the chroma as cameras do."""
    quality = int(rng.integers(25, 95))

    def shoot(rgb: Image, index: int, each: Rng) -> Image:
        _, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)

    return shoot


CAMERA_STEPS: tuple[Callable[[Rng], Shoot], ...] = (
    tone, exposure_drift, low_light, grey, resolution, blur, shake, noise, jpeg
)  # fmt: skip
"""In the order in which light passes a camera; each is taken as often as `Steps` says."""


class Camera:
    """One drawn camera, used for all frames of a clip so that they belong together."""

    def __init__(self, steps: Steps, draws: Draws) -> None:
        """Draw what this camera does."""
        self._draws = draws
        self._taken: list[tuple[str, Shoot]] = []
        for step in CAMERA_STEPS:
            rng = draws.happens(step.__name__, getattr(steps, step.__name__))
            if rng is not None:
                self._taken.append((step.__name__, step(rng)))

    def shoot(self, rgb: Image, index: int) -> Image:
        """Take (H, W, 3) uint8 as this camera would; noise differs from frame to frame."""
        for name, shoot in self._taken:
            rgb = shoot(rgb, index, self._draws.rng(f"{name} {index}"))
        return rgb
