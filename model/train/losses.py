"""Losses for mattes, pure functions. Logits, mattes, targets and masks are (B, 1, H, W) floats.

A mask says where a loss counts: 1 there, 0 elsewhere. Losses are sums over the mask divided by the
number of all pixels, so that a pixel counts the same in every batch.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.model.datasets.photo import CORE, EXACT, NEAR_EDGE
from u2cam.model.train.settings import LossWeights

DDC_REACH_PX = 3
"""Half the side of the window in which pixels are compared."""
DDC_NEIGHBOURS = 5
"""Of the window, those of the most similar colour."""
DDC_CELL = 0.05
"""Side of the cells for the mean colours of both sides, in parts of the picture's shorter side."""
DDC_MOST_PIXELS = 4096
"""Pixels of the band that are compared in one batch."""


class Masks(NamedTuple):
    """What is known of each pixel, from the codes of `photo.py`."""

    exact: Tensor
    """Alpha is known."""
    core: Tensor
    """It is known to be 0 or 1, by a label that knows no soft edges."""
    band: Tensor
    """It is not known, between two sides that are."""

    @property
    def known(self) -> Tensor:
        """Where the target is right."""
        return self.exact + self.core


def masks_of(regions: Tensor) -> Masks:
    """Turn (B, 1, H, W) uint8 codes into masks."""
    exact, core, band = ((regions == code).float() for code in (EXACT, CORE, NEAR_EDGE))
    return Masks(exact, core, band)


def masked_mean(value: Tensor, mask: Tensor) -> Tensor:
    """Sum of `value` over the mask, in parts of all pixels."""
    return (value * mask).sum() / mask.numel()


def bce(logits: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Binary cross-entropy, the loss of every U²-Net output (arXiv 2005.09007, eq. 2)."""
    value = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return masked_mean(value, mask)


def deep_supervision(sides: list[Tensor], target: Tensor, mask: Tensor) -> Tensor:
    """Sum of the cross-entropies of the side outputs (arXiv 2005.09007, eq. 1).

    A side output smaller than the target is compared with the target averaged down to its size,
    which costs a fraction of scaling the logits up to the target.
    """
    total = target.new_zeros(())
    for logits in sides:
        size = (logits.shape[2], logits.shape[3])
        if size == target.shape[2:]:
            total = total + bce(logits, target, mask)
        else:
            small, seen = (F.adaptive_avg_pool2d(x, size) for x in (target * mask, mask))
            total = total + bce(logits, small / seen.clamp(min=1e-4), seen)
    return total


def l1(alpha: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Mean absolute error (the α-prediction loss of Deep Image Matting, arXiv 1703.03872).

    Over a core it is the core supervision of MatAnyone (arXiv 2501.14677, section 3.3).
    """
    return masked_mean((alpha - target).abs(), mask)


def laplacian(alpha: Tensor, target: Tensor, mask: Tensor, levels: int = 5) -> Tensor:
    """Laplacian pyramid loss (Hou and Liu, arXiv 1909.09725; used by RVM, arXiv 2108.11515).

    Level k is the mean absolute difference of the two detail pictures, times 2^k / `levels`. The
    low-pass is a 2×2 mean, and the difference is taken before the pyramid, which is linear.
    """
    difference = (alpha - target) * mask
    total = alpha.new_zeros(())
    for level in range(levels):
        if min(difference.shape[2:]) < 2:
            break
        low = F.avg_pool2d(difference, 2, ceil_mode=True)
        raised = F.interpolate(low, scale_factor=2.0, mode="nearest")
        raised = raised[:, :, : difference.shape[2], : difference.shape[3]]
        total = total + (difference - raised).abs().mean() * 2**level
        difference = low
    return total / levels


def temporal_coherence(
    alpha: Tensor, alpha_before: Tensor, target: Tensor, target_before: Tensor, mask: Tensor
) -> Tensor:
    """Mean squared error of the change between frames (RVM, arXiv 2108.11515, eq. 3).

    `mask`: where the targets of both frames are known.
    """
    change = (alpha - alpha_before) - (target - target_before)
    return masked_mean(change.square(), mask)


def side_colours(
    rgb: Tensor, target: Tensor, core: Tensor, cell_px: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Mean colours of person and background in 3×3 cells, and where there are both.

    Args:
        rgb: (B, 3, H, W) in [0, 1].
        target: 1 person, 0 background.
        core: where the target is known.
        cell_px: side of a cell.

    Returns:
        (B, 3, h, w) twice and (B, 1, h, w), a value for each cell.
    """

    def near(x: Tensor) -> Tensor:
        return F.avg_pool2d(F.avg_pool2d(x, cell_px, ceil_mode=True), 3, 1, 1)

    person, background = core * (target > 0.5), core * (target <= 0.5)
    shares = [near(side) for side in (person, background)]
    colours = [
        near(rgb * side) / share.clamp(min=1e-6)
        for side, share in zip((person, background), shares, strict=True)
    ]
    both = ((shares[0] > 0.01) & (shares[1] > 0.01)).float()
    return colours[0], colours[1], both


def ddc(alpha: Tensor, rgb: Tensor, target: Tensor, masks: Masks) -> Tensor:
    """Scaled directional distance consistency at edges whose alpha is unknown.

    Alpha is linear in colour between the two sides: pixels i, j that lie near each other and look
    alike differ by ‖I_i − I_j‖ = |α_i − α_j| · ‖F − B‖ (Liu et al., arXiv 2408.10539, eq. 5, scaled
    as in MatAnyone, arXiv 2501.14677, eq. 6). Both papers guess F and B from the extremes of the
    window; here they are the mean colours of the two sides of the core near by.

    Args:
        alpha: the network's matte.
        rgb: (B, 3, H, W) in [0, 1], what the network saw.
        target: of the core.
        masks: the loss counts in the band.

    Returns:
        The mean over the band, in parts of all pixels; 0 where there is no band.
    """
    if not bool(masks.band.any()):
        return alpha.new_zeros(())
    with torch.no_grad():
        cell_px = max(1, round(DDC_CELL * min(rgb.shape[2:])))
        person, background, both = side_colours(rgb, target, masks.core, cell_px)
        places = masks.band[:, 0].nonzero()
        share = len(places) / masks.band.numel()
        places = places[:: max(1, -(-len(places) // DDC_MOST_PIXELS))]
        b, y, x = places.unbind(1)
        counts = both[b, 0, y // cell_px, x // cell_px]
        contrast = (person - background)[b, :, y // cell_px, x // cell_px].norm(dim=1)
        reach = torch.arange(-DDC_REACH_PX, DDC_REACH_PX + 1, device=alpha.device)
        height, width = alpha.shape[2:]
        rows = (y[:, None] + reach).clamp(0, height - 1)[:, :, None].expand(-1, -1, len(reach))
        columns = (x[:, None] + reach).clamp(0, width - 1)[:, None, :].expand(-1, len(reach), -1)
        rows, columns = rows.flatten(1), columns.flatten(1)
        itself = (rows == y[:, None]) & (columns == x[:, None])
        colours = rgb.permute(0, 2, 3, 1)
        apart = (colours[b[:, None], rows, columns] - colours[b, y, x][:, None]).norm(dim=2)
        alike = apart.masked_fill(itself, torch.inf).topk(DDC_NEIGHBOURS, dim=1, largest=False)
        rows, columns = rows.gather(1, alike.indices), columns.gather(1, alike.indices)
    matte = alpha[:, 0]
    difference = (matte[b, y, x][:, None] - matte[b[:, None], rows, columns]).abs()
    error = (difference * contrast[:, None] - alike.values).abs().mean(dim=1)
    total: Tensor = share * (error * counts).mean()
    return total


def matting_loss(
    outputs: list[Tensor], rgb: Tensor, target: Tensor, masks: Masks, weights: LossWeights
) -> dict[str, Tensor]:
    """Compute the losses of one frame from the network's logits, the fused ones first.

    Returns:
        The weighted parts by name; their sum is what training minimises.
    """
    logits = outputs[0].float()
    alpha = torch.sigmoid(logits)
    sides = [side.float() for side in outputs[1:]]
    parts = {
        "bce": weights.bce * bce(logits, target, masks.known),
        "side": weights.side * deep_supervision(sides, target, masks.known),
        "l1": weights.l1 * l1(alpha, target, masks.exact),
        "core": weights.core * l1(alpha, target, masks.core),
        "laplacian": weights.laplacian * laplacian(alpha, target, masks.exact),
    }
    if weights.ddc > 0:
        parts["ddc"] = weights.ddc * ddc(alpha, rgb, target, masks)
    return parts
