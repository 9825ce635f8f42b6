"""Accessories that our masks hardly show: headphones."""

from __future__ import annotations

import cv2
import numpy as np

from u2cam.model.datasets.person_shape import find_head
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.scenery import blend


def add_headphones(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw headphones, a dark band over the top of the head; they belong to the person.

    Args:
        frame: (H, W, 3).
        alpha: (H, W), the matte of the person in it.
        rng: the same draws give the same headphones on the next frame of a clip.

    Returns:
        The frame and the matte with the headphones; unchanged where no head is found.
    """
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
