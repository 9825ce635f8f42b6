"""Losses for mattes. Each takes logits or probabilities and targets of (B, 1, H, W).

`weight` is the label weight of each pixel, in [0, 1], or more where structures are to count more;
pixels of weight 0 do not count.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.model.train.settings import LossWeights


def weighted_mean(value: Tensor, weight: Tensor) -> Tensor:
    """Mean of `value` over pixels, each counted by its weight."""
    return (value * weight).sum() / weight.sum().clamp(min=1.0)


def bce(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Binary cross-entropy, the loss of every U²-Net output (arXiv 2005.09007, eq. 2)."""
    value = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    return weighted_mean(value, weight)


def deep_supervision(sides: list[Tensor], target: Tensor, weight: Tensor) -> Tensor:
    """Sum of the cross-entropies of the side outputs (arXiv 2005.09007, eq. 1).

    A side output smaller than the target is compared with the target averaged down to its size,
    which costs a fraction of scaling the logits up to the target.
    """
    total = target.new_zeros(())
    for logits in sides:
        size = (logits.shape[2], logits.shape[3])
        if size == target.shape[2:]:
            total = total + bce(logits, target, weight)
        else:
            total = total + bce(
                logits, F.adaptive_avg_pool2d(target, size), F.adaptive_avg_pool2d(weight, size)
            )
    return total


def l1(alpha: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean absolute error (the α-prediction loss of Deep Image Matting, arXiv 1703.03872)."""
    return weighted_mean((alpha - target).abs(), weight)


def dice(alpha: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Soft Dice loss with squared denominator (V-Net, arXiv 1606.04797), a mean over pictures.

    The one added above and below makes an empty scene that is predicted empty cost nothing.
    """
    overlap = (alpha * target * weight).sum(dim=(1, 2, 3))
    size = ((alpha.square() + target.square()) * weight).sum(dim=(1, 2, 3))
    return (1 - (2 * overlap + 1) / (size + 1)).mean()


def laplacian(alpha: Tensor, target: Tensor, weight: Tensor, levels: int = 4) -> Tensor:
    """Laplacian pyramid loss (Hou and Liu, arXiv 1909.09725; used by RVM, arXiv 2108.11515).

    Level k is the mean absolute difference of the two detail pictures, times 2^k / `levels`. The
    low-pass is a 2×2 mean, and the difference is taken before the pyramid, which is linear.
    """
    difference = (alpha - target) * weight
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
    alpha: Tensor, alpha_before: Tensor, target: Tensor, target_before: Tensor, weight: Tensor
) -> Tensor:
    """Mean squared error of the change between frames (RVM, arXiv 2108.11515, eq. 3)."""
    change = (alpha - alpha_before) - (target - target_before)
    return weighted_mean(change.square(), weight)


def matting_loss(
    outputs: list[Tensor], target: Tensor, weight: Tensor, weights: LossWeights
) -> dict[str, Tensor]:
    """Compute the losses of one frame from the network's logits, the fused ones first.

    Returns:
        The weighted parts by name; their sum is what training minimises.
    """
    logits = outputs[0].float()
    alpha = torch.sigmoid(logits)
    return {
        "bce": weights.bce * bce(logits, target, weight),
        "side": weights.side
        * deep_supervision([side.float() for side in outputs[1:]], target, weight),
        "l1": weights.l1 * l1(alpha, target, weight),
        "laplacian": weights.laplacian * laplacian(alpha, target, weight),
        "dice": weights.dice * dice(alpha, target, weight),
    }
