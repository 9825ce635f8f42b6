"""From the network's matte to the frame's alpha: GPU implementation of `effects.matte`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from u2cam.effects.gpu.matte.components import fill_holes, remove_islands
from u2cam.effects.gpu.matte.guided_filter import apply_coefficients, guided_coefficients
from u2cam.effects.gpu.matte.levels import feather, shift_edge
from u2cam.effects.gpu.matte.temporal_filter import GpuSmoother
from u2cam.effects.matte.levels import level_table
from u2cam.effects.matte.steps import ISLAND_LEVEL, REFERENCE_HEIGHT, SUPPORT_LEVEL
from u2cam.effects.settings import MatteSettings


def resize_matte(alpha: Tensor, height: int, width: int) -> Tensor:
    """Bring a matte (h, w) float32 to 8 bits at a size, bilinear, and nothing else."""
    return (resize_plain(alpha, height, width) * 255).round().clamp(0, 255).to(torch.uint8)


def resize_plain(alpha: Tensor, height: int, width: int) -> Tensor:
    """Resize a matte (h, w) bilinearly, without smoothing."""
    if tuple(alpha.shape) == (height, width):
        return alpha
    size = (height, width)
    return F.interpolate(alpha[None, None], size=size, mode="bilinear", align_corners=False)[0, 0]


class GpuMatteSteps:
    """The matte's steps with their state, for frames of one size."""

    def __init__(self, settings: MatteSettings, grid_wh: tuple[int, int], device: torch.device):
        self._settings = settings
        self._grid_wh = grid_wh
        self._table = torch.from_numpy(level_table(settings.low, settings.high)).to(device)
        self._smoother: GpuSmoother | None = None
        if settings.smoothing != "off":
            self._smoother = GpuSmoother(grid_wh[1], grid_wh[0], device)

    def reset(self) -> None:
        """Forget the smoothing state."""
        if self._smoother:
            self._smoother.reset()

    def state(self) -> list[Tensor]:
        """Return what frames change in place."""
        return self._smoother.state() if self._smoother else []

    def alpha_u8(
        self,
        image: Tensor,
        small: Tensor,
        luma_u8: Tensor,
        flow: Tensor | None,
        alpha: Tensor,
        still: Tensor,
        valid: Tensor,
    ) -> Tensor:
        """Return the alpha (H, W) uint8 of a frame.

        Args:
            image: (3, H, W) float32 levels of 0 to 255.
            small: (3, gh, gw) float32 levels, the frame on the grid.
            luma_u8: (gh, gw) uint8.
            flow: (gh, gw, 2) float32, or None.
            alpha: (h, w) float32 in [0, 1], the network's matte, of any size.
            still: scalar, rate of the smoothing where nothing changed.
            valid: scalar bool: whether the matte is valid.
        """
        settings = self._settings
        height = image.shape[-2]
        columns, rows = self._grid_wh
        alpha = remove_islands(alpha, ISLAND_LEVEL, settings.min_island)
        alpha = resize_plain(alpha, rows, columns).clamp(0, 1)
        own = alpha = fill_holes(alpha, settings.max_hole)
        if self._smoother:
            assert flow is not None
            alpha = self._smoother.update(alpha, luma_u8, flow, still, valid)
        radius = max(1, round(settings.refine_radius_px * rows / REFERENCE_HEIGHT))
        if settings.refine == "guided":
            coefficients = guided_coefficients(small, alpha, radius, settings.refine_eps)
        else:
            coefficients = torch.cat((torch.zeros_like(small), alpha[None]))
        coefficients = coefficients * _support(own, SUPPORT_LEVEL, radius)
        result = apply_coefficients(image, coefficients, self._table)
        if settings.refine == "guided":
            result = averaged(result[None].float())[0].to(torch.uint8)
        scale = height / REFERENCE_HEIGHT
        result = shift_edge(result, settings.shift_px * scale)
        return feather(result, settings.feather_px * scale)


def averaged(image: Tensor) -> Tensor:
    """Average 3×3 pixels of (C, H, W) levels, to whole levels."""
    border = "reflect" if min(image.shape[1:]) > 1 else "replicate"
    padded = F.pad(image[None], (1, 1, 1, 1), mode=border)
    total = F.avg_pool2d(padded, 3, stride=1, divisor_override=1)[0]
    return ((total + 4) / 9).floor()


def _support(alpha: Tensor, level: float, radius_px: int) -> Tensor:
    """1 where the matte (h, w) stands for something within a radius, else 0."""
    near = (alpha > level).to(alpha.dtype)[None, None]
    # First across, then down: a square, for a fraction of the reads.
    near = F.max_pool2d(near, (1, 2 * radius_px + 1), stride=1, padding=(0, radius_px))
    near = F.max_pool2d(near, (2 * radius_px + 1, 1), stride=1, padding=(radius_px, 0))
    return near[0, 0]
