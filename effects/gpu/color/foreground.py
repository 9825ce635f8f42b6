"""Foreground estimation on a device: blur fusion, GPU implementation of `effects.color`.

Forté, "Approximate Fast Foreground Colour Estimation", ICIP 2021. The CPU corrects soft pixels
only; here every pixel is computed and the soft ones are taken, because sorting them out would make
the device wait.
"""

from __future__ import annotations

import torch
from torch import Tensor

from u2cam.effects.color.foreground import FLOOR, UNLIKE
from u2cam.effects.gpu import axis
from u2cam.effects.gpu.matte.guided_filter import enlarge


def _pass(image: Tensor, alpha: Tensor, means: Tensor, radius_px: int) -> Tensor:
    """Run one pass: means (6, h, w) in, better means out."""
    front, back = means[:3], means[3:]
    rest = 1 - alpha
    sure, unsure = alpha * alpha + FLOOR, rest * rest + FLOOR
    front = (front + alpha * (image - alpha * front - rest * back)).clamp(0, 255)
    sums = torch.cat((sure * front, sure[None], unsure * back, unsure[None]))
    blurred = axis.blur_box(sums, radius_px, "reflect")
    return torch.cat((blurred[:3] / blurred[3:4], blurred[4:7] / blurred[7:8]))


def estimate_means(small: Tensor, alpha_small: Tensor, wide_px: int, narrow_px: int) -> Tensor:
    """Run both passes on the grid and return the last means.

    Args:
        small: (3, h, w) float32 levels of 0 to 255, the frame on the grid.
        alpha_small: (h, w) float32, the final matte on the grid.
        wide_px: radius of the first pass, pixels of the grid.
        narrow_px: radius of the second.

    Returns:
        (6, h, w) float32: mean foreground, then mean background, 0 to 255.
    """
    height, width = alpha_small.shape
    half = (axis.divided_side(height, 2), axis.divided_side(width, 2))
    image_half = axis.shrink(small, *half)
    alpha_half = axis.resize_area(alpha_small, *half)
    start = torch.cat((image_half, image_half))
    wide = _pass(image_half, alpha_half, start, max(1, wide_px // 2))
    grown = axis.resize_linear(wide, height, width)
    return _pass(small, alpha_small, grown, narrow_px)


def unmix(image: Tensor, alpha_u8: Tensor, means: Tensor) -> Tensor:
    """Return the frame with the estimated foreground where 0 < alpha < 255.

    Args:
        image: (3, H, W) float32 levels of 0 to 255, the frame.
        alpha_u8: (H, W) uint8.
        means: (6, h, w) float32 of `estimate_means`.

    Returns:
        (3, H, W) float32 whole levels.
    """
    height, width = alpha_u8.shape
    alpha = alpha_u8 * (1 / 255)
    soft = (alpha_u8 > 0) & (alpha_u8 < 255)
    front = enlarge(means[:3], height, width)
    back = enlarge(means[3:], height, width)
    step = front - back
    along = (step * (image - back)).sum(0) / (step.square().sum(0) + UNLIKE)
    alpha = torch.maximum(alpha, along).clamp(max=1)
    colour = front + alpha * (image - alpha * front - (1 - alpha) * back) + 0.5
    return torch.where(soft, colour.clamp(0, 255).floor(), image)
