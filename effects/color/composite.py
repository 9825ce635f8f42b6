"""The blend itself: 8-bit in and out, one pass, no float copy of a frame.

`out = alpha * foreground + (1 - alpha) * background`, on gamma-encoded values as video tools do,
or on linear light (`blend_linear`). Exact: alpha 0 gives the background's value untouched, alpha
255 the foreground's, everything between is rounded to nearest.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaU8, ImageU8
from u2cam.core.kernel import OUT_U8_3D, U8_1D, U8_2D, U8_3D, U16_1D, kernel

_U16 = np.uint16


@kernel(U8_3D, U8_3D, U8_2D, OUT_U8_3D)
def _blend(
    foreground: ImageU8, background: ImageU8, alpha_u8: AlphaU8, out: NDArray[np.uint8]
) -> None:
    # Alpha is spread to three channels per row so that the inner loop is flat 16-bit arithmetic,
    # which the compiler turns into vector code. (t + (t >> 8)) >> 8 with t + 128 is t / 255,
    # rounded, for every t that can occur.
    height, width = alpha_u8.shape
    spread = np.empty(3 * width, np.uint8)
    for y in range(height):
        for x in range(width):
            value = alpha_u8[y, x]
            spread[3 * x] = value
            spread[3 * x + 1] = value
            spread[3 * x + 2] = value
        front = foreground[y].reshape(3 * width)
        back = background[y].reshape(3 * width)
        result = out[y].reshape(3 * width)
        for i in range(3 * width):
            a = _U16(spread[i])
            t = _U16(_U16(a * _U16(front[i])) + _U16(_U16(_U16(255) - a) * _U16(back[i])))
            t = _U16(t + _U16(128))
            result[i] = np.uint8(_U16(t + _U16(t >> _U16(8))) >> _U16(8))


@kernel(U8_3D, U8_3D, U8_2D, U16_1D, U8_1D, OUT_U8_3D)
def _blend_linear(
    foreground: ImageU8,
    background: ImageU8,
    alpha_u8: AlphaU8,
    to_linear: NDArray[np.uint16],
    to_gamma: NDArray[np.uint8],
    out: NDArray[np.uint8],
) -> None:
    height, width = alpha_u8.shape
    for y in range(height):
        for x in range(width):
            a = np.uint32(alpha_u8[y, x])
            if a == 0:
                for c in range(3):
                    out[y, x, c] = background[y, x, c]
            elif a == 255:
                for c in range(3):
                    out[y, x, c] = foreground[y, x, c]
            else:
                for c in range(3):
                    front = np.uint32(to_linear[foreground[y, x, c]])
                    back = np.uint32(to_linear[background[y, x, c]])
                    mixed = (a * front + (np.uint32(255) - a) * back + np.uint32(127)) // 255
                    out[y, x, c] = to_gamma[mixed >> 4]


def _srgb_to_linear() -> NDArray[np.uint16]:
    v = np.arange(256) / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    return np.round(linear * 65535).astype(np.uint16)


def _linear_to_srgb() -> NDArray[np.uint8]:
    v = (np.arange(4096) + 0.5) / 4096
    gamma = np.where(v <= 0.0031308, v * 12.92, 1.055 * v ** (1 / 2.4) - 0.055)
    return np.round(np.clip(gamma, 0, 1) * 255).astype(np.uint8)


_TO_LINEAR = _srgb_to_linear()
_TO_GAMMA = _linear_to_srgb()


def _check(foreground: ImageU8, background: ImageU8, alpha_u8: AlphaU8) -> None:
    if not foreground.shape == background.shape == (*alpha_u8.shape, 3):
        raise ValueError(
            f"blend: foreground {foreground.shape}, background {background.shape} and alpha "
            f"{alpha_u8.shape} must be of one size"
        )


def blend(foreground: ImageU8, background: ImageU8, alpha_u8: AlphaU8) -> ImageU8:
    """Blend foreground over background on gamma-encoded values.

    Args:
        foreground: (H, W, 3) uint8 RGB, straight, C-contiguous.
        background: (H, W, 3) uint8 RGB, C-contiguous.
        alpha_u8: (H, W) uint8; 255 keeps foreground.

    Returns:
        (H, W, 3) uint8 RGB, newly allocated.

    Raises:
        ValueError: sizes differ.
    """
    _check(foreground, background, alpha_u8)
    out = np.empty_like(foreground)
    _blend(foreground, background, alpha_u8, out)
    return out


def blend_linear(foreground: ImageU8, background: ImageU8, alpha_u8: AlphaU8) -> ImageU8:
    """Blend as `blend` does, but linear light (sRGB transfer function, IEC 61966-2-1)."""
    _check(foreground, background, alpha_u8)
    out = np.empty_like(foreground)
    _blend_linear(foreground, background, alpha_u8, _TO_LINEAR, _TO_GAMMA, out)
    return out


def cut_out(foreground: ImageU8, alpha_u8: AlphaU8) -> NDArray[np.uint8]:
    """Join foreground and alpha to RGBA; where alpha is 0 the colour is 0 too.

    Args:
        foreground: (H, W, 3) uint8 RGB, straight.
        alpha_u8: (H, W) uint8.

    Returns:
        (H, W, 4) uint8 RGBA, newly allocated.
    """
    out = cv2.cvtColor(cv2.copyTo(foreground, alpha_u8), cv2.COLOR_RGB2RGBA)
    cv2.insertChannel(alpha_u8, out, 3)
    return np.asarray(out, np.uint8)
