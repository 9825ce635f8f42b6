"""The pipeline's `Propagator`: carries mattes along optical flow, but never to another scene.

Runs in the propagate thread. The matte of another scene would show whatever lies in its shape, so
at a cut there is no matte until the network has seen the new scene.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32
from u2cam.core.frame import Frame, MattedFrame
from u2cam.effects.grid import grid_size
from u2cam.effects.motion.optical_flow import FLOW_LONG_SIDE, Flow, warp
from u2cam.imaging.pyramid import Pyramid


class FlowPropagator:
    """Moves a matte to a later frame; keeps the luma of the frame that it came from."""

    def __init__(self) -> None:
        self._flow = Flow()
        self._matte_frame: Frame | None = None
        self._matte_luma = np.zeros((0, 0), np.uint8)

    def propagate(self, matted: MattedFrame, frame: Frame) -> AlphaF32 | None:
        """Return the matte (h, w) float32 for `frame`, of the same size as that of `matted`.

        None where the two frames are of different scenes.
        """
        if matted.frame.scene != frame.scene:
            return None
        if self._matte_frame is not matted.frame:
            self._matte_frame, self._matte_luma = matted.frame, _luma(matted.frame)
        offsets = self._flow.backward(_luma(frame), self._matte_luma)
        return np.clip(warp(matted.alpha, offsets), 0, 1)


def _luma(frame: Frame) -> NDArray[np.uint8]:
    small = Pyramid(frame.image, frame.levels).at(grid_size(frame.size_wh, FLOW_LONG_SIDE))
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
