"""What people wear that our masks hardly show: headphones, collars and hoods that stand off."""

from __future__ import annotations

import cv2
import numpy as np

from u2cam.model.datasets.person_shape import find_head
from u2cam.model.datasets.photo_library import Image
from u2cam.model.datasets.scenery import behind, blend


def add_headphones(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw a dark band over the top of the person; it belongs to the foreground."""
    head = find_head(alpha)
    if head is None:
        return frame, alpha
    radius = max(6, int(head.width * 0.5))
    centre = (int(head.x), head.top + radius)
    thickness = max(2, int(radius * rng.uniform(0.08, 0.25)))
    band = np.zeros_like(alpha)
    axes = (radius, int(radius * rng.uniform(0.95, 1.1)))
    cv2.ellipse(band, centre, axes, 0, 175, 365, 255, thickness)
    for side in (-1, 1):
        ear = (centre[0] + side * radius, centre[1])
        cv2.ellipse(band, ear, (max(2, radius // 4), max(3, radius // 3)), 0, 0, 360, 255, -1)
    band = np.asarray(cv2.GaussianBlur(band, (0, 0), 0.8), np.uint8)
    colour = np.broadcast_to(rng.integers(0, 120, 3).astype(np.uint8), frame.shape)
    return blend(np.ascontiguousarray(colour), frame, band), np.maximum(alpha, band)


def add_collar(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw a ring that stands off from the neck behind the person, with a dark inside.

    A hood let down, a stiff collar, a neck pillow: with the ring, its inside is the person's.
    """
    head = find_head(alpha)
    if head is None:
        return frame, alpha
    across = head.width * rng.uniform(0.6, 1.1)
    axes = (int(across), max(3, int(across * rng.uniform(0.25, 0.7))))
    x = head.x + head.width * rng.uniform(-0.25, 0.25)
    y = head.top + head.width * rng.uniform(1.2, 1.8)
    ring = (int(x), int(y)), axes, rng.uniform(-25, 25), 0, 360, 255
    thickness = max(2, int(across * rng.uniform(0.04, 0.2)))
    whole = cv2.ellipse(np.zeros_like(alpha), *ring, -1)
    rim = cv2.ellipse(np.zeros_like(alpha), *ring, thickness)
    inside, outside = rng.integers(0, 60, 3), rng.integers(0, 230, 3)
    colour = np.where(rim[..., None] > 0, outside, inside).astype(np.uint8)
    colour = np.asarray(cv2.GaussianBlur(colour, (0, 0), 0.8), np.uint8)
    collar = np.asarray(cv2.GaussianBlur(np.maximum(whole, rim), (0, 0), 0.8), np.uint8)
    return blend(colour, frame, behind(collar, alpha)), np.maximum(alpha, collar)
