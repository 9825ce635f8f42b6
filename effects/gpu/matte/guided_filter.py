"""Edge refinement on a device: the maths of `effects.matte.guided_filter`, on planes.

Fast guided filter with a colour guide (He and Sun, arXiv 1505.00996, 2015): coefficients on the
small grid, applied to the full frame's own colours. The CPU's shortcuts for cells that are cut
whatever their colour change nothing in the result and are not needed here.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.effects.gpu import axis

NEARLY = 1e-5


def guided_coefficients(small: Tensor, alpha: Tensor, radius_px: int, eps: float) -> Tensor:
    """Return the guided filter's averaged coefficients on the small grid.

    Args:
        small: (3, h, w) float32 levels of 0 to 255, the frame on the grid.
        alpha: (h, w) float32, the matte at the same size.
        radius_px: half the window, in pixels of the grid, ≥ 1.
        eps: variance of a colour channel, in [0, 1], from which on an edge is kept, > 0.

    Returns:
        (4, h, w) float32: the matte is `c[0] * red + c[1] * green + c[2] * blue + c[3]`, colours
        in [0, 1].
    """
    red, green, blue = small * (1 / 255)
    moments = torch.stack(
        (
            *(red, green, blue, alpha),
            *(red * red, red * green, red * blue, green * green, green * blue, blue * blue),
            *(red * alpha, green * alpha, blue * alpha),
        )
    )
    means = axis.blur_exact(moments, radius_px)
    r, g, b, p = means[0], means[1], means[2], means[3]
    # Covariance of the colours plus eps on the diagonal, inverted by cofactors.
    rr, rg, rb = means[4] - r * r + eps, means[5] - r * g, means[6] - r * b
    gg, gb, bb = means[7] - g * g + eps, means[8] - g * b, means[9] - b * b + eps
    rp, gp, bp = means[10] - r * p, means[11] - g * p, means[12] - b * p
    c00, c01, c02 = gg * bb - gb * gb, gb * rb - rg * bb, rg * gb - gg * rb
    c11, c12, c22 = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * c00 + rg * c01 + rb * c02)
    ar = (c00 * rp + c01 * gp + c02 * bp) * scale
    ag = (c01 * rp + c11 * gp + c12 * bp) * scale
    ab = (c02 * rp + c12 * gp + c22 * bp) * scale
    solved = torch.stack((ar, ag, ab, p - ar * r - ag * g - ab * b))
    # The same all around: nothing to fit.
    flat = (p < NEARLY) | (p > 1 - NEARLY)
    plain = torch.cat((torch.zeros_like(means[:3]), means[3:4]))
    return axis.blur_exact(torch.where(flat, plain, solved), radius_px)


def apply_coefficients(image: Tensor, coefficients: Tensor, table: Tensor) -> Tensor:
    """Apply the coefficients to the full frame's colours, then the level table.

    Args:
        image: (3, H, W) float32 levels of 0 to 255.
        coefficients: (4, h, w) float32 of `guided_coefficients`.
        table: (256,) uint8.

    Returns:
        (H, W) uint8.
    """
    height, width = image.shape[-2:]
    value = enlarge(coefficients[3:4], height, width)[0] * 255 + 0.5
    for channel in range(3):
        slope = enlarge(coefficients[channel : channel + 1], height, width)[0]
        value = torch.addcmul(value, slope, image[channel])
    return look_up(table, value.clamp(0, 255).to(torch.int32))


def enlarge(values: Tensor, height: int, width: int) -> Tensor:
    """Resize (C, h, w) floats bilinearly to the frame: centres aligned, edges repeated."""
    if tuple(values.shape[-2:]) == (height, width):
        return values
    size = (height, width)
    return F.interpolate(values[None], size=size, mode="bilinear", align_corners=False)[0]


def look_up(table: Tensor, places: Tensor) -> Tensor:
    """Return the table's entries at places (..., any shape) int32."""
    return table.index_select(0, places.flatten()).view(places.shape)
