"""What a webcam does to a picture: tone, noise, blur, compression; all in uint8 with OpenCV.

Every function draws from the generator that it is given and returns a new (H, W, 3) uint8 array.
Look-up tables instead of float pictures keep a sample at about 3 ms on one core.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image

NOISE_BANK = np.random.default_rng(7).standard_normal(1 << 21).astype(np.float32)


def tone_table(rng: np.random.Generator, strength: float = 1.0) -> NDArray[np.uint8]:
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


def low_light_table(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A dim room: 15 to 50 % of the light, lifted blacks, often a warm cast."""
    levels = np.arange(256, dtype=np.float32) / 255
    curve = levels * rng.uniform(0.15, 0.5) + rng.uniform(0, 0.04)
    gains = np.array((1 + rng.uniform(0, 0.15), 1.0, 1 - rng.uniform(0, 0.2)))
    return np.asarray(np.clip(curve[:, None] * gains * 255 + 0.5, 0, 255), np.uint8)


def add_noise(rgb: Image, sigma: float, rng: np.random.Generator) -> Image:
    """Add Gaussian noise of `sigma` (fraction of full range), independent for each channel."""
    start = int(rng.integers(0, NOISE_BANK.size - rgb.size)) if NOISE_BANK.size > rgb.size else 0
    noise = np.resize(NOISE_BANK[start : start + rgb.size], rgb.shape)
    noisy = cv2.add(rgb, noise * (sigma * 255), dtype=cv2.CV_8U)
    return np.asarray(noisy, np.uint8)


def motion_blur(rgb: Image, rng: np.random.Generator) -> Image:
    """Blur along a random direction by 3 to 9 px."""
    length = int(rng.integers(3, 10))
    kernel = np.zeros((length, length), np.float32)
    angle = rng.uniform(0, np.pi)
    centre = (length - 1) / 2
    reach = np.array((np.cos(angle), np.sin(angle))) * centre
    begin = np.rint(centre - reach).astype(int)
    end = np.rint(centre + reach).astype(int)
    cv2.line(kernel, (int(begin[0]), int(begin[1])), (int(end[0]), int(end[1])), 1.0)
    return np.asarray(cv2.filter2D(rgb, -1, kernel / kernel.sum()), np.uint8)


def jpeg(rgb: Image, quality: int) -> Image:
    """Compress and decode; OpenCV's JPEG halves the chroma as cameras do."""
    _, data = cv2.imencode(".jpg", rgb, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def lower_resolution(rgb: Image, factor: float) -> Image:
    """Shrink and enlarge again, as a camera does that delivers more pixels than it has."""
    height, width = rgb.shape[:2]
    size_wh = (max(8, int(width / factor)), max(8, int(height / factor)))
    small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


class Camera:
    """One drawn camera and light, used for all frames of a sample so that they belong together."""

    def __init__(self, rng: np.random.Generator) -> None:
        """Draw what this camera does."""
        self.table = tone_table(rng)
        self.dark = low_light_table(rng) if rng.random() < 0.1 else None
        self.grey = rng.random() < 0.03
        self.factor = float(rng.uniform(1.2, 2.5)) if rng.random() < 0.15 else None
        self.blur_sigma = float(rng.uniform(0.3, 1.2)) if rng.random() < 0.15 else None
        self.move = rng.random() < 0.08
        self.sigma = float(rng.uniform(0.005, 0.04)) if rng.random() < 0.5 else 0.0
        if self.dark is not None:
            self.sigma += float(rng.uniform(0.01, 0.04))
        self.quality = int(rng.integers(25, 95)) if rng.random() < 0.35 else None

    def shoot(self, rgb: Image, rng: np.random.Generator) -> Image:
        """Take (H, W, 3) uint8 as this camera would; noise differs from call to call."""
        result = apply_table(rgb, self.table)
        if self.dark is not None:
            result = apply_table(result, self.dark)
        if self.grey:
            grey = cv2.cvtColor(result, cv2.COLOR_RGB2GRAY)
            result = np.asarray(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB), np.uint8)
        if self.factor is not None:
            result = lower_resolution(result, self.factor)
        if self.blur_sigma is not None:
            result = np.asarray(cv2.GaussianBlur(result, (0, 0), self.blur_sigma), np.uint8)
        if self.move:
            result = motion_blur(result, rng)
        if self.sigma > 0:
            result = add_noise(result, self.sigma, rng)
        if self.quality is not None:
            result = jpeg(result, self.quality)
        return result
