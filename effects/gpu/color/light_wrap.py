"""Light of the new background over the person's edge; as in `effects.color`."""

from __future__ import annotations

import torch
from torch import Tensor

from u2cam.effects.gpu import axis
from u2cam.effects.gpu.matte.guided_filter import enlarge


def wrap_light(
    background_small: Tensor, alpha_small: Tensor, radius_px: int, strength: float
) -> Tensor:
    """Return the light (3, h, w) float32 in [0, 1] that falls on the person, on the grid.

    Args:
        background_small: (3, h, w) float32 levels of 0 to 255, the background on the grid.
        alpha_small: (h, w) float32 matte on the grid.
        radius_px: reach over the edge, pixels of the grid, ≥ 1.
        strength: 0 to 1.
    """
    near = axis.blur_box(1 - alpha_small, radius_px, "replicate")
    near = axis.blur_box(near, axis.window_radius(radius_px | 1), "replicate")
    light = (axis.blur_box(background_small, radius_px, "reflect") + 0.5).floor()
    near = near.square() * (strength / 255)
    return light * torch.where(near < 1e-2 / 255, 0.0, near)


def screen_light(foreground: Tensor, light: Tensor) -> Tensor:
    """Screen light onto a foreground.

    Args:
        foreground: (3, H, W) float32 whole levels of 0 to 255.
        light: (3, h, w) float32 of `wrap_light`.

    Returns:
        (3, H, W) float32 whole levels.
    """
    shine = enlarge(light, *foreground.shape[-2:])
    return (foreground + shine * (255 - foreground) + 0.5).floor()
