"""Connected parts of a mask, found without looking at it from the host.

Labels travel: each pixel takes the largest number among its neighbours', numbers are the pixels'
own places, and places that turn out to belong together are joined and short-cut (the scheme of
Shiloach and Vishkin, "An O(log n) parallel connectivity algorithm", 1982). The number of rounds is
fixed, because asking the device whether it is done would make it wait; a last comparison tells
whether it was. Where it was not, which takes shapes like a spiral of hundreds of turns, nothing is
removed or filled.
"""

from __future__ import annotations

import torch
from torch import Tensor

from u2cam.effects.gpu import axis

ROUNDS = 10
"""Blobs need 3 to 5, random noise of any density 7 (see the tests)."""
SUM_UNIT = float(1 << 20)
"""Weights are summed as integers: sums of floats depend on the order, which differs run by run."""


def _neighbours(labels: Tensor, diagonal: int) -> Tensor:
    """Return for each pixel of (n, h, w) the largest label of its neighbours and itself."""
    across = labels.clone()
    across[..., 1:] = torch.maximum(across[..., 1:], labels[..., :-1])
    across[..., :-1] = torch.maximum(across[..., :-1], labels[..., 1:])
    start = torch.cat((across[:diagonal], labels[diagonal:]))
    down = across.clone()
    down[:, 1:] = torch.maximum(down[:, 1:], start[:, :-1])
    down[:, :-1] = torch.maximum(down[:, :-1], start[:, 1:])
    return down


def connected(masks: Tensor, *, diagonal: int, rounds: int = ROUNDS) -> tuple[Tensor, Tensor]:
    """Label the connected parts of masks, all in one go.

    Args:
        masks: (n, h, w) bool.
        diagonal: in so many masks, the first ones, pixels touch at their corners too (8
            neighbours); in the others only at their sides (4).
        rounds: of joining.

    Returns:
        (n, h, w) int64, 0 outside of the mask, else the part's number, from 1 to h * w; and (n,)
        bool: whether each part of a mask has one number only.
    """
    count, height, width = masks.shape
    numbers = torch.arange(1, height * width + 1, device=masks.device).view(height, width)
    inside = masks.to(numbers.dtype)
    labels = numbers * inside
    parents = torch.arange(height * width + 1, device=masks.device).repeat(count, 1)
    for _ in range(rounds):
        best = _neighbours(labels, diagonal) * inside
        parents = parents.scatter_reduce(1, labels.flatten(1), best.flatten(1), "amax")
        parents[:, 0].fill_(0)
        for _ in range(2):
            parents = parents.gather(1, parents)
        labels = parents.gather(1, labels.flatten(1)).view(masks.shape)
    done = (_neighbours(labels, diagonal) * inside == labels).flatten(1).all(1)
    return labels, done


def sums(labels: Tensor, weights: Tensor) -> Tensor:
    """Sum weights (h, w) per label: (h * w + 1,) int64 in units of 1 / `SUM_UNIT`."""
    amounts = (weights * SUM_UNIT).to(torch.int64).flatten()
    total = torch.zeros(labels.numel() + 1, dtype=torch.int64, device=labels.device)
    return total.scatter_add(0, labels.flatten(), amounts)


def remove_islands(alpha: Tensor, level: float, min_share: float) -> Tensor:
    """Clear connected parts whose matte sums to less than a share of the largest part's.

    GPU implementation of `effects.matte.levels.remove_islands`.

    Args:
        alpha: (h, w) float32.
        level: a part is connected where the matte exceeds this.
        min_share: of the largest part; every person above it stays.
    """
    if min_share <= 0:
        return alpha
    (labels,), done = connected((alpha > level)[None], diagonal=1)
    weight = sums(labels, alpha)
    weight[0].fill_(0)
    keep = weight.double() >= min_share * weight.max().double()
    keep[0].fill_(True)
    return torch.where(keep[labels] | ~done, alpha, 0.0)


def fill_holes(alpha: Tensor, max_share: float) -> Tensor:
    """Fill holes inside the matte that are smaller than a share of the largest part's area.

    GPU implementation of `effects.matte.levels.fill_holes`.

    Args:
        alpha: (h, w) float32.
        max_share: of the largest part's area in pixels; larger holes (under an arm) stay.
    """
    if max_share <= 0:
        return alpha
    solid = alpha > 0.5
    ones = torch.ones_like(alpha)
    (parts, holes), done = connected(torch.stack((solid, ~solid)), diagonal=1)
    part_area = sums(parts, ones)
    part_area[0].fill_(0)
    area = sums(holes, ones)
    area[0].fill_(0)
    # One part outside of the solid is not looked at, as on the CPU.
    several = (area > 0).sum() > 1
    fill = (area > 0) & (area.double() < max_share * part_area.max().double())
    # What touches the frame's border is no hole.
    border = torch.cat((holes[0], holes[-1], holes[:, 0], holes[:, -1]))
    fill = fill.scatter(0, border, torch.zeros_like(border, dtype=torch.bool))
    fill[0].fill_(False)
    hole = (fill[holes] & several & done.all()).to(alpha.dtype)
    # One pixel more: the ramp around the hole belongs to it.
    return torch.where(axis.blur_box(hole, 1, "replicate") > 1e-3, 1.0, alpha)
