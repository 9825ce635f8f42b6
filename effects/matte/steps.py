"""From the network's matte to the alpha of the frame: clean, smooth, refine, cut.

The order matters. Islands go and holes are filled before smoothing: what hovers at the threshold
comes and goes from frame to frame, and is averaged there. Smoothing comes before
refinement, so that the refined edge belongs to this very frame. And at the end alpha is forced to
0 wherever the frame's own matte has nothing near: neither smoothing nor refinement may show
camera pixels that this frame's matte does not stand for. (The last average over 3×3 pixels
softens that border by one.)
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8, ImageU8, MapF32
from u2cam.core.kernel import F32_3D, OUT_F32_3D, U8_2D, kernel
from u2cam.effects.matte.guided_filter import apply_coefficients, guided_coefficients
from u2cam.effects.matte.levels import (
    feather,
    fill_holes,
    level_table,
    remove_islands,
    shift_edge,
)
from u2cam.effects.matte.temporal_filter import MatteSmoother
from u2cam.effects.scratch import Scratch
from u2cam.effects.settings import MatteSettings

REFERENCE_HEIGHT = 1080
"""Pixels in the settings mean a frame of this height."""

ISLAND_LEVEL = 0.02
"""A component of the matte, which may be an island, is connected where the matte exceeds this."""

SUPPORT_LEVEL = 0.02
"""Privacy: camera pixels are shown only near to where the frame's own matte exceeds this."""


def resize_matte(alpha: AlphaF32, size_wh: tuple[int, int]) -> AlphaU8:
    """Bring a matte (h, w) float32 to 8 bits at a size, bilinear, and nothing else."""
    resized = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_LINEAR)
    return cv2.convertScaleAbs(resized, alpha=255).astype(np.uint8, copy=False)


class MatteSteps:
    """The matte's steps with their state. One per run; used by one thread."""

    def __init__(self, settings: MatteSettings) -> None:
        self._settings = settings
        self._table = level_table(settings.low, settings.high)
        self._scratch = Scratch()
        self._smoother: MatteSmoother | None = None
        if settings.smoothing != "off":
            self._smoother = MatteSmoother(settings.smoothing_s)

    def reset(self) -> None:
        """Forget the smoothing state."""
        if self._smoother:
            self._smoother.reset()

    def alpha_u8(self, image: ImageU8, small: ImageU8, alpha: AlphaF32, time_s: float) -> AlphaU8:
        """Return the alpha (H, W) uint8 of a frame.

        Args:
            image: (H, W, 3) uint8 RGB, C-contiguous.
            small: (gh, gw, 3) uint8 RGB, the frame on the grid.
            alpha: (h, w) float32 in [0, 1], the network's matte, of any size.
            time_s: the frame's presentation time.
        """
        settings = self._settings
        height = image.shape[0]
        rows, columns = small.shape[:2]
        alpha = remove_islands(alpha, ISLAND_LEVEL, settings.min_island)
        alpha = np.clip(cv2.resize(alpha, (columns, rows)), 0, 1).astype(np.float32, copy=False)
        alpha = alpha.reshape(rows, columns)
        own = alpha = fill_holes(alpha, settings.max_hole)
        gray = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
        if self._smoother:
            alpha = self._smoother.update(alpha, gray, time_s)
        radius = max(1, round(settings.refine_radius_px * rows / REFERENCE_HEIGHT))
        if settings.refine == "guided":
            coefficients = guided_coefficients(
                small, alpha, radius, settings.refine_eps, self._scratch
            )
        else:  # alpha itself, whatever the colour
            coefficients = np.dstack([np.zeros((rows, columns, 3), np.float32), alpha])
        supported = self._scratch.floats("supported", coefficients.shape)
        _keep(coefficients, _support(own, SUPPORT_LEVEL, radius), supported)
        result = apply_coefficients(image, supported, self._table)
        if settings.refine == "guided":  # camera noise, which the coefficients amplify
            result = cv2.blur(result, (3, 3)).astype(np.uint8, copy=False)
        scale = height / REFERENCE_HEIGHT
        result = shift_edge(result, settings.shift_px * scale)
        return feather(result, settings.feather_px * scale)


def _support(alpha: AlphaF32, level: float, radius_px: int) -> NDArray[np.uint8]:
    """1 where the matte stands for something within a radius, else 0."""
    element = cv2.getStructuringElement(cv2.MORPH_RECT, (2 * radius_px + 1, 2 * radius_px + 1))
    near = cv2.dilate((alpha > level).astype(np.uint8), element)
    return near.astype(np.uint8, copy=False)


@kernel(F32_3D, U8_2D, OUT_F32_3D)
def _keep(coefficients: MapF32, near: NDArray[np.uint8], out: MapF32) -> None:
    height, width = near.shape
    for y in range(height):
        for x in range(width):
            for n in range(4):
                out[y, x, n] = coefficients[y, x, n] * near[y, x]
