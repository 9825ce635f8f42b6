"""The pipeline's `Propagator`: carries mattes along optical flow, but never across a scene cut.

Runs in the propagate thread. The matte of another scene would show whatever lies in its shape, so
at a cut there is no matte until the network has seen the new scene.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, ImageU8
from u2cam.effects.grid import grid_size, shrink
from u2cam.effects.motion.optical_flow import FLOW_LONG_SIDE, Flow, warp
from u2cam.effects.motion.scene_change import scene_cut


class FlowPropagator:
    """Moves a matte to a later frame; keeps the small pictures of the frame that it came from."""

    def __init__(self) -> None:
        self._flow = Flow()
        self._matte_image: ImageU8 | None = None
        self._matte_luma: NDArray[np.uint8] | None = None

    def propagate(self, alpha: AlphaF32, matte_image: ImageU8, image: ImageU8) -> AlphaF32 | None:
        """Return the matte (h, w) float32 for `image` from that of `matte_image`.

        Args:
            alpha: (h, w) float32 in [0, 1], the matte of `matte_image`.
            matte_image: (H, W, 3) uint8 RGB.
            image: (H, W, 3) uint8 RGB of the same size.

        Returns:
            The matte, or None where the two frames show different scenes.
        """
        if self._matte_luma is None or self._matte_image is not matte_image:
            self._matte_image, self._matte_luma = matte_image, _luma(matte_image)
        luma = _luma(image)
        if scene_cut(self._matte_luma, luma):
            return None
        offsets = self._flow.backward(luma, self._matte_luma)
        return np.clip(warp(alpha, offsets), 0, 1)


def _luma(image: ImageU8) -> NDArray[np.uint8]:
    small = shrink(image, grid_size((image.shape[1], image.shape[0]), FLOW_LONG_SIDE))
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
