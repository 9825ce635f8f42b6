"""Shows a network on a device the person instead of the whole frame: twin of `region_matter.py`.

A frame is cut before the mattes of the frames before it are on the host, so the crop follows the
person a frame later than on the CPU, and looks further ahead. What the tracker learns from comes
down small, with the frame's picture.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from app.region_matter import tracker_for
from effects.region import ELSEWHERE, STEP_PX, WHOLE
from model.device_matter import DeviceMatter

FRAMES_AHEAD = 2
"""A frame is submitted while the one before it is still on the device."""


class DeviceRegion:
    """Where a network looks. Used by one thread."""

    def __init__(self, matter: DeviceMatter) -> None:
        self._matter = matter
        self._tracker = tracker_for(matter, FRAMES_AHEAD)
        self._region = WHOLE
        self._first = True
        self.view = 0
        """Number of what is looked at now; changes with it, and when all is forgotten."""

    def mattes(self, images: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Look at whole frames (H, W, 3).

        Returns:
            The mattes (B, h, w), 0 outside what was looked at; and what `learn` is to be given of
            them, (B, h', w') uint8.
        """
        if self._first:
            # Waited for, so that the first frame is seen on its crop like all others.
            self._first = False
            self.learn(self._look(images[:1])[1][0].cpu().numpy(), self.view)
        return self._look(images)

    def learn(self, matte_u8: NDArray[np.uint8], view: int) -> None:
        """Take in what has come down of a frame, (h', w') uint8.

        Not of one that was looked at in another view: it does not have somebody who was found
        since, and would take the crop away from there again.
        """
        if view != self.view:
            return
        before = self._tracker.region
        self._tracker.learn(np.asarray(matte_u8 / np.float32(255), np.float32))
        if self._tracker.region != before:
            self.view += 1

    def reset(self) -> None:
        """Look at the next frame whole, as at a first one."""
        self.view += 1
        self._tracker.reset()
        self._region = WHOLE
        self._first = True

    def _look(self, images: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        frame_wh = (images[0].shape[1], images[0].shape[0])
        region = self._tracker.region.on_grid(self._matter.matte_size(frame_wh))
        glance = None
        if any([self._tracker.wants_whole() for _ in images]):
            glance = self._matter.glances(images[-1:])[0].clone()  # The next run may overwrite it.
        if region != self._region:
            self._matter.turn(self._region, region)
            self._region = region
        if region == WHOLE:
            mattes = self._matter.mattes(images)
            return mattes, small(mattes)
        left, top, right, bottom = region.pixels(frame_wh)
        inner = self._matter.mattes([image[top:bottom, left:right] for image in images], frame_wh)
        # Asked anew: the network may have taken another input meanwhile.
        width, height = matte_wh = self._matter.matte_size(frame_wh)
        left, top, right, bottom = region.pixels(matte_wh)
        inner = F.interpolate(inner[None], (bottom - top, right - left), mode="area")[0]
        mattes = inner.new_zeros((len(images), height, width))
        mattes[:, top:bottom, left:right] = inner
        if glance is None or glance.shape != mattes.shape[1:]:
            return mattes, small(mattes)
        # Learnt from and not shown, as on the host.
        known = mattes.clone()
        known[-1] = ELSEWHERE * glance
        known[-1, top:bottom, left:right] = inner[-1]
        return mattes, small(known)


def small(mattes: Tensor) -> Tensor:
    """Return what the tracker needs of mattes (B, h, w), as uint8; not finite is nobody."""
    part = mattes[:, ::STEP_PX, ::STEP_PX]
    return (part.nan_to_num(0.0, 0.0, 0.0).clamp(0, 1) * 255).round().to(torch.uint8)
