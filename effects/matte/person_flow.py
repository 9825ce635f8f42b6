"""Optical flow for mattes: around the outline everything moves as the person does.

Dense flow is least sure where a matte needs it most: at the outline a patch holds person and
scene, and what it finds is something between the motions of the two. But the outline belongs to
the person. So the flow is averaged over the person's side alone, by the matte as weight, and then
fitted to the picture by one step of Lucas and Kanade ("An Iterative Image Registration Technique",
1981) with the same weight. Far from the person the flow stays as it was.

All of it on half the grid: the windows are wide, and a quarter of the work remains.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, MapF32
from u2cam.core.kernel import F32, F32_2D, F32_3D, OUT_F32_3D, kernel

RADIUS_PX = 6
"""Half the window, on half the grid. With 4 the tuning clips' dtSSD is a point higher, with 8 it is
the same."""

LEAST_WEIGHT = 0.02
"""Of the flow as it was, against a window full of person."""

LEAST_TEXTURE = 1.0
"""Squared levels: a window whose gradients are weaker is left where it is."""

MOST_PX = 1.0
"""Length of the step on half the grid: what lies farther is no refinement."""


@kernel(F32_2D, F32_3D, OUT_F32_3D)
def _weigh(alpha: AlphaF32, flow: MapF32, out: MapF32) -> None:
    height, width = alpha.shape
    for y in range(height):
        for x in range(width):
            weight = max(np.float32(2) * alpha[y, x] - np.float32(1), np.float32(0))
            out[y, x, 0] = weight
            out[y, x, 1] = weight * flow[y, x, 0]
            out[y, x, 2] = weight * flow[y, x, 1]


@kernel(F32_3D, F32_3D, OUT_F32_3D)
def _average(sums: MapF32, flow: MapF32, out: MapF32) -> None:
    height, width = out.shape[:2]
    least = np.float32(LEAST_WEIGHT)
    for y in range(height):
        for x in range(width):
            scale = np.float32(1) / (sums[y, x, 0] + least)
            out[y, x, 0] = (sums[y, x, 1] + least * flow[y, x, 0]) * scale
            out[y, x, 1] = (sums[y, x, 2] + least * flow[y, x, 1]) * scale


@kernel(F32_2D, F32_2D, F32_3D, F32_3D, F32, F32, OUT_F32_3D)
def _products(
    now: MapF32,
    before: MapF32,
    weighed: MapF32,
    flow: MapF32,
    scale_x: float,
    scale_y: float,
    products: MapF32,
) -> None:
    height, width = now.shape
    error = np.empty((height, width), np.float32)
    middle = np.empty((height, width), np.float32)
    for y in range(height):
        for x in range(width):
            u = np.float32(x) + flow[y, x, 0] * scale_x
            v = np.float32(y) + flow[y, x, 1] * scale_y
            u = min(max(u, np.float32(0)), np.float32(width - 1))
            v = min(max(v, np.float32(0)), np.float32(height - 1))
            left = np.int32(u)
            top = np.int32(v)
            right = min(left + 1, width - 1)
            bottom = min(top + 1, height - 1)
            u -= np.float32(left)
            v -= np.float32(top)
            upper = before[top, left] + u * (before[top, right] - before[top, left])
            lower = before[bottom, left] + u * (before[bottom, right] - before[bottom, left])
            value = upper + v * (lower - upper)
            error[y, x] = value - now[y, x]
            middle[y, x] = np.float32(0.5) * (value + now[y, x])
    half = np.float32(0.5)
    for y in range(height):
        for x in range(width):
            gx = np.float32(0)
            gy = np.float32(0)
            if 0 < x < width - 1:
                gx = half * (middle[y, x + 1] - middle[y, x - 1])
            if 0 < y < height - 1:
                gy = half * (middle[y + 1, x] - middle[y - 1, x])
            weight = weighed[y, x, 0]
            products[y, x, 0] = weight * gx * gx
            products[y, x, 1] = weight * gx * gy
            products[y, x, 2] = weight * gy * gy
            products[y, x, 3] = weight * gx * error[y, x]
            products[y, x, 4] = weight * gy * error[y, x]


@kernel(F32_3D, F32_3D, F32, F32, OUT_F32_3D)
def _step(sums: MapF32, flow: MapF32, scale_x: float, scale_y: float, out: MapF32) -> None:
    height, width = out.shape[:2]
    least = np.float32(LEAST_TEXTURE)
    most = np.float32(MOST_PX)
    for y in range(height):
        for x in range(width):
            xx = sums[y, x, 0] + least
            xy = sums[y, x, 1]
            yy = sums[y, x, 2] + least
            scale = np.float32(-1) / (xx * yy - xy * xy)
            u = (yy * sums[y, x, 3] - xy * sums[y, x, 4]) * scale
            v = (xx * sums[y, x, 4] - xy * sums[y, x, 3]) * scale
            shorten = most / max(np.sqrt(u * u + v * v), most)
            out[y, x, 0] = flow[y, x, 0] + u * shorten / scale_x
            out[y, x, 1] = flow[y, x, 1] + v * shorten / scale_y


def person_flow(
    flow: MapF32, now_u8: NDArray[np.uint8], before_u8: NDArray[np.uint8], alpha: AlphaF32
) -> MapF32:
    """Let what is around the person move with the person.

    Args:
        flow: (h, w, 2) float32, where each pixel lay in the frame before, as offset in pixels.
        now_u8: (h, w) uint8, the frame's luma.
        before_u8: (h, w) uint8, that of the frame before.
        alpha: (h, w) float32, the frame's own matte.

    Returns:
        (h, w, 2) float32; frames less than 16 pixels high or wide get `flow` itself.
    """
    height, width = alpha.shape
    columns, rows = width // 2, height // 2
    if min(columns, rows) < 8:
        return flow
    window = (2 * RADIUS_PX + 1, 2 * RADIUS_PX + 1)
    size = (columns, rows)
    scale_x, scale_y = columns / width, rows / height
    # Offsets keep the length that they have in the frame's grid.
    old = np.asarray(cv2.resize(flow, size), np.float32)
    weighed = np.empty((rows, columns, 3), np.float32)
    _weigh(np.asarray(cv2.resize(alpha, size), np.float32), old, weighed)
    moved, fitted = np.empty_like(old), np.empty_like(old)
    _average(np.asarray(cv2.blur(weighed, window), np.float32), old, moved)
    now, before = (_halved(luma, size) for luma in (now_u8, before_u8))
    products = np.empty((rows, columns, 5), np.float32)
    _products(now, before, weighed, moved, scale_x, scale_y, products)
    _step(np.asarray(cv2.blur(products, window), np.float32), moved, scale_x, scale_y, fitted)
    return np.asarray(cv2.resize(fitted, (width, height)), np.float32)


def _halved(luma_u8: NDArray[np.uint8], size_wh: tuple[int, int]) -> MapF32:
    """Without noise and the finest texture, on which a step of this length would go astray."""
    small = cv2.resize(luma_u8.astype(np.float32), size_wh)
    return np.asarray(cv2.blur(small, (3, 3)), np.float32)
