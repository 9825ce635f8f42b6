"""8-bit 4:2:0 to RGB and back, in loops that are compiled once per machine.

Runs in the capture thread and in the sinks' threads. The arithmetic is that of ITU-T H.273, rounded
once, in 16-bit fixed point; each chroma sample stands for its four pixels, and is their mean on the
way back, so that a picture that was not touched comes back with the numbers that it had. swscale,
which does all other formats, needs several times as long for the same.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import types
from numpy.typing import NDArray

from u2cam.core.arrays import ImageU8
from u2cam.imaging.color_tags import ColorTags

_LUMA_WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
"""Kr and Kb."""
_ONE = 1 << 16

_PLANE = types.Array(types.uint8, 2, "C", readonly=True)
_NUMBERS = types.Array(types.int32, 1, "C", readonly=True)
_OUT = types.Array(types.uint8, 2, "C")


def _decode(
    luma: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    out: NDArray[np.uint8],
) -> None:
    gain, black, red_v, green_u, green_v, blue_u = numbers
    width = out.shape[1] // 3
    for row in range(out.shape[0]):
        lumas, us, vs, to = luma[row], u[row >> 1], v[row >> 1], out[row]
        for pair in range(width >> 1):
            of_u, of_v = np.int32(us[pair]) - 128, np.int32(vs[pair]) - 128
            red = red_v * of_v + 32768
            green = green_u * of_u + green_v * of_v + 32768
            blue = blue_u * of_u + 32768
            # A fixed count, so that the compiler unrolls it and takes many pixels at once.
            for column in range(2):
                base = gain * (np.int32(lumas[2 * pair + column]) - black)
                to[6 * pair + 3 * column] = min(max((base + red) >> 16, 0), 255)
                to[6 * pair + 3 * column + 1] = min(max((base + green) >> 16, 0), 255)
                to[6 * pair + 3 * column + 2] = min(max((base + blue) >> 16, 0), 255)
        if width & 1:
            of_u, of_v = np.int32(us[width >> 1]) - 128, np.int32(vs[width >> 1]) - 128
            base = gain * (np.int32(lumas[width - 1]) - black) + 32768
            green = green_u * of_u + green_v * of_v
            to[3 * width - 3] = min(max((base + red_v * of_v) >> 16, 0), 255)
            to[3 * width - 2] = min(max((base + green) >> 16, 0), 255)
            to[3 * width - 1] = min(max((base + blue_u * of_u) >> 16, 0), 255)


def _encode(
    rgb: NDArray[np.uint8],
    numbers: NDArray[np.int32],
    luma: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
) -> None:
    y_r, y_g, y_b, u_r, u_g, u_b, v_r, v_g, v_b, black = numbers
    middle = np.int32((128 << 18) + (1 << 17))
    for row in range(rgb.shape[0]):
        pixels, to = rgb[row], luma[row]
        for column in range(rgb.shape[1] // 3):
            red, green, blue = (
                np.int32(pixels[3 * column]),
                np.int32(pixels[3 * column + 1]),
                np.int32(pixels[3 * column + 2]),
            )
            to[column] = (y_r * red + y_g * green + y_b * blue + black) >> 16
    for row in range(rgb.shape[0] >> 1):
        top, below, to_u, to_v = rgb[2 * row], rgb[2 * row + 1], u[row], v[row]
        for pair in range(rgb.shape[1] // 6):
            at = 6 * pair
            red = np.int32(top[at]) + top[at + 3] + below[at] + below[at + 3]
            green = np.int32(top[at + 1]) + top[at + 4] + below[at + 1] + below[at + 4]
            blue = np.int32(top[at + 2]) + top[at + 5] + below[at + 2] + below[at + 5]
            # Of four pixels: two more bits.
            to_u[pair] = min((u_r * red + u_g * green + u_b * blue + middle) >> 18, 255)
            to_v[pair] = min((v_r * red + v_g * green + v_b * blue + middle) >> 18, 255)


class _Compiled:
    """Compiles at the first call, or loads what an earlier run compiled."""

    def __init__(self, function: Callable[..., None], *arguments: Any) -> None:
        self._function = function
        self._signature = types.void(*arguments)
        self._compiled: Callable[..., None] | None = None

    def __call__(self, *arguments: Any) -> None:
        if self._compiled is None:
            try:
                compile_cached = numba.njit([self._signature], nogil=True, cache=True)
                self._compiled = compile_cached(self._function)
            except RuntimeError:  # no folder for the cache can be written
                self._compiled = numba.njit([self._signature], nogil=True)(self._function)
        self._compiled(*arguments)


_decode_compiled = _Compiled(_decode, _PLANE, _PLANE, _PLANE, _NUMBERS, _OUT)
_encode_compiled = _Compiled(_encode, _PLANE, _NUMBERS, _OUT, _OUT, _OUT)


def decode_420(
    luma: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
    tags: ColorTags,
    size_wh: tuple[int, int],
) -> ImageU8:
    """Convert the planes of a 4:2:0 picture to RGB.

    Args:
        luma: (H or more, W or more) uint8, contiguous; rows may be padded.
        u: (ceil(H / 2) or more, ceil(W / 2) or more).
        v: as u.
        tags: range and matrix.
        size_wh: W and H.
    Returns: (H, W, 3) uint8 RGB, newly allocated.
    """
    width, height = size_wh
    out = np.empty((height, width * 3), np.uint8)
    _decode_compiled(luma, u, v, _decoding_numbers(tags), out)
    return out.reshape(height, width, 3)


def encode_420(
    image: ImageU8,
    tags: ColorTags,
    luma: NDArray[np.uint8],
    u: NDArray[np.uint8],
    v: NDArray[np.uint8],
) -> None:
    """Convert RGB to the planes of a 4:2:0 picture.

    Args:
        image: (H, W, 3) uint8 RGB, contiguous, of even size.
        tags: range and matrix.
        luma: (H, W or more) uint8, contiguous; written.
        u: (H / 2, W / 2 or more); written.
        v: as u.
    """
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        raise ValueError(f"4:2:0: wanted an even size, got {width}x{height}")
    flat = image.reshape(height, 3 * width)
    _encode_compiled(flat, _encoding_numbers(tags), luma, u, v)


def warm_up_encoding() -> None:
    """Compile what `encode_420` needs, a second or two on a new computer; nothing afterwards."""
    luma, u, v = (np.empty((side, side), np.uint8) for side in (2, 1, 1))
    encode_420(np.zeros((2, 2, 3), np.uint8), ColorTags(), luma, u, v)


def _decoding_numbers(tags: ColorTags) -> NDArray[np.int32]:
    kr, kb = _LUMA_WEIGHTS[tags.matrix]
    kg = 1 - kr - kb
    full = tags.range == "full"
    gain, chroma = (1.0, 1.0) if full else (255 / 219, 255 / 224)
    factors = (
        2 * (1 - kr) * chroma,
        -2 * (1 - kb) * kb / kg * chroma,
        -2 * (1 - kr) * kr / kg * chroma,
        2 * (1 - kb) * chroma,
    )
    scaled = [round(factor * _ONE) for factor in factors]
    return np.array([round(gain * _ONE), 0 if full else 16, *scaled], np.int32)


def _encoding_numbers(tags: ColorTags) -> NDArray[np.int32]:
    kr, kb = _LUMA_WEIGHTS[tags.matrix]
    kg = 1 - kr - kb
    full = tags.range == "full"
    gain, chroma = (1.0, 1.0) if full else (219 / 255, 224 / 255)
    of_u, of_v = chroma / (2 * (1 - kb)), chroma / (2 * (1 - kr))
    factors = [kr * gain, kg * gain, kb * gain]
    factors += [-kr * of_u, -kg * of_u, (1 - kb) * of_u]
    factors += [(1 - kr) * of_v, -kg * of_v, -kb * of_v]
    black = (0 if full else 16 * _ONE) + _ONE // 2
    return np.array([*(round(factor * _ONE) for factor in factors), black], np.int32)
