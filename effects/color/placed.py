"""The person scaled and moved over the new background: colours and alpha together.

Colours are averaged by alpha (Porter and Duff 1984: premultiplied), so that nothing of the old
background, which lies in the colours where alpha is 0, gets into an edge.
"""

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaU8, ImageU8
from u2cam.core.kernel import (
    I32_1D,
    OUT_U8_2D,
    OUT_U8_3D,
    OUT_U16_3D,
    U8_2D,
    U8_3D,
    U16_2D,
    U16_3D,
    kernel,
)
from u2cam.effects.placement import Placement
from u2cam.imaging.pyramid import shrink


@kernel(U8_3D, U8_2D, OUT_U16_3D)
def _premultiply(front: ImageU8, alpha_u8: AlphaU8, out: NDArray[np.uint16]) -> None:
    # Alpha is spread as in the blend: the inner loop becomes vector code.
    height, width = alpha_u8.shape
    spread = np.empty(3 * width, np.uint8)
    for y in range(height):
        for x in range(width):
            value = alpha_u8[y, x]
            spread[3 * x] = value
            spread[3 * x + 1] = value
            spread[3 * x + 2] = value
        colors = front[y].reshape(3 * width)
        result = out[y].reshape(3 * width)
        for i in range(3 * width):
            result[i] = np.uint16(spread[i]) * np.uint16(colors[i])


@kernel(U16_3D, U16_2D, I32_1D, OUT_U8_3D, OUT_U8_2D)
def _straighten(
    premultiplied: NDArray[np.uint16],
    alpha_u16: NDArray[np.uint16],
    corner_xy: NDArray[np.int32],
    out: NDArray[np.uint8],
    out_alpha: NDArray[np.uint8],
) -> None:
    left, top = corner_xy[0], corner_xy[1]
    for y in range(alpha_u16.shape[0]):
        row, alpha_row = out[top + y], out_alpha[top + y]
        for x in range(alpha_u16.shape[1]):
            a = np.int32(alpha_u16[y, x])
            alpha_u8 = (a + 127) // 255
            if alpha_u8 == 0:
                continue
            alpha_row[left + x] = np.uint8(alpha_u8)
            for c in range(3):
                value = np.int32(premultiplied[y, x, c])
                value = (value * 255 + a // 2) // a if a < 65025 else (value + 127) // 255
                row[left + x, c] = np.uint8(min(np.int32(255), value))


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
    # 16 bits: where alpha is small, 8 would leave few colours.
    joined = np.empty(front.shape, np.uint16)
    _premultiply(front, alpha_u8, joined)
    alpha_u16 = alpha_u8.astype(np.uint16) * np.uint16(255)
    placed, placed_alpha = np.zeros_like(front), np.zeros_like(alpha_u8)
    _straighten(
        shrink(joined, (width, height)),
        shrink(alpha_u16, (width, height)),
        np.array((left, top), np.int32),
        placed,
        placed_alpha,
    )
    return placed, placed_alpha


def place_matte(alpha_u8: AlphaU8, placement: Placement) -> AlphaU8:
    """Return the alpha (H, W) alone where the person is to stand."""
    return place(np.zeros((*alpha_u8.shape, 3), np.uint8), alpha_u8, placement)[1]


def under(back: ImageU8, placement: Placement) -> ImageU8:
    """Return the part of a background (H, W, 3) that lies behind the scaled frame."""
    left, top, width, height = placement.box((back.shape[1], back.shape[0]))
    return back[top : top + height, left : left + width]
