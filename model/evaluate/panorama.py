"""Views cut from panoramas, as scenes of the fixed sets: any direction, angle and exposure.

Training has views of its own (`model.datasets.panorama`), which may change; a change here would
move the fixed sets. A panorama is kept as 8 bits of log2 luminance: eleven stops in steps of 3 %.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image, read_rgb

DARKEST_LOG2, STOPS = -7.0, 11.0
WIDEST_DEGREES, NARROWEST_DEGREES = 110.0, 40.0
FADE_STOPS = 1.3
"""Exposures differ by about this much (standard deviation)."""


def read_panorama(path: Path) -> Image:
    """Read an equirectangular panorama, `.hdr` or already in log2 (any other file), (H, W, 3)."""
    if path.suffix != ".hdr":
        return read_rgb(path)
    image_bgr = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image_bgr is None:
        raise ValueError(f"{path}: not a panorama that can be decoded; remove it from the data")
    light = np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.float32)
    light /= np.float32(np.median(light.mean(axis=2)) * 4)  # The median becomes a dark mid-tone.
    stops = np.log2(np.maximum(light, np.float32(2.0**DARKEST_LOG2))) - np.float32(DARKEST_LOG2)
    return np.asarray(np.clip(stops * (255 / STOPS) + 0.5, 0, 255), np.uint8)


def exposure_table(stops: float) -> NDArray[np.uint8]:
    """Return the (256,) sRGB levels of log2 levels at an exposure, highlights rolled off."""
    light = np.exp2(np.arange(256) * (STOPS / 255) + DARKEST_LOG2 + stops)
    shown = light * (1 + light / 16) / (1 + light)  # Reinhard et al. 2002, eq. 4, white at 4.
    return np.asarray(np.clip(shown, 0, 1) ** (1 / 2.2) * 255 + 0.5, np.uint8)


def cut_view(
    panorama: Image, size_wh: tuple[int, int], yaw: float, pitch: float, roll: float, fov: float
) -> Image:
    """Cut a (H, W, 3) pinhole view of a log2 panorama; angles in radians, `fov` horizontal."""
    width, height = size_wh
    focal = width / 2 / np.tan(fov / 2)
    x = (np.arange(width, dtype=np.float32) - (width - 1) / 2) / focal
    y = (np.arange(height, dtype=np.float32) - (height - 1) / 2) / focal
    x, y = np.meshgrid(np.float32(x), np.float32(y))
    across = np.cos(roll) * x - np.sin(roll) * y
    down = np.sin(roll) * x + np.cos(roll) * y
    forward = np.cos(pitch) + np.sin(pitch) * down
    down = np.cos(pitch) * down - np.sin(pitch)
    longitude = np.arctan2(across, forward) + yaw
    latitude = np.arctan2(down, np.hypot(across, forward))
    rows, columns = panorama.shape[:2]
    map_x = np.asarray((longitude / (2 * np.pi) % 1.0) * columns, np.float32)
    map_y = np.asarray((latitude / np.pi + 0.5) * rows - 0.5, np.float32)
    return np.asarray(
        cv2.remap(panorama, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.uint8
    )


def draw_view(panorama: Image, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a view: any direction near the horizon, any angle of a webcam, any exposure."""
    fov = np.deg2rad(rng.uniform(NARROWEST_DEGREES, WIDEST_DEGREES))
    yaw = rng.uniform(-np.pi, np.pi)
    pitch, roll = np.deg2rad(rng.normal(0, 12)), np.deg2rad(rng.normal(0, 3))
    view = cut_view(panorama, size_wh, yaw, pitch, roll, fov)
    # The view's own median is brought to a mid-tone first, as a camera's exposure does.
    seen = float(np.median(view)) * (STOPS / 255) + DARKEST_LOG2
    stops = -2.0 - seen + rng.normal(0, FADE_STOPS)
    return np.asarray(cv2.LUT(view, exposure_table(float(stops))), np.uint8)
