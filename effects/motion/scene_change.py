"""Scenes: tells where frames go over to another one, as at a cut.

What was learnt of one scene is wrong in the next: smoothing, carried mattes and what is fed back to
a network end there. Asked once per frame, by the capture stage.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8
from u2cam.imaging.pyramid import shrink

WATCHED_PX = 48
"""Short side, at least, of the thinned picture that a watch keeps: twice of what is compared."""


def scene_cut(previous: NDArray[np.uint8], current: NDArray[np.uint8]) -> bool:
    """Tell whether the picture changed as a whole, as at a cut.

    A cut changes most of the picture and leaves nothing of its structure; an exposure step
    keeps the structure, a person walking by leaves most of the picture alone.

    Args:
        previous: (h, w) uint8 luma on the small grid.
        current: (h, w) uint8 luma of the same size.

    Returns:
        True where the mean change exceeds 20 of 255 and the correlation of the two is below 0.5.
    """
    if previous.shape != current.shape:
        return True
    a = shrink(previous, (32, 24)).astype(np.float32)
    b = shrink(current, (32, 24)).astype(np.float32)
    if float(np.abs(a - b).mean()) <= 20:
        return False
    a -= a.mean()
    b -= b.mean()
    spread = math.sqrt(float((a * a).sum()) * float((b * b).sum()))
    return spread == 0 or float((a * b).sum()) / spread < 0.5


class SceneWatch:
    """Compares each frame with the one before it. One per run; used by one thread."""

    def __init__(self) -> None:
        self._last: NDArray[np.uint8] | None = None

    def begins(self, image: ImageU8) -> bool:
        """Tell whether a frame (H, W, 3), of any size, shows another scene than the one before it.

        The very first does not: nothing is known yet that could be wrong.
        """
        step = max(1, min(image.shape[:2]) // WATCHED_PX)
        thin = np.ascontiguousarray(image[::step, ::step])
        luma = np.asarray(cv2.cvtColor(thin, cv2.COLOR_RGB2GRAY), np.uint8)
        last, self._last = self._last, luma
        return last is not None and scene_cut(last, luma)
