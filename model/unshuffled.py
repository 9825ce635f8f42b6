"""The live network's input laid out for a CPU: the same matte, an eighth of the time less.

The network begins by making channels of the pixels of each 4×4 and each 2×2 cell (pixel unshuffle,
Shi et al., arXiv 1609.05158). On pictures whose channels lie side by side that is a copy of short
runs, which NumPy makes faster than an inference engine transposes. The channels come out in another
order than PyTorch's; the weights behind them are put in the same order.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from model.u2net_live import U2NetLive

CELLS = (4, 2)
"""Pixels along the cells of the two inputs."""


def unshuffle(x: NDArray[np.float32], cell: int, out: NDArray[np.float32]) -> None:
    """Write (1, H, W, C) into `out`, (1, H / cell, W / cell, cell * cell * C).

    The channels of `out` are ordered by row in the cell, column in the cell, channel.
    """
    _, height, width, channels = x.shape
    rows, columns, run = height // cell, width // cell, cell * channels
    lines = x.reshape(rows, cell, columns, run).transpose(0, 2, 1, 3)
    np.copyto(out.reshape(rows, columns, cell, run), lines)


def order_of_channels(channels: int, cell: int) -> list[int]:
    """Return for each channel that `unshuffle` makes its number in PyTorch's `PixelUnshuffle`."""
    return [c * cell * cell + place for place in range(cell * cell) for c in range(channels)]


class UnshuffledLive(nn.Module):
    """The live network that takes its input at 1/4 and 1/2 size, channels last."""

    def __init__(self, network: U2NetLive) -> None:
        """Copy a network, in eval mode and with its batch norms folded."""
        super().__init__()
        self.network = copy.deepcopy(network)
        entries = (self.network.encode1.enter[0], self.network.head_picture[0])
        with torch.no_grad():
            for entry, cell in zip(entries, CELLS, strict=True):
                assert isinstance(entry, nn.Conv2d)
                order = order_of_channels(entry.in_channels // cell**2, cell)
                entry.weight.copy_(entry.weight[:, order])

    def forward(self, quarter: Tensor, half: Tensor) -> Tensor:
        """Map (B, H / 4, W / 4, 64) and (B, H / 2, W / 2, 16) to the matte (B, 1, H, W)."""
        matte = self.network.from_unshuffled(quarter.permute(0, 3, 1, 2), half.permute(0, 3, 1, 2))
        assert isinstance(matte, Tensor)
        return matte
