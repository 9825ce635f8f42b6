"""Turns uint8 batches into network inputs: normalised RGB and, for ours, the previous matte."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from u2cam.model.networks.u2net_live import RGB_MEAN, RGB_STD, U2NetLive


def network_input(network: nn.Module, frames: Tensor, previous: Tensor) -> Tensor:
    """Normalise a batch.

    Args:
        network: decides whether the previous matte is a fourth channel.
        frames: (B, 3, H, W) uint8 RGB.
        previous: (B, 1, H, W), uint8 or float in [0, 1].

    Returns:
        (B, 4, H, W) float for `U2NetLive`, (B, 3, H, W) otherwise, channels-last.
    """
    mean = torch.tensor(RGB_MEAN, device=frames.device).view(1, 3, 1, 1) * 255
    std = torch.tensor(RGB_STD, device=frames.device).view(1, 3, 1, 1) * 255
    rgb = (frames.float() - mean) / std
    if isinstance(network, U2NetLive):
        matte = previous.float() / 255 if previous.dtype == torch.uint8 else previous.float()
        rgb = torch.cat((rgb, matte), dim=1)
    return rgb.contiguous(memory_format=torch.channels_last)


def recurrent_input(alpha: Tensor) -> Tensor:
    """Return what the next frame gets of a matte, as in a run (`inputs/recurrent_input.py`)."""
    return (alpha * 2 - 1).clamp(0, 1)
