"""Edge refinement: fits a small matte to the edges of the full frame.

Fast guided filter (He and Sun, "Fast Guided Filter", arXiv 1505.00996, 2015; He, Sun and Tang,
"Guided Image Filtering", 2013) with the frame's colours as guide: within a window the matte is a
linear function of red, green and blue. The coefficients are found on the small grid; the loop
here brings them to full size, applies them to the frame's own colours and the level table, and
writes 8 bits. Cells of the grid whose result is cut to 0 or 255 whatever the colour are filled at
once: most of a frame.

Colour instead of luma, because a sleeve and the grass behind it often differ in hue alone: with
luma the edges of the measured clips get worse, with colour the Grad error halves (see
`docs/picture.md`).
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8, ImageU8, MapF32
from u2cam.core.kernel import (
    F32,
    F32_1D,
    F32_2D,
    F32_3D,
    F32_4D,
    I32_1D,
    OUT_F32_3D,
    OUT_F32_4D,
    OUT_U8_2D,
    U8_1D,
    U8_3D,
    kernel,
    part,
)
from u2cam.effects.grid import spread
from u2cam.effects.scratch import Scratch


@kernel(U8_3D, F32_2D, OUT_F32_4D)
def _moments(image: ImageU8, alpha: AlphaF32, out: MapF32) -> None:
    height, width = alpha.shape
    for y in range(height):
        for x in range(width):
            r = np.float32(image[y, x, 0]) * np.float32(1 / 255)
            g = np.float32(image[y, x, 1]) * np.float32(1 / 255)
            b = np.float32(image[y, x, 2]) * np.float32(1 / 255)
            p = alpha[y, x]
            # In groups of four: OpenCV's blur of more channels takes half as long again.
            out[0, y, x, 0] = r
            out[0, y, x, 1] = g
            out[0, y, x, 2] = b
            out[0, y, x, 3] = r * r
            out[1, y, x, 0] = r * g
            out[1, y, x, 1] = r * b
            out[1, y, x, 2] = g * g
            out[1, y, x, 3] = g * b
            out[2, y, x, 0] = b * b
            out[2, y, x, 1] = r * p
            out[2, y, x, 2] = g * p
            out[2, y, x, 3] = b * p


@kernel(F32_4D, F32_2D, F32, OUT_F32_3D)
def _solve(means: MapF32, mean_alpha: AlphaF32, eps: float, out: MapF32) -> None:
    height, width = mean_alpha.shape
    nearly = np.float32(1e-5)
    for y in range(height):
        for x in range(width):
            r = means[0, y, x, 0]
            g = means[0, y, x, 1]
            b = means[0, y, x, 2]
            p = mean_alpha[y, x]
            if p < nearly or p > np.float32(1) - nearly:  # the same all around: nothing to fit
                out[y, x, 0] = 0
                out[y, x, 1] = 0
                out[y, x, 2] = 0
                out[y, x, 3] = p
                continue
            # Covariance of the colours plus eps on the diagonal, inverted by cofactors.
            rr = means[0, y, x, 3] - r * r + eps
            rg = means[1, y, x, 0] - r * g
            rb = means[1, y, x, 1] - r * b
            gg = means[1, y, x, 2] - g * g + eps
            gb = means[1, y, x, 3] - g * b
            bb = means[2, y, x, 0] - b * b + eps
            rp = means[2, y, x, 1] - r * p
            gp = means[2, y, x, 2] - g * p
            bp = means[2, y, x, 3] - b * p
            c00 = gg * bb - gb * gb
            c01 = gb * rb - rg * bb
            c02 = rg * gb - gg * rb
            c11 = rr * bb - rb * rb
            c12 = rb * rg - rr * gb
            c22 = rr * gg - rg * rg
            scale = np.float32(1) / (rr * c00 + rg * c01 + rb * c02)
            ar = (c00 * rp + c01 * gp + c02 * bp) * scale
            ag = (c01 * rp + c11 * gp + c12 * bp) * scale
            ab = (c02 * rp + c12 * gp + c22 * bp) * scale
            out[y, x, 0] = ar
            out[y, x, 1] = ag
            out[y, x, 2] = ab
            out[y, x, 3] = p - ar * r - ag * g - ab * b


def guided_coefficients(
    image_small: ImageU8,
    alpha: AlphaF32,
    radius_px: int,
    eps: float,
    scratch: Scratch | None = None,
) -> MapF32:
    """Return the guided filter's averaged coefficients on the small grid.

    Args:
        image_small: (h, w, 3) uint8 RGB, the frame on the grid.
        alpha: (h, w) float32, the matte at the same size.
        radius_px: half the window, in pixels of the grid, ≥ 1.
        eps: variance of a colour channel, in [0, 1], from which on an edge is kept, > 0.
        scratch: room kept from frame to frame; the result lies in it.

    Returns:
        (h, w, 4) float32: the matte is `c[0] * red + c[1] * green + c[2] * blue + c[3]`.
    """
    room = scratch or Scratch()
    size = (2 * radius_px + 1, 2 * radius_px + 1)
    moments = room.floats("moments", (3, *alpha.shape, 4))
    means = room.floats("means", (3, *alpha.shape, 4))
    mean_alpha = room.floats("mean alpha", alpha.shape)
    solved = room.floats("solved", (*alpha.shape, 4))
    smoothed = room.floats("smoothed", (*alpha.shape, 4))
    _moments(image_small, alpha, moments)
    for group, mean in zip(moments, means, strict=True):
        cv2.blur(group, size, mean, borderType=cv2.BORDER_REFLECT)
    cv2.blur(alpha, size, mean_alpha, borderType=cv2.BORDER_REFLECT)
    _solve(means, mean_alpha, eps, solved)
    cv2.blur(solved, size, smoothed, borderType=cv2.BORDER_REFLECT)
    return smoothed


_CUT, _OPEN, _FULL = 0, 1, 2


@part
def _judge(
    coefficients: MapF32,
    upper: int,
    cut_below: np.float32,
    full_from: int,
    state: NDArray[np.uint8],
) -> None:
    """Find which cells between two rows of the grid are cut or full whatever the colour."""
    rows, columns = coefficients.shape[:2]
    lower = min(upper + 1, rows - 1)
    for j in range(columns):
        # No colour takes the result outside of these bounds.
        right = min(j + 1, columns - 1)
        least = np.float32(1e9)
        most = np.float32(-1e9)
        for n in range(4):
            r = upper if n < 2 else lower
            c = j if n % 2 == 0 else right
            low = coefficients[r, c, 3]
            high = low
            for k in range(3):
                low += min(coefficients[r, c, k], np.float32(0))
                high += max(coefficients[r, c, k], np.float32(0))
            least = min(least, low)
            most = max(most, high)
        state[j] = _OPEN
        if most * np.float32(255) < cut_below:
            state[j] = _CUT
        elif least * np.float32(255) >= full_from:
            state[j] = _FULL


@kernel(U8_3D, F32_3D, U8_1D, I32_1D, F32_1D, I32_1D, F32_1D, OUT_U8_2D)
def _apply(
    image: ImageU8,
    coefficients: MapF32,
    table: NDArray[np.uint8],
    left: NDArray[np.int32],
    share_x: NDArray[np.float32],
    top: NDArray[np.int32],
    share_y: NDArray[np.float32],
    out: NDArray[np.uint8],
) -> None:
    height, width = out.shape
    rows, columns = coefficients.shape[:2]
    zero_below = 0  # table[v] is 0 for every v below, 255 for every v from full_from on
    while zero_below < 255 and table[zero_below] == 0:
        zero_below += 1
    full_from = 255
    while full_from > 0 and table[full_from - 1] == 255:
        full_from -= 1
    cut_below = np.float32(zero_below) - np.float32(0.5)
    first = np.empty(columns + 1, np.int32)  # first pixel between cells j and j + 1
    x = 0
    for j in range(columns):
        while x < width and left[x] < j:
            x += 1
        first[j] = x
    first[columns] = width
    state = np.empty(columns, np.uint8)
    row = np.empty((columns, 4), np.float32)
    done = -1
    for y in range(height):
        upper = top[y]
        lower = min(upper + 1, rows - 1)
        if upper != done:
            done = upper
            _judge(coefficients, upper, cut_below, full_from, state)
        part_y = share_y[y]
        j = 0
        while j < columns:
            kind = state[j]
            after = j + 1
            while after < columns and state[after] == kind:
                after += 1
            begin = first[j]
            end = first[after]
            if kind == _CUT:
                out[y, begin:end] = 0
            elif kind == _FULL:
                out[y, begin:end] = 255
            else:
                for cell in range(j, min(after + 1, columns)):
                    for k in range(4):
                        value = coefficients[upper, cell, k]
                        row[cell, k] = value + part_y * (coefficients[lower, cell, k] - value)
                    row[cell, 3] = row[cell, 3] * np.float32(255) + np.float32(0.5)
                for cell in range(j, after):
                    r, g, b, rest = row[cell]
                    right = min(cell + 1, columns - 1)
                    step_r = row[right, 0] - r
                    step_g = row[right, 1] - g
                    step_b = row[right, 2] - b
                    step = row[right, 3] - rest
                    for x in range(first[cell], first[cell + 1]):
                        f = share_x[x]
                        value = rest + f * step
                        value += (r + f * step_r) * np.float32(image[y, x, 0])
                        value += (g + f * step_g) * np.float32(image[y, x, 1])
                        value += (b + f * step_b) * np.float32(image[y, x, 2])
                        value = min(max(value, np.float32(0)), np.float32(255))
                        out[y, x] = table[np.uint8(value)]
            j = after


def apply_coefficients(image: ImageU8, coefficients: MapF32, table: NDArray[np.uint8]) -> AlphaU8:
    """Apply the coefficients to the full frame's colours, then the level table.

    Args:
        image: (H, W, 3) uint8 RGB, C-contiguous.
        coefficients: (h, w, 4) float32 of `guided_coefficients`; with the first three 0 the
            fourth is only resized, bilinearly.
        table: (256,) uint8, not decreasing.

    Returns:
        (H, W) uint8, newly allocated.
    """
    out = np.empty(image.shape[:2], np.uint8)
    left, share_x = spread(coefficients.shape[1], image.shape[1])
    top, share_y = spread(coefficients.shape[0], image.shape[0])
    _apply(image, coefficients, table, left, share_x, top, share_y, out)
    return out
