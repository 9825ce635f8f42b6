"""The person scaled and moved over the new background: colours and alpha together.

Colours are averaged by alpha (Porter and Duff 1984: premultiplied), so that nothing of the old
background, which lies in the colours where alpha is 0, gets into an edge.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaU8, ImageU8
from u2cam.core.kernel import I32_1D, OUT_U8_3D, U8_2D, U8_3D, kernel
from u2cam.effects.placement import Placement
from u2cam.imaging.pyramid import shrink


@kernel(U8_3D, U8_2D, I32_1D, OUT_U8_3D)
def _straighten(
    premultiplied: ImageU8,
    alpha_u8: AlphaU8,
    corner_xy: NDArray[np.int32],
    out: NDArray[np.uint8],
) -> None:
    left, top = corner_xy[0], corner_xy[1]
    for y in range(alpha_u8.shape[0]):
        row = out[top + y]
        for x in range(alpha_u8.shape[1]):
            a = np.int32(alpha_u8[y, x])
            if a == 0:
                continue
            for c in range(3):
                value = np.int32(premultiplied[y, x, c])
                if a < 255:
                    value = min(np.int32(255), (value * 255 + a // 2) // a)
                row[left + x, c] = np.uint8(value)


def place(front: ImageU8, alpha_u8: AlphaU8, placement: Placement) -> tuple[ImageU8, AlphaU8]:
    """Return colours and alpha of the person where it is to stand.

    Args:
        front: (H, W, 3) uint8 RGB, straight.
        alpha_u8: (H, W) uint8.
        placement: scale and place.

    Returns:
        (H, W, 3) straight and (H, W), newly allocated; 0 where the person is not.
    """
    left, top, width, height = placement.box((alpha_u8.shape[1], alpha_u8.shape[0]))
    premultiplied = cv2.multiply(front, cv2.merge((alpha_u8,) * 3), scale=1 / 255)
    scaled = shrink(np.asarray(premultiplied, np.uint8), (width, height))
    alpha_scaled = shrink(alpha_u8, (width, height))
    placed, placed_alpha = np.zeros_like(front), np.zeros_like(alpha_u8)
    _straighten(scaled, alpha_scaled, np.array((left, top), np.int32), placed)
    placed_alpha[top : top + height, left : left + width] = alpha_scaled
    return placed, placed_alpha


def place_matte(alpha_u8: AlphaU8, placement: Placement) -> AlphaU8:
    """Return the alpha (H, W) alone where the person is to stand."""
    left, top, width, height = placement.box((alpha_u8.shape[1], alpha_u8.shape[0]))
    placed = np.zeros_like(alpha_u8)
    placed[top : top + height, left : left + width] = shrink(alpha_u8, (width, height))
    return placed


def under(back: ImageU8, placement: Placement) -> ImageU8:
    """Return the part of a background (H, W, 3) that lies behind the scaled frame."""
    left, top, width, height = placement.box((back.shape[1], back.shape[0]))
    return back[top : top + height, left : left + width]
