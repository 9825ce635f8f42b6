"""Light wrap: light of the new background that spills over the person's edge.

A compositor's practice (Brinkmann, "The Art and Science of Digital Compositing", 2008): the
blurred background, weighted by how much background is near, is screened onto the foreground.
Only the foreground's colour changes; where alpha is 0 nothing of it is seen.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from effects.array_types import AlphaF32, ImageU8, MapF32
from effects.kernel import F32_3D, OUT_U8_3D, U8_2D, kernel


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


@kernel(OUT_U8_3D, U8_2D, F32_3D)
def _screen(foreground: NDArray[np.uint8], alpha_u8: NDArray[np.uint8], light: MapF32) -> None:
    height, width = alpha_u8.shape
    rows, columns = light.shape[:2]
    scale_y = rows / height
    scale_x = columns / width
    row = np.empty((columns, 3), np.float32)
    for y in range(height):
        position = min(max((y + 0.5) * scale_y - 0.5, 0.0), rows - 1.0)
        top = int(position)
        bottom = min(top + 1, rows - 1)
        part = np.float32(position - top)
        for j in range(columns):
            for c in range(3):
                row[j, c] = light[top, j, c] + part * (light[bottom, j, c] - light[top, j, c])
        for x in range(width):
            if alpha_u8[y, x] == 0:
                continue
            place = min(max((x + 0.5) * scale_x - 0.5, 0.0), columns - 1.0)
            left = int(place)
            right = min(left + 1, columns - 1)
            f = np.float32(place - left)
            for c in range(3):
                shine = row[left, c] + f * (row[right, c] - row[left, c])
                if shine > 0:
                    v = np.float32(foreground[y, x, c])
                    v = v + shine * (np.float32(255) - v)
                    foreground[y, x, c] = np.uint8(v + np.float32(0.5))


def screen_light(foreground: ImageU8, alpha_u8: NDArray[np.uint8], light: MapF32) -> None:
    """Screen light onto a foreground in place, where alpha is not 0.

    Args:
        foreground: (H, W, 3) uint8 RGB, changed.
        alpha_u8: (H, W) uint8.
        light: (h, w, 3) float32 of `wrap_light`.
    """
    _screen(foreground, alpha_u8, light)
