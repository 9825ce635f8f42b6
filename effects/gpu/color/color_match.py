"""Exposure and white balance of the person on a device; GPU implementation of `color_match.py`."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from u2cam.effects.color.color_match import MAX_GAIN, SETTLE_S


def match_gains(
    small: Tensor, alpha_small: Tensor, background_small: Tensor, strength: float
) -> Tensor:
    """Return the gains (3,) float32 that bring the person's mean towards the background's.

    Args:
        small: (3, h, w) float32 levels of 0 to 255, the frame on the grid.
        alpha_small: (h, w) float32 matte on the grid.
        background_small: (3, h, w) float32 levels, the background on the grid.
        strength: 0 to 1.
    """
    weight = alpha_small.sum()
    person = (small * alpha_small).sum((1, 2)) / weight.clamp(min=1) + 1
    scene = background_small.mean((1, 2)) + 1
    exposure = (scene.mean() / person.mean()) ** (strength / 3)
    tint = (scene / scene.mean()) / (person / person.mean())
    gains = (exposure * tint ** (strength / 2)).clamp(1 / MAX_GAIN, MAX_GAIN)
    return torch.where(weight < 1, torch.ones_like(gains), gains)


def gain_tables(gains: Tensor) -> Tensor:
    """Return the tables (3, 256) float32 of whole levels for gains (3,)."""
    value = torch.arange(256, device=gains.device) / 255
    middle = 0.45
    power = (middle * gains).clamp(0.05, 0.95).log() / math.log(middle)
    return (255 * value[None, :] ** power[:, None]).round()


class DeviceMatch:
    """Gains that follow slowly, kept on the device."""

    def __init__(self, strength: float, device: torch.device) -> None:
        self._strength = strength
        self._gains = torch.ones(3, device=device)
        self._usable = torch.zeros((), dtype=torch.bool, device=device)

    def reset(self) -> None:
        """Forget the gains."""
        self._usable.fill_(False)

    def state(self) -> list[Tensor]:
        """Return what frames change in place."""
        return [self._gains, self._usable]

    def apply(
        self,
        foreground: Tensor,
        small: Tensor,
        alpha_small: Tensor,
        background_small: Tensor,
        rate: Tensor,
        valid: Tensor,
    ) -> Tensor:
        """Return the foreground (3, H, W) float32 with the gains of this frame.

        Args:
            foreground: (3, H, W) float32 whole levels.
            small: (3, h, w) float32 levels, the frame on the grid.
            alpha_small: (h, w) float32.
            background_small: (3, h, w) float32 levels.
            rate: scalar, how far the gains follow in this frame, 0 to 1.
            valid: scalar bool; False leaves the kept gains alone.
        """
        wanted = match_gains(small, alpha_small, background_small, self._strength)
        gains = torch.where(self._usable, self._gains + rate * (wanted - self._gains), wanted)
        self._gains.copy_(torch.where(valid, gains, self._gains))
        self._usable.logical_or_(valid)
        places = foreground.to(torch.int32)
        tables = gain_tables(gains)
        return torch.stack(
            [tables[c].index_select(0, places[c].flatten()).view(places[c].shape) for c in range(3)]
        )


class MatchClock:
    """How far the gains follow from frame to frame. On the host; used by one thread."""

    def __init__(self) -> None:
        self._last_s: float | None = None

    def reset(self) -> None:
        """Begin anew."""
        self._last_s = None

    def rate(self, time_s: float) -> float:
        """Return the rate for the frame of a time; 1 for the first one and when time goes back."""
        last_s, self._last_s = self._last_s, time_s
        if last_s is None or time_s < last_s:
            return 1.0
        return 1 - math.exp(-(time_s - last_s) / SETTLE_S)
