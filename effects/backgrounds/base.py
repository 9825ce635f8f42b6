"""What is put behind the person: the two kinds of background and the simple ones of each.

A `Replacement` knows nothing of the camera and therefore shows nothing of it. A `SceneBackground`
is made from the camera's frame, by the user's choice. Both are asked by the composite thread.
"""

from typing import Literal, Protocol, runtime_checkable

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.effects.backgrounds.blur import blur_background
from u2cam.imaging.fit import Fit, fit_picture
from u2cam.imaging.pyramid import Pyramid


@runtime_checkable
class Replacement(Protocol):
    """A background of its own."""

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the picture (H, W, 3) at a time; the caller must not write into it."""


@runtime_checkable
class SceneBackground(Protocol):
    """A background made from the frame itself: shows the camera's scene in some form."""

    def from_frame(self, frame: Pyramid, alpha: Pyramid) -> ImageU8:
        """Return the picture (H, W, 3) for a frame and its matte (H, W) uint8.

        The caller must not write into it.
        """


Background = Replacement | SceneBackground


class ColourBackground:
    """One colour."""

    def __init__(self, rgb: tuple[int, int, int]) -> None:
        self._rgb = rgb
        self._picture = np.zeros((0, 0, 3), np.uint8)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the colour at a size."""
        if self._picture.shape[1::-1] != size_wh:
            picture = np.empty((size_wh[1], size_wh[0], 3), np.uint8)
            picture[:] = self._rgb
            self._picture = picture
        return self._picture


class ImageBackground:
    """One picture, fitted once per size."""

    def __init__(self, picture: ImageU8, fit: Fit = "cover") -> None:
        self._source = picture
        self._fit: Fit = fit
        self._picture = np.zeros((0, 0, 3), np.uint8)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the picture at a size."""
        if self._picture.shape[1::-1] != size_wh:
            self._picture = fit_picture(self._source, size_wh, self._fit)
        return self._picture


class KeepBackground:
    """The camera's own scene, untouched: for looking at mattes."""

    def from_frame(self, frame: Pyramid, alpha: Pyramid) -> ImageU8:
        """Return the frame itself."""
        return frame.image


class BlurBackground:
    """The camera's own scene, blurred without the person."""

    def __init__(self, strength_percent: float, shape: Literal["gaussian", "disc"]) -> None:
        self.strength_percent = strength_percent
        self.shape: Literal["gaussian", "disc"] = shape

    def from_frame(self, frame: Pyramid, alpha: Pyramid) -> ImageU8:
        """Return the blurred scene."""
        return blur_background(frame, alpha, self.strength_percent, self.shape)


class PixelateBackground:
    """The camera's own scene in coarse blocks."""

    def __init__(self, block_percent: float) -> None:
        self.block_percent = block_percent

    def from_frame(self, frame: Pyramid, alpha: Pyramid) -> ImageU8:
        """Return the scene, one colour per block."""
        height, width = frame.image.shape[:2]
        block = max(2, round(self.block_percent / 100 * height))
        small = (max(1, width // block), max(1, height // block))
        # Blurred first: blocks without the person in them.
        scene = blur_background(frame, alpha, self.block_percent / 2)
        coarse = cv2.resize(scene, small, interpolation=cv2.INTER_AREA)
        return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_NEAREST).astype(
            np.uint8, copy=False
        )


class DesaturateBackground:
    """The camera's own scene in gray, the person in colour."""

    def from_frame(self, frame: Pyramid, alpha: Pyramid) -> ImageU8:
        """Return the scene in gray."""
        gray = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
        return cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB).astype(np.uint8, copy=False)
