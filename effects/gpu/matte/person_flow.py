"""Optical flow around the person on a device; as in `effects.matte.person_flow`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.effects.gpu import axis
from u2cam.effects.matte.person_flow import LEAST_TEXTURE, LEAST_WEIGHT, MOST_PX, RADIUS_PX


class PersonFlow:
    """Keeps the places of the pixels, for frames of one size."""

    def __init__(self, height: int, width: int, device: torch.device) -> None:
        self._rows, self._columns = height // 2, width // 2
        self._factor = torch.tensor(
            (self._columns / width, self._rows / height), device=device, dtype=torch.float32
        )[:, None, None]
        self._sampler = Sampler(self._rows, self._columns, device)

    def follow(self, flow: Tensor, now: Tensor, before: Tensor, alpha: Tensor) -> Tensor:
        """Let what is around the person move with the person.

        Args:
            flow: (h, w, 2) float32, where each pixel lay in the frame before, in pixels.
            now: (h, w) float32 levels, the frame's luma.
            before: (h, w) float32 levels, that of the frame before.
            alpha: (h, w) float32, the frame's own matte.
        """
        rows, columns = self._rows, self._columns
        if min(rows, columns) < 8:
            return flow
        planes = torch.stack((alpha, now, before, flow[..., 0], flow[..., 1]))
        half = axis.resize_linear(planes, rows, columns)
        old = half[3:] * self._factor
        now, before = axis.blur_box(half[1:3], 1, "reflect_101")
        weight = (2 * half[0] - 1).clamp(min=0)
        weighed = torch.cat((weight[None], weight * old))
        sums = axis.blur_box(weighed, RADIUS_PX, "reflect_101")
        moved = (sums[1:] + LEAST_WEIGHT * old) / (sums[0] + LEAST_WEIGHT)
        value = self._sampler.fetch(before[None], moved.permute(1, 2, 0))[0]
        error, middle = value - now, (value + now) * 0.5
        gx = F.pad((middle[:, 2:] - middle[:, :-2]) * 0.5, (1, 1))
        gy = F.pad((middle[2:] - middle[:-2]) * 0.5, (0, 0, 1, 1))
        products = torch.stack((gx * gx, gx * gy, gy * gy, gx * error, gy * error)) * weight
        xx, xy, yy, xe, ye = axis.blur_box(products, RADIUS_PX, "reflect_101")
        xx, yy = xx + LEAST_TEXTURE, yy + LEAST_TEXTURE
        step = torch.stack((yy * xe - xy * ye, xx * ye - xy * xe)) / (xy * xy - xx * yy)
        length = step.square().sum(0).sqrt().clamp(min=MOST_PX)
        fitted = (moved + step * (MOST_PX / length)) / self._factor
        return axis.resize_linear(fitted, flow.shape[0], flow.shape[1]).permute(1, 2, 0)


class Sampler:
    """Fetches values from where a backward flow says they lay, bilinearly, edges repeated."""

    def __init__(self, height: int, width: int, device: torch.device) -> None:
        # Places of the pixels in the range that `grid_sample` wants, and a pixel's length in it.
        across = torch.arange(width, device=device, dtype=torch.float32)
        down = torch.arange(height, device=device, dtype=torch.float32)
        columns = across[None, :].expand(height, -1)
        self._places = torch.stack((columns, down[:, None].expand(-1, width)), -1)
        self._scale = torch.tensor((2 / max(width - 1, 1), 2 / max(height - 1, 1)), device=device)

    def fetch(self, values: Tensor, flow: Tensor) -> Tensor:
        """Return (n, h, w) floats for values (n, h, w) and a flow (h, w, 2) in pixels."""
        places = (self._places + flow) * self._scale - 1
        return F.grid_sample(
            values[None], places[None], mode="bilinear", padding_mode="border", align_corners=True
        )[0]
