"""Light wrap: light of the new background that spills over the person's edge.

A compositor's practice (Brinkmann, "The Art and Science of Digital Compositing", 2008): the
blurred background, weighted by how much background is near, is screened onto the foreground.
Only the foreground's colour changes; where alpha is 0 nothing of it is seen.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8, ImageU8, MapF32
from u2cam.core.kernel import F32_1D, F32_3D, I32_1D, OUT_U8_3D, U8_2D, kernel
from u2cam.effects.grid import spread


def wrap_light(
    background_small: ImageU8, alpha_small: AlphaF32, radius_px: int, strength: float
) -> MapF32:
    """Return the light (h, w, 3) float32 in [0, 1] that falls on the person, on the grid.

    Args:
        background_small: (h, w, 3) uint8 RGB background on the grid.
        alpha_small: (h, w) float32 matte on the grid.
        radius_px: reach over the edge, pixels of the grid, ≥ 1.
        strength: 0 to 1.
    """
    size = (2 * radius_px + 1, 2 * radius_px + 1)
    near = cv2.blur(1 - alpha_small, size, borderType=cv2.BORDER_REPLICATE)
    near = cv2.blur(near, (radius_px | 1, radius_px | 1), borderType=cv2.BORDER_REPLICATE)
    light = cv2.blur(background_small, size, borderType=cv2.BORDER_REFLECT).astype(np.float32)
    near = np.square(near) * np.float32(strength / 255)
    near[near < 1e-2 / 255] = 0
    return np.ascontiguousarray(light * near[..., None], dtype=np.float32)


@kernel(OUT_U8_3D, U8_2D, F32_3D, I32_1D, F32_1D, I32_1D, F32_1D)
def _screen(
    foreground: NDArray[np.uint8],
    alpha_u8: AlphaU8,
    light: MapF32,
    left: NDArray[np.int32],
    share_x: NDArray[np.float32],
    top: NDArray[np.int32],
    share_y: NDArray[np.float32],
) -> None:
    height, width = alpha_u8.shape
    rows, columns = light.shape[:2]
    row = np.empty((columns, 3), np.float32)
    lit = np.empty(columns, np.bool_)
    for y in range(height):
        upper = top[y]
        lower = min(upper + 1, rows - 1)
        for j in range(columns):
            for c in range(3):
                value = light[upper, j, c]
                row[j, c] = value + share_y[y] * (light[lower, j, c] - value)
            lit[j] = row[j, 0] + row[j, 1] + row[j, 2] > 0
        for x in range(width):
            cell = left[x]
            right = min(cell + 1, columns - 1)
            if alpha_u8[y, x] == 0 or not (lit[cell] or lit[right]):
                continue
            for c in range(3):
                shine = row[cell, c] + share_x[x] * (row[right, c] - row[cell, c])
                v = np.float32(foreground[y, x, c])
                v += shine * (np.float32(255) - v) + np.float32(0.5)
                foreground[y, x, c] = np.uint8(v)


def screen_light(foreground: ImageU8, alpha_u8: AlphaU8, light: MapF32) -> None:
    """Screen light onto a foreground in place, where alpha is not 0.

    Args:
        foreground: (H, W, 3) uint8 RGB, changed.
        alpha_u8: (H, W) uint8.
        light: (h, w, 3) float32 of `wrap_light`.
    """
    left, share_x = spread(light.shape[1], foreground.shape[1])
    top, share_y = spread(light.shape[0], foreground.shape[0])
    _screen(foreground, alpha_u8, light, left, share_x, top, share_y)
