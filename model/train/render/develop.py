"""From a linear premultiplied rendering and its exact alpha to a straight picture.

Nothing here needs Blender.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from .draws import Draws

Array = NDArray[np.float32] | NDArray[np.float64]

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])

SOLID = 0.08
"""Coarse alpha from which a pixel's own colour is trusted."""


def straight_color(premultiplied: Array, coarse_alpha: Array) -> Array:
    """(H, W, 3) colours divided by their own alpha and filled outside from the nearest pixel.

    Args:
        premultiplied: (H, W, 3) linear.
        coarse_alpha: (H, W) alpha of the same pass: it holds the same noise.
    """
    color = premultiplied / np.maximum(coarse_alpha, 1e-3)[..., None]
    solid = coarse_alpha > SOLID
    if solid.any() and not solid.all():
        near = distance_transform_edt(~solid, return_distances=False, return_indices=True)
        color = color[near[0], near[1]]
    return np.asarray(color)


def exposure(color: Array, alpha: Array, draws: Draws, behind: float = 0.18) -> float:
    """A factor that brings a person to a drawn lightness, its highlights capped.

    Every other person is as light as the photograph behind lets expect; the others are as a camera
    with lamps of its own shows them.

    Args:
        color: (H, W, 3) straight and linear.
        alpha: (H, W).
        draws: the exposure's own.
        behind: mean linear luminance of the photograph behind.
    """
    luminance = (color @ LUMINANCE)[alpha > 0.9]
    if len(luminance) == 0:
        return 1.0
    wanted = draws.uniform("middle", 0.10, 0.26)
    if draws.chance("as behind", 0.5):
        wanted = float(np.clip(behind * draws.uniform("as behind/by", 0.6, 1.4), 0.05, 0.3))
    middle = wanted / max(float(np.percentile(luminance, 60)), 1e-3)
    high = draws.uniform("high", 0.55, 1.1) / max(float(np.percentile(luminance, 96)), 1e-3)
    return min(middle, high)


def encode(color: Array, factor: float, gains: Sequence[float] | Array = (1.0, 1.0, 1.0)) -> Array:
    """(H, W, 3) sRGB in [0, 1] from linear colours, highlights rolled off above 0.8."""
    linear = color * factor * np.asarray(gains)
    linear = np.where(linear > 0.8, 0.8 + 0.2 * (1 - np.exp(-(linear - 0.8) / 0.2)), linear)
    high = 1.055 * np.maximum(linear, 1e-6) ** (1 / 2.4) - 0.055
    return np.asarray(np.where(linear <= 0.0031308, 12.92 * linear, high).clip(0, 1))


def to_rgba(encoded: Array, alpha: Array) -> NDArray[np.uint8]:
    """(H, W, 4) uint8, straight."""
    both = np.concatenate([encoded, np.asarray(alpha)[..., None].clip(0, 1)], -1)
    return np.asarray((both * 255 + 0.5), np.uint8)
