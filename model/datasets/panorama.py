"""Views cut from panoramas: a camera that looks somewhere in a room, hall, street or landscape."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image

FIELD_OF_VIEW_DEG = (50.0, 85.0)
"""Horizontal; of webcams."""
MEDIAN_LEVEL = (0.12, 0.45)
"""The median of a view after exposure, gamma-encoded, of 1."""
GAMMA = 2.2


def read_panorama(path: Path) -> NDArray[np.float32]:
    """Decode a Radiance panorama (`.hdr`, equirectangular) to (H, W, 3) linear float32 RGB.

    Raises:
        ValueError: it is none.
    """
    image_bgr = cv2.imread(str(path), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    if image_bgr is None or image_bgr.dtype != np.float32:
        raise ValueError(f"{path}: not a panorama in Radiance's format (.hdr)")
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.float32)


def draw_view(
    panorama: NDArray[np.float32], size_wh: tuple[int, int], rng: np.random.Generator
) -> Image:
    """Draw a perspective view with a camera's exposure.

    Args:
        panorama: (h, w, 3) linear RGB, 360° wide and 180° high.
        size_wh: of the view, in pixels.
        rng: the source of chance.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    width, height = size_wh
    reach = np.tan(np.deg2rad(rng.uniform(*FIELD_OF_VIEW_DEG)) / 2)
    yaw, pitch = rng.uniform(0, 2 * np.pi), np.deg2rad(rng.normal(3, 7))
    x = np.linspace(-reach, reach, width)[None]
    y = np.linspace(-reach, reach, height)[:, None] * height / width
    up, ahead = np.sin(pitch) - y * np.cos(pitch), np.cos(pitch) + y * np.sin(pitch)
    longitude = yaw + np.arctan2(x, ahead)
    latitude = np.arctan2(up, np.hypot(x, ahead))
    high, wide = panorama.shape[:2]
    columns = (longitude / (2 * np.pi) % 1 * wide).astype(np.float32)
    rows = ((0.5 - latitude / np.pi) * high).astype(np.float32)
    padded = np.concatenate((panorama, panorama[:, :2]), axis=1)  # the seam at 360°
    view = cv2.remap(padded, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    level = float(rng.uniform(*MEDIAN_LEVEL)) ** GAMMA
    exposed = np.clip(view * (level / max(float(np.median(view)), 1e-6)), 0, 1)
    return np.asarray(exposed ** (1 / GAMMA) * 255 + 0.5, np.uint8)
