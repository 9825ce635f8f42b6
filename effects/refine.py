"""Edge refinement: fits a small matte to the edges of the full frame.

Fast guided filter (He and Sun, "Fast Guided Filter", arXiv 1505.00996, 2015; He, Sun and Tang,
"Guided Image Filtering", 2013): within a window the matte is a linear function of the frame's
luma, `alpha = a * luma + b`. The coefficients are found on the small grid; the loop here brings
them to full size, applies them to the frame's own luma and the level table, and writes 8 bits.
Cells of the grid whose result is cut to 0 or 255 whatever the luma are filled at once: most of
a frame.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from effects.array_types import AlphaF32, AlphaU8, ImageU8, LumaF32, MapF32
from effects.kernel import F32_2D, OUT_U8_2D, U8_1D, U8_3D, kernel


def guided_coefficients(
    guide: LumaF32, alpha: AlphaF32, radius_px: int, eps: float
) -> tuple[MapF32, MapF32]:
    """Return the guided filter's averaged coefficients (a, b) on the small grid.

    Args:
        guide: (h, w) float32 luma in [0, 1].
        alpha: (h, w) float32, the matte at the guide's size.
        radius_px: half the window, in pixels of the grid, ≥ 1.
        eps: variance of luma from which on an edge is kept.

    Returns:
        a and b, (h, w) float32 each: the matte is `a * luma + b`.
    """
    size = (2 * radius_px + 1, 2 * radius_px + 1)
    stack = cv2.merge([guide, alpha, guide * guide, guide * alpha])
    mean = cv2.blur(stack, size, borderType=cv2.BORDER_REFLECT)
    mean_guide, mean_alpha = mean[..., 0], mean[..., 1]
    variance = mean[..., 2] - mean_guide * mean_guide
    covariance = mean[..., 3] - mean_guide * mean_alpha
    a = covariance / (np.maximum(variance, 0) + np.float32(eps))
    b = mean_alpha - a * mean_guide
    smooth = cv2.blur(cv2.merge([a, b]), size, borderType=cv2.BORDER_REFLECT)
    return (
        np.ascontiguousarray(smooth[..., 0], dtype=np.float32),
        np.ascontiguousarray(smooth[..., 1], dtype=np.float32),
    )


@kernel(U8_3D, F32_2D, F32_2D, U8_1D, OUT_U8_2D)
def _apply(
    image: ImageU8, a: MapF32, b: MapF32, table: NDArray[np.uint8], out: NDArray[np.uint8]
) -> None:
    height, width = out.shape
    rows, columns = a.shape
    zero_below = 0  # table[v] is 0 for every v below, 255 for every v from full_from on
    while zero_below < 255 and table[zero_below] == 0:
        zero_below += 1
    full_from = 255
    while full_from > 0 and table[full_from - 1] == 255:
        full_from -= 1
    scale_y = rows / height
    scale_x = columns / width
    row_a = np.empty(columns, np.float32)
    row_b = np.empty(columns, np.float32)
    for y in range(height):
        position = min(max((y + 0.5) * scale_y - 0.5, 0.0), rows - 1.0)
        top = int(position)
        bottom = min(top + 1, rows - 1)
        part = np.float32(position - top)
        for j in range(columns):
            row_a[j] = a[top, j] + part * (a[bottom, j] - a[top, j])
            row_b[j] = b[top, j] + part * (b[bottom, j] - b[top, j])
        start = 0
        for j in range(columns):
            # Pixels between the centres of cells j and j + 1; the outer ones are held.
            end = width
            if j < columns - 1:
                end = min(width, int(np.ceil((j + 1.5) / scale_x - 0.5)))
            right = min(j + 1, columns - 1)
            a0 = row_a[j]
            b0 = row_b[j]
            da = row_a[right] - a0
            db = row_b[right] - b0
            low = np.float32(255) * min(b0 + min(a0, 0), row_b[right] + min(row_a[right], 0))
            high = np.float32(255) * max(b0 + max(a0, 0), row_b[right] + max(row_a[right], 0))
            if high + np.float32(0.5) < zero_below:
                for x in range(start, end):
                    out[y, x] = 0
            elif low >= full_from:
                for x in range(start, end):
                    out[y, x] = 255
            else:
                for x in range(start, end):
                    f = np.float32(min(max((x + 0.5) * scale_x - 0.5 - j, 0.0), 1.0))
                    light = np.float32(
                        77 * np.int32(image[y, x, 0])
                        + 150 * np.int32(image[y, x, 1])
                        + 29 * np.int32(image[y, x, 2])
                    )
                    value = (a0 + f * da) * light * np.float32(1 / 256) + np.float32(255) * (
                        b0 + f * db
                    )
                    value = min(max(value + np.float32(0.5), np.float32(0)), np.float32(255))
                    out[y, x] = table[int(value)]
            start = end


def apply_coefficients(image: ImageU8, a: MapF32, b: MapF32, table: NDArray[np.uint8]) -> AlphaU8:
    """Apply `a * luma + b` and the level table to the full frame.

    Args:
        image: (H, W, 3) uint8 RGB, C-contiguous.
        a: (h, w) float32; all zero gives plain bilinear upsampling of `b`.
        b: (h, w) float32.
        table: (256,) uint8, not decreasing.

    Returns:
        (H, W) uint8, newly allocated.
    """
    out = np.empty(image.shape[:2], np.uint8)
    _apply(image, a, b, table, out)
    return out


def joint_bilateral(guide: ImageU8, alpha: AlphaF32, radius_px: int) -> AlphaF32:
    """Average the matte over neighbours of like colour, on the grid.

    Joint bilateral upsampling (Kopf et al. 2007) with the averaging done on the grid: at full
    size it costs tens of milliseconds. Kept for comparison; see `docs/picture.md`.

    Args:
        guide: (h, w, 3) uint8 RGB.
        alpha: (h, w) float32.
        radius_px: half the window, in pixels of the grid.

    Returns:
        (h, w) float32.
    """
    colours = guide.astype(np.float32)
    total = np.zeros_like(alpha)
    weights = np.zeros_like(alpha)
    height, width = alpha.shape
    step = max(1, radius_px // 3)
    offsets = range(-radius_px, radius_px + 1, step)
    reach = (radius_px, radius_px)
    padded = np.pad(colours, (reach, reach, (0, 0)), mode="symmetric")
    padded_alpha = np.pad(alpha, (reach, reach), mode="symmetric")
    for dy in offsets:
        for dx in offsets:
            y, x = radius_px + dy, radius_px + dx
            shifted = padded[y : y + height, x : x + width]
            difference = ((shifted - colours) ** 2).sum(axis=2, dtype=np.float32)
            near = np.exp(-(dx * dx + dy * dy) / (2 * (radius_px / 2) ** 2))
            weight = np.exp(difference / np.float32(-2 * 20.0**2)) * np.float32(near)
            total += weight * padded_alpha[y : y + height, x : x + width]
            weights += weight
    return np.divide(total, weights, dtype=np.float32)
