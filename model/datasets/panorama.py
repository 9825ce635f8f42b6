"""Views cut from panoramas: scenes of any direction, angle and exposure.

A panorama is kept as 8 bits of log2 luminance: eleven stops in steps of 3 %. A view is then one
`remap` and one look-up table for exposure and tone.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image, read_rgb

DARKEST_LOG2, STOPS = -7.0, 11.0
WIDEST_DEGREES, NARROWEST_DEGREES = 110.0, 40.0
GRID_PX = 8
"""Side of a cell in which the map of a view is interpolated."""
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
    # The map is smooth: it is computed at the middles of coarse cells, one more on each side.
    cells_wh = (-(-width // GRID_PX) + 2, -(-height // GRID_PX) + 2)
    x_px, y_px = ((np.arange(cells) - 0.5) * GRID_PX for cells in cells_wh)
    pixel = np.tan(fov / 2) * 2 / width
    x, y = np.meshgrid(pixel * (x_px - width / 2), pixel * (y_px - height / 2))
    across = np.cos(roll) * x - np.sin(roll) * y
    down = np.sin(roll) * x + np.cos(roll) * y
    forward = np.cos(pitch) + np.sin(pitch) * down
    down = np.cos(pitch) * down - np.sin(pitch)
    longitude = np.arctan2(across, forward) + yaw
    latitude = np.arctan2(down, np.hypot(across, forward))
    map_x = np.asarray((longitude / (2 * np.pi) + 0.5) * panorama.shape[1] - 0.5, np.float32)
    map_y = np.asarray((latitude / np.pi + 0.5) * panorama.shape[0] - 0.5, np.float32)
    grid_wh = (cells_wh[0] * GRID_PX, cells_wh[1] * GRID_PX)
    fine_x, fine_y = (
        cv2.resize(part, grid_wh)[GRID_PX : GRID_PX + height, GRID_PX : GRID_PX + width]
        for part in (map_x, map_y)
    )
    view = cv2.remap(panorama, fine_x, fine_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(view, np.uint8)


def draw_view(panorama: Image, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a view: any direction near the horizon, any angle of a webcam, any exposure."""
    fov = np.deg2rad(rng.uniform(NARROWEST_DEGREES, WIDEST_DEGREES))
    yaw = rng.uniform(-np.pi, np.pi)
    pitch, roll = np.deg2rad(rng.normal(0, 12)), np.deg2rad(rng.normal(0, 3))
    view = cut_view(panorama, size_wh, yaw, pitch, roll, fov)
    # The view's own median is brought to a mid-tone first, as a camera's exposure does.
    seen = float(np.median(view[::4, ::4])) * (STOPS / 255) + DARKEST_LOG2
    stops = -2.0 - seen + rng.normal(0, FADE_STOPS)
    return np.asarray(cv2.LUT(view, exposure_table(float(stops))), np.uint8)
