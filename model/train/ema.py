"""Exponential moving average of weights (Polyak averaging), used for validation and shipping."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn


class EmaNetwork:
    """A copy of a network whose weights follow the trained ones slowly."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        """Copy `network`; `decay` is the share of the old value kept at each step."""
        self.network = copy.deepcopy(network).eval().requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Move towards `network`; early on faster, so that the random start has little weight."""
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        mine: list[Tensor] = list(self.network.parameters())
        theirs = [parameter.detach() for parameter in network.parameters()]
        torch._foreach_lerp_(mine, theirs, 1 - keep)
        for own, other in zip(self.network.buffers(), network.buffers(), strict=True):
            if own.is_floating_point():
                own.lerp_(other, 1 - keep)
            else:
                own.copy_(other)
