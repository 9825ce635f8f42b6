"""Shows a network on a device the person instead of the whole frame: twin of `region_matter.py`.

A frame is cut before the mattes of the frames before it are on the host, so the crop follows the
person a frame later than on the CPU, and looks further ahead. What the tracker learns from comes
down small, with the frame's picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.roi.matter import tracker_for
from u2cam.model.roi.tracker import ELSEWHERE, PARTS, STEP_PX, WHOLE, Region

FRAMES_AHEAD = 2
"""A frame is submitted while the one before it is still on the device."""


class View(NamedTuple):
    """What of a frame was looked at."""

    number: int
    """Changes with the crop, and when all is forgotten."""
    glanced: Region | None
    """Where else the last frame was looked at."""


class DeviceRegion:
    """Where a network looks. Used by one thread."""

    def __init__(self, matter: DeviceMatter) -> None:
        self._matter = matter
        self._tracker = tracker_for(matter, FRAMES_AHEAD)
        self._region = WHOLE
        self._first = True
        self.view = View(0, None)
        """How the last frames were looked at."""

    def mattes(self, images: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """Look at whole frames (H, W, 3).

        Returns:
            The mattes (B, h, w), 0 outside what was looked at; and what `learn` is to be given of
            them, (B, h', w') uint8.
        """
        if self._first:
            # Waited for, so that the first frame is seen on its crop like all others.
            self._first = False
            mattes, taught = self._look(images[:1])
            self._learn_now(taught)
            for part in PARTS if torch.isfinite(mattes).all() else ():
                if not self._tracker.searches:
                    break
                known = torch.maximum(mattes, self._glance(images[0], part))
                self.view = self.view._replace(glanced=part)
                self._learn_now(small(known))
        return self._look(images)

    def learn(self, matte_u8: NDArray[np.uint8], view: View) -> None:
        """Take in what has come down of a frame, (h', w') uint8.

        Not of one that was looked at in another view: it does not have somebody who was found
        since, and would take the crop away from there again.
        """
        if view.number != self.view.number:
            return
        before = self._tracker.region
        self._tracker.learn(np.asarray(matte_u8 / np.float32(255), np.float32), view.glanced)
        if self._tracker.region != before:
            self.view = self.view._replace(number=self.view.number + 1)

    def reset(self) -> None:
        """Look at the next frame whole, as at a first one."""
        self.view = View(self.view.number + 1, None)
        self._tracker.reset()
        self._region = WHOLE
        self._first = True

    def _learn_now(self, taught: Tensor) -> None:
        self.learn(taught[0].cpu().numpy(), self.view)

    def _look(self, images: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        frame_wh = (images[0].shape[1], images[0].shape[0])
        region = self._tracker.region.on_grid(self._matter.matte_size(frame_wh))
        glances = [part for _ in images if (part := self._tracker.glance_at()) is not None]
        glanced = glances[-1] if glances else None
        glance = None if glanced is None else self._glance(images[-1], glanced)
        self.view = self.view._replace(glanced=glanced)
        if region != self._region:
            self._matter.turn(self._region, region)
            self._region = region
        mattes = self._mattes(images, region)
        if glance is None or glance.shape != mattes.shape[1:]:
            return mattes, small(mattes)
        # Learnt from and not shown, as on the host.
        if glanced == WHOLE:
            glance = ELSEWHERE * glance
            left, top, right, bottom = region.pixels((mattes.shape[2], mattes.shape[1]))
            glance[top:bottom, left:right] = 0
        known = mattes.clone()
        known[-1] = torch.maximum(known[-1], glance)
        return mattes, small(known)

    def _mattes(self, images: Sequence[Tensor], region: Region) -> Tensor:
        """Return the mattes (B, h, w) of frames of which a region is seen."""
        if region == WHOLE:
            return self._matter.mattes(images)
        frame_wh = (images[0].shape[1], images[0].shape[0])
        left, top, right, bottom = region.pixels(frame_wh)
        inner = self._matter.mattes([image[top:bottom, left:right] for image in images], frame_wh)
        return self._placed(inner, region, frame_wh)

    def _glance(self, image: Tensor, part: Region) -> Tensor:
        """Return the matte (h, w) of a frame of which only a part is seen, told nothing."""
        frame_wh = (image.shape[1], image.shape[0])
        left, top, right, bottom = part.pixels(frame_wh)
        inner = self._matter.glances([image[top:bottom, left:right]], frame_wh)
        # A copy in any case: the next run may overwrite it.
        return self._placed(inner, part, frame_wh)[0]

    def _placed(self, inner: Tensor, region: Region, frame_wh: tuple[int, int]) -> Tensor:
        """Put mattes (B, h, w) of a region into the whole field of view; outside it is 0."""
        # Asked anew: the network may have taken another input meanwhile.
        width, height = matte_wh = self._matter.matte_size(frame_wh)
        left, top, right, bottom = region.pixels(matte_wh)
        inner = F.interpolate(inner[None], (bottom - top, right - left), mode="area")[0]
        mattes = inner.new_zeros((len(inner), height, width))
        mattes[:, top:bottom, left:right] = inner
        return mattes


def small(mattes: Tensor) -> Tensor:
    """Return what the tracker needs of mattes (B, h, w), as uint8; not finite is nobody."""
    part = mattes[:, ::STEP_PX, ::STEP_PX]
    return (part.nan_to_num(0.0, 0.0, 0.0).clamp(0, 1) * 255).round().to(torch.uint8)
