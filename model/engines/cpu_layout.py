"""The live network laid out for a CPU: the same matte in less time (docs/benchmarks.md).

The network begins by making channels of the pixels of each 4×4 and each 2×2 cell (pixel unshuffle,
Shi et al., arXiv 1609.05158) and ends by making pixels of channels. On arrays whose channels lie
side by side both are copies of short runs of bytes, which NumPy makes faster than an inference
engine transposes. The channels come out in another order than PyTorch's; the weights behind them
are put in the same order.

The last convolution has four output channels, where the processor's registers hold sixteen: three
quarters of its work is thrown away. Written as one over 2×2 cells it has sixteen.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from u2cam.model.inputs.recurrent_input import scale
from u2cam.model.networks.u2net_live import U2NetLive

CELLS = (4, 2)
"""Pixels along the cells of the two inputs; those of the output are as the first."""


def unshuffle(x: NDArray[Any], cell: int, out: NDArray[Any]) -> None:
    """Write (1, H, W, C) into `out`, (1, H / cell, W / cell, cell * cell * C); C-contiguous.

    The channels of `out` are ordered by row in the cell, column in the cell, channel.
    """
    _, height, width, channels = x.shape
    # One value is the pixels of one line of a cell.
    run = np.dtype((np.void, cell * channels * x.itemsize))
    lines = x.reshape(height // cell, cell, width * channels).view(run)
    np.copyto(out.reshape(height // cell, width // cell, -1).view(run), lines.transpose(0, 2, 1))


def room_for(shape: tuple[int, ...]) -> list[NDArray[np.uint8]]:
    """Return arrays for the two inputs of `UnshuffledLive`, for levels of a shape (1, H, W, 4)."""
    _, height, width, channels = shape
    return [np.zeros((1, height // n, width // n, n * n * channels), np.uint8) for n in CELLS]


def lay_out(x: NDArray[Any], room: list[NDArray[np.uint8]]) -> None:
    """Write levels (1, H, W, 4) into room made for them."""
    for cell, out in zip(CELLS, room, strict=True):
        unshuffle(x, cell, out)


def shuffle(cells: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    """Return (h, w, cell * cell), C-contiguous, as one plane (h * cell, w * cell), newly allocated.

    The channels are ordered as those of `unshuffle`.
    """
    height, width, _ = cells.shape
    run = np.dtype((np.void, cell * cells.itemsize))
    plane = np.empty((height * cell, width * cell), np.float32)
    np.copyto(plane.reshape(height, cell, -1).view(run), cells.view(run).transpose(0, 2, 1))
    return plane


def order_of_channels(channels: int, cell: int) -> list[int]:
    """Return for each channel that `unshuffle` makes its number in PyTorch's `PixelUnshuffle`."""
    return [c * cell * cell + place for place in range(cell * cell) for c in range(channels)]


def over_cells(convolution: nn.Conv2d) -> nn.Conv2d:
    """Write a 3×3 convolution from C to 2×2 channels as one from C to 4×4 at half the size.

    Its output is that of the first after two shuffles, in the order of `unshuffle`: sixteen pixels
    of the output see 4×4 pixels of the input, each pixel of the input's 2×2 cell three of them.
    """
    assert convolution.bias is not None and convolution.out_channels == 4
    wide = nn.Conv2d(
        convolution.in_channels, 16, 4, stride=2, padding=1, dtype=convolution.weight.dtype
    )
    with torch.no_grad():
        wide.weight.zero_()
        for row in range(4):
            for column in range(4):
                pixel = 2 * (row % 2) + column % 2
                top, left = row // 2, column // 2
                place = wide.weight[4 * row + column, :, top : top + 3, left : left + 3]
                place.copy_(convolution.weight[pixel])
                assert wide.bias is not None
                wide.bias[4 * row + column] = convolution.bias[pixel]
    return wide


class UnshuffledLive(nn.Module):
    """The live network from unshuffled levels to the matte before its shuffle, channels last."""

    def __init__(self, network: U2NetLive) -> None:
        """Copy a network, in eval mode and with its batch norms folded, of any type."""
        super().__init__()
        self.network = copy.deepcopy(network)
        self.out = over_cells(self.network.head_out)
        entries = (self.network.encode1.enter[0], self.network.head_picture[0])
        with torch.no_grad():
            for entry, cell in zip(entries, CELLS, strict=True):
                assert isinstance(entry, nn.Conv2d)
                order = order_of_channels(entry.in_channels // cell**2, cell)
                entry.weight.copy_(entry.weight[:, order])

    def forward(self, quarter: Tensor, half: Tensor) -> Tensor:
        """Map (B, H / 4, W / 4, 64) and (B, H / 2, W / 2, 16) levels to (B, H / 4, W / 4, 16).

        Levels are uint8; the result is float32.
        """
        dtype = self.out.weight.dtype
        planes = (scale(x).to(dtype).permute(0, 3, 1, 2) for x in (quarter, half))
        features, _ = self.network.features(*planes)
        return torch.sigmoid(self.out(features)).permute(0, 2, 3, 1).float()
