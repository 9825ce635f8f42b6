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
from u2cam.model.roi.region import FULL_FRAME, Region

FRAMES_AHEAD = 2
"""A frame is submitted while the one before it is still at work."""


class GpuRegionMatter(NetworkFacts):
    """Gives mattes like `GpuMatter`, from crops. Used by one thread."""

    def __init__(self, matter: GpuMatter) -> None:
        """Take a network that is run on full frames."""
        super().__init__(matter.network)
        self._matter = matter
        self.flow = RegionFlow(GpuPasses(matter), planner_for(matter.network.spec, FRAMES_AHEAD))

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

    def reset(self) -> None:
        """Forget the frames before, and begin with the full frame."""
        self.flow.reset()

    def _learn(self, summary_u8: NDArray[np.uint8], view: View) -> None:
        self.flow.learn(as_floats(summary_u8), view)


class GpuPasses:
    """Passes of a network over frames on its device, (H, W, 3) uint8 each."""

    def __init__(self, matter: GpuMatter) -> None:
        """Take the network."""
        self._matter = matter

    def frame_size(self, picture: Tensor) -> tuple[int, int]:
        """As `flow.Passes`."""
        return picture.shape[1], picture.shape[0]

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """As `flow.Passes`."""
        return self._matter.matte_size(size_wh)

    def run(self, pictures: Sequence[Tensor], region: Region) -> Tensor:
        """As `flow.Passes`."""
        return self._placed(self._matter.run(pictures, region), pictures[0], region)

    def run_stateless(self, picture: Tensor, region: Region) -> Tensor:
        """As `flow.Passes`."""
        inner = self._matter.run([picture], region, stateless=True)
        # A copy in any case: the next run may overwrite it.
        return self._placed(inner, picture, region)[0].clone()

    def move_view(self, before: Region, now: Region) -> None:
        """As `flow.Passes`."""
        self._matter.move_view(before, now)

    def with_last(self, mattes: Tensor, extra: Tensor) -> Tensor:
        """As `flow.Passes`."""
        joined = mattes.clone()
        joined[-1] = torch.maximum(joined[-1], extra)
        return joined

    def is_finite(self, mattes: Tensor) -> bool:
        """As `flow.Passes`; waits for the device."""
        return bool(torch.isfinite(mattes).all())

    def summary(self, mattes: Tensor) -> Tensor:
        """As `flow.Passes`, in 8 bits."""
        part = mattes[:, ::STEP_PX, ::STEP_PX]
        return (part.nan_to_num(0.0, 0.0, 0.0).clamp(0, 1) * 255).round().to(torch.uint8)

    def to_host(self, summary: Tensor) -> NDArray[np.float32]:
        """As `flow.Passes`; waits for the device."""
        return as_floats(summary.cpu().numpy())

    def reset(self) -> None:
        """As `flow.Passes`."""
        self._matter.reset()

    def _placed(self, inner: Tensor, picture: Tensor, region: Region) -> Tensor:
        """Put mattes (B, h, w) of a region into the full field of view; outside of it is 0."""
        if region == FULL_FRAME:
            return inner
        # Asked anew: the network may have taken another input meanwhile.
        width, height = matte_wh = self.matte_size(self.frame_size(picture))
        left, top, right, bottom = region.pixels(matte_wh)
        inner = F.interpolate(inner[None], (bottom - top, right - left), mode="area")[0]
        mattes = inner.new_zeros((len(inner), height, width))
        mattes[:, top:bottom, left:right] = inner
        return mattes


def as_floats(summary_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a summary's values in [0, 1]."""
    return np.asarray(summary_u8 / np.float32(255), np.float32)
