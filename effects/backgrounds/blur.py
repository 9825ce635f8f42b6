"""Background blur without a halo.

A plain blur smears the person into the scene. Here it is a normalised convolution (Knutsson and
Westin 1993): background-only colours are blurred and divided by their blurred weight, so the
person contributes nothing. Deep inside the person no weight is near; there the colours of a much
wider blur fill in, seen only through soft pixels.

This blurs the camera's own scene: what stands behind the person stays recognisable to some
degree. For privacy take a replacement.
"""

import math
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, ImageU8, MapF32
from u2cam.effects.grid import grid_size
from u2cam.imaging.pyramid import Pyramid

Shape = Literal["gaussian", "disc"]

_TINY = np.float32(1e-3)


def blur_background(
    frame: Pyramid,
    alpha: Pyramid,
    strength_percent: float,
    shape: Shape = "gaussian",
) -> ImageU8:
    """Return the scene without the person, blurred.

    Args:
        frame: (H, W, 3) uint8 RGB.
        alpha: (H, W) uint8 of the same size, or smaller.
        strength_percent: standard deviation (gaussian) or radius (disc) in percent of the
            frame's height.
        shape: gaussian, or disc as an open lens draws it.

    Returns:
        (H, W, 3) uint8 RGB, newly allocated.
    """
    height, width = frame.image.shape[:2]
    size, reach_px = blur_grid((width, height), strength_percent, shape)
    small = frame.at(size).astype(np.float32)
    matte = alpha.at(size).astype(np.float32) * np.float32(1 / 255)
    # Widened by a pixel and steepened: soft pixels hold some of the person's colour.
    matte = cv2.dilate(matte, np.ones((3, 3), np.uint8)).astype(np.float32, copy=False)
    weight = np.square(1 - matte).astype(np.float32, copy=False)
    if shape == "disc":
        blurred = _disc(small, weight, max(reach_px, 0.5))
    else:
        blurred = _gaussian(small, weight, max(reach_px, 0.3))
    blurred_u8 = np.clip(blurred + np.float32(0.5), 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(blurred_u8, (width, height)), np.uint8)


def blur_grid(
    size_wh: tuple[int, int], strength_percent: float, shape: Shape
) -> tuple[tuple[int, int], float]:
    """Return the size to blur a frame at, and the blur's strength there, in pixels.

    A blur is a few pixels wide there: finer detail is blurred away anyway.
    """
    sigma = max(strength_percent / 100 * size_wh[1], 0.3)
    reach = 3.0 if shape == "gaussian" else 5.0
    grid_wh = grid_size(size_wh, max(8, math.ceil(min(480, max(size_wh) * reach / sigma))))
    return grid_wh, sigma * (grid_wh[1] / size_wh[1])


def disc(radius: float) -> NDArray[np.float64]:
    """Return the weights (k, k) of a disc, soft at its edge."""
    reach = math.ceil(radius)
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return np.asarray(np.clip(radius + 0.5 - np.hypot(x, y), 0, 1), np.float64)


def _weighted(colours: MapF32, weight: AlphaF32) -> MapF32:
    return np.dstack([colours * weight[..., None], weight])


def _filled(sums: MapF32, wide: MapF32) -> MapF32:
    """Divide by the weight; where little weight is near, the wide blur's colour takes over."""
    total = sums[..., 3:]
    return np.asarray((sums[..., :3] + wide * _TINY) / (total + _TINY), np.float32)


def _wide(colours: MapF32, weight: AlphaF32) -> MapF32:
    """Colours of the scene from far around, at the size of the argument."""
    height, width = weight.shape
    small = (max(1, width // 8), max(1, height // 8))
    sums = cv2.resize(_weighted(colours, weight), small, interpolation=cv2.INTER_AREA)
    sums = sums.reshape(small[1], small[0], 4)
    mean = sums[..., :3].sum((0, 1)) / max(float(sums[..., 3].sum()), 1e-3)
    sums = cv2.GaussianBlur(sums, (0, 0), max(small) / 8 + 0.3)
    fill = np.divide(sums[..., :3] + mean * _TINY, sums[..., 3:] + _TINY, dtype=np.float32)
    return np.asarray(cv2.resize(fill, (width, height)), np.float32)


def _gaussian(colours: MapF32, weight: AlphaF32, sigma: float) -> MapF32:
    sums = np.asarray(cv2.GaussianBlur(_weighted(colours, weight), (0, 0), sigma), np.float32)
    return _filled(sums, _wide(colours, weight))


def _disc(colours: MapF32, weight: AlphaF32, radius: float) -> MapF32:
    # Squared values stand for light: bright points win over what is around them, as in a lens.
    light = colours * colours * np.float32(1 / 255)
    lens = disc(radius).astype(np.float32)
    lens /= lens.sum()
    sums = cv2.filter2D(_weighted(light, weight), -1, lens, borderType=cv2.BORDER_REFLECT)
    blurred = _filled(np.maximum(sums, 0), _wide(light, weight))
    return np.asarray(np.sqrt(blurred * np.float32(255)), np.float32)
