"""The arithmetic of `recurrence.py` in PyTorch, for frames that stay on their device."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.engines.device import Device


class GpuEngine(Protocol):
    """Runs a network on tensors where they are: `engines.torch.TorchEngine`."""

    @property
    def device(self) -> Device:
        """Where the network is."""

    def mattes(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) to mattes (B, h, w) float32; overwritten by the next call."""

    def launch(self, x: Tensor) -> Tensor:
        """As `mattes`, operation by operation."""


class TorchBackend:
    """Pictures are (3, h, w) normalised, mattes (1, h, w); no value returns to the host."""

    def __init__(self, engine: GpuEngine) -> None:
        """Take what runs the network."""
        self._engine = engine

    def run(self, picture: Tensor, previous: Tensor | None) -> Tensor:
        """As `recurrence.Backend`."""
        if previous is None:
            previous = picture.new_zeros((1, *picture.shape[1:]))
        # Copied: the next run writes over it.
        return self._engine.mattes(torch.cat((picture, previous))[None]).clone()

    def feedback(self, alpha: Tensor) -> Tensor:
        """As `recurrence.Backend`; zeros of a matte that is not finite."""
        confident = (alpha * 2 - 1).clamp(0, 1)  # as `recurrent_input.feedback`
        return torch.where(torch.isfinite(alpha).all(), confident, 0.0)

    def warp(self, previous: Tensor, matrix: NDArray[np.float64]) -> Tensor:
        """As `recurrence.Backend`."""
        theta = np.zeros((1, 2, 3), np.float32)
        for axis, size in enumerate((previous.shape[2], previous.shape[1])):
            # From pixels to `grid_sample`'s places: -1 and 1 are the edges of the picture.
            scale, shift = matrix[axis, axis], matrix[axis, 2]
            theta[0, axis, axis] = scale
            theta[0, axis, 2] = scale - 1 + (2 * shift + 1 - scale) / size
        shape = [1, *previous.shape]
        places = torch.from_numpy(theta).to(previous.device)
        grid = F.affine_grid(places, shape, align_corners=False)
        return F.grid_sample(previous[None].float(), grid, align_corners=False)[0]

    def merge(self, previous: Tensor, stateless: Tensor) -> Tensor:
        """As `recurrence.Backend`."""
        return torch.maximum(previous, stateless / 2)
