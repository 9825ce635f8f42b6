"""Temporal smoothing on a device: the average and what it is compared with stay there.

As `effects.matte.temporal_filter.MatteSmoother`; the rate, the flow and whether there was a cut
come from the host (`motion_tracker.py`).
"""

from __future__ import annotations

import torch
from torch import Tensor

from u2cam.effects.gpu import axis
from u2cam.effects.gpu.matte.person_flow import PersonFlow, Sampler
from u2cam.effects.matte.temporal_filter import CHANGE_LEVELS, NOISE_LEVELS, SURE_FROM, SURE_RISE


class GpuSmoother:
    """Carries the average from frame to frame in place, so that a captured graph finds it."""

    def __init__(self, height: int, width: int, device: torch.device) -> None:
        self._average = torch.zeros((height, width), device=device)
        self._last = torch.zeros((height, width), device=device)
        self._luma = torch.zeros((height, width), device=device)
        self._usable = torch.zeros((), dtype=torch.bool, device=device)
        """Whether the frame before left a state: after an invalid matte the next starts anew."""
        self._sampler = Sampler(height, width, device)
        self._person = PersonFlow(height, width, device)

    def reset(self) -> None:
        """Forget everything."""
        self._usable.fill_(False)

    def state(self) -> list[Tensor]:
        """Return what frames change in place."""
        return [self._average, self._last, self._luma, self._usable]

    def update(
        self, alpha: Tensor, luma_u8: Tensor, flow: Tensor, still: Tensor, valid: Tensor
    ) -> Tensor:
        """Return the smoothed matte (h, w) of the current frame and keep it.

        Args:
            alpha: (h, w) float32, the frame's own matte.
            luma_u8: (h, w) uint8.
            flow: (h, w, 2) float32, where each pixel lay in the frame before.
            still: scalar, the rate where nothing changed; 1 starts anew.
            valid: scalar bool; False keeps nothing of this frame.
        """
        luma = luma_u8.float()
        flow = self._person.follow(flow, luma, self._luma, alpha)
        state = torch.stack((self._average, self._last, self._luma))
        old, last, before = self._sampler.fetch(state, flow)
        change = axis.blur_box((luma - before).abs()[None], 2, "reflect_101")[0]
        unexplained = ((change - NOISE_LEVELS) * (1 / (CHANGE_LEVELS - NOISE_LEVELS))).clamp(0, 1)
        step = alpha - old
        # Two mattes in a row that agree about a large step: it is no flicker.
        sure = ((step.abs() - (alpha - last).abs() - SURE_FROM) * SURE_RISE).clamp(0, 1)
        rate = torch.maximum(torch.maximum(unexplained, sure), still)
        # Anew: the matte itself, not an average that rounding has touched.
        anew = (still >= 1) | ~self._usable
        average = torch.where(anew, alpha, old + rate * step)
        self._average.copy_(average)
        self._last.copy_(alpha)
        self._luma.copy_(luma)
        self._usable.copy_(valid)
        return average
