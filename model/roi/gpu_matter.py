"""Runs a network for frames on a GPU on the person instead of the full frame.

A frame is cut before the mattes of the frames before it are on the host, so the crop follows the
person a frame later than on the CPU, and looks further ahead. What the planner learns from comes
down small, with the frame's picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.gpu_matter import GpuMatter, GpuMattes
from u2cam.model.loaded_network import NetworkFacts
from u2cam.model.roi.boxes import STEP_PX
from u2cam.model.roi.flow import RegionFlow, View, planner_for
from u2cam.model.roi.region import Region

FRAMES_AHEAD = 2
"""A frame is submitted while the one before it is still at work."""


class GpuRegionMatter(NetworkFacts):
    """Gives mattes like `GpuMatter`, from crops. Used by one thread."""

    def __init__(self, matter: GpuMatter) -> None:
        """Take a network that is run on full frames."""
        super().__init__(matter.network)
        self._matter = matter
        planner = planner_for(matter.network.spec, FRAMES_AHEAD)
        self.flow = RegionFlow(matter, GpuArrays(), planner)

    @property
    def torch_device(self) -> torch.device:
        """Where the frames have to be."""
        return self._matter.torch_device

    @property
    def batch(self) -> int:
        """Frames at once from now on."""
        return self._matter.batch

    def mattes(self, images: Sequence[Tensor]) -> GpuMattes:
        """As `GpuMatter`; a matte is 0 outside of the crop."""
        mattes, summaries, view = self.flow.run(images)
        return GpuMattes(mattes, summaries, partial(self._learn, view=view))

    def forget(self) -> None:
        """Forget the frames before, and begin with the full frame."""
        self.flow.reset()

    def _learn(self, summary_u8: NDArray[np.uint8], view: View) -> None:
        self.flow.learn(as_floats(summary_u8), view)


class GpuArrays:
    """Mattes on a device; methods as of `flow.Arrays`."""

    def place(self, inner: Tensor, region: Region, size_wh: tuple[int, int]) -> Tensor:
        """Put the mattes into the full frame."""
        left, top, right, bottom = region.pixels(size_wh)
        inner = F.interpolate(inner[None], (bottom - top, right - left), mode="area")[0]
        mattes = inner.new_zeros((len(inner), size_wh[1], size_wh[0]))
        mattes[:, top:bottom, left:right] = inner
        return mattes

    def with_last(self, mattes: Tensor, extra: Tensor) -> Tensor:
        """Join two mattes."""
        joined = mattes.clone()
        joined[-1] = torch.maximum(joined[-1], extra)
        return joined

    def is_finite(self, mattes: Tensor) -> bool:
        """Check all values; waits for the device."""
        return bool(torch.isfinite(mattes).all())

    def summary(self, mattes: Tensor) -> Tensor:
        """Leave pixels out, in 8 bits."""
        part = mattes[:, ::STEP_PX, ::STEP_PX]
        return (part.nan_to_num(0.0, 0.0, 0.0).clamp(0, 1) * 255).round().to(torch.uint8)

    def to_host(self, summary: Tensor) -> NDArray[np.float32]:
        """Fetch it; waits for the device."""
        return as_floats(summary.cpu().numpy())


def as_floats(summary_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a summary's values in [0, 1]."""
    return np.asarray(summary_u8 / np.float32(255), np.float32)
