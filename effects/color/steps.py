"""The person's own colours: foreground estimation, match to the background, light wrap."""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8, MapF32
from u2cam.effects.color.color_match import Match
from u2cam.effects.color.foreground import estimate_means, unmix
from u2cam.effects.color.light_wrap import screen_light, wrap_light
from u2cam.effects.matte.steps import REFERENCE_HEIGHT
from u2cam.effects.scratch import Scratch
from u2cam.effects.settings import ColorSettings
from u2cam.imaging.pyramid import Pyramid, shrink

WIDE_PX, NARROW_PX = 12.0, 6.0
"""Radii of foreground estimation at 1080p; `foreground.py` says why the first is small."""


class ColorSteps:
    """The colour steps with their state. One per run; used by one thread."""

    def __init__(self, settings: ColorSettings) -> None:
        self._settings = settings
        self._match = Match(settings.match)
        self._scratch = Scratch()
        self._front = np.zeros((0, 0, 3), np.uint8)

    def reset(self) -> None:
        """Forget the gains of the match."""
        self._match.reset()

    def foreground(
        self, frame: Pyramid, small: ImageU8, alpha: Pyramid, back: ImageU8 | None, time_s: float
    ) -> ImageU8:
        """Return the person's colours (H, W, 3); the frame itself where no step changes them.

        Args:
            frame: (H, W, 3) uint8 RGB.
            small: (h, w, 3), the frame on the grid.
            alpha: (H, W) uint8.
            back: (H, W, 3) uint8 RGB, what the person is brought together with; None: nothing.
            time_s: presentation time in seconds.

        Returns:
            Overwritten by the next call; not to be written into.
        """
        color = self._settings
        image = frame.image
        # With the untouched scene behind, the frame is exact already.
        if back is image:
            return image
        if color.foreground == "off" and (back is None or not (color.match or color.light_wrap)):
            return image
        if self._front.shape != image.shape:
            self._front = np.empty_like(image)
        front = self._front
        np.copyto(front, image)
        rows, columns = small.shape[:2]
        alpha_small = _unit(alpha.at((columns, rows)))
        scale = rows / REFERENCE_HEIGHT
        if color.foreground == "blur_fusion":
            wide, narrow = max(2, round(WIDE_PX * scale)), max(1, round(NARROW_PX * scale))
            means = estimate_means(small, alpha_small, wide, narrow, self._scratch)
            unmix(image, alpha.image, means, front)
        if back is None or not (color.match or color.light_wrap):
            return front
        back_small = shrink(back, (columns, rows))
        if color.match:
            tables = self._match.tables(small, alpha_small, back_small, time_s)
            cv2.LUT(front, tables[:, None, :].transpose(1, 0, 2), front)
        if color.light_wrap:
            radius = max(1, round(color.light_wrap_px * scale))
            light = wrap_light(back_small, alpha_small, radius, color.light_wrap)
            screen_light(front, alpha.image, light)
        return front


def _unit(values: NDArray[np.uint8]) -> MapF32:
    return np.multiply(values, np.float32(1 / 255), dtype=np.float32)
