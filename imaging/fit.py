"""Bring a picture to a size of another shape."""

from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.imaging.pyramid import halve_towards

Fit = Literal["cover", "contain", "stretch"]


def fit_picture(
    picture: NDArray[np.uint8], size_wh: tuple[int, int], fit: Fit, *, quick: bool = False
) -> NDArray[np.uint8]:
    """Bring a picture to a size.

    Args:
        picture: (h, w, 3) RGB, (h, w, 4) straight RGBA or (h, w) gray, uint8.
        size_wh: width and height wanted.
        fit: cover fills and crops the middle, contain adds bars (black; of RGBA, empty), stretch
            distorts.
        quick: for every frame of a run: shrink by halves and then bilinearly, in a fifth of the
            time of averaging areas.

    Returns:
        (H, W, ...) uint8 of the same kind, C-contiguous.
    """
    width, height = size_wh
    h, w = picture.shape[:2]
    if (w, h) == size_wh:
        return np.ascontiguousarray(picture)
    if fit == "stretch":
        return _resize(picture, size_wh, quick)
    if fit == "cover":
        scale = max(width / w, height / h)
        # Crop before resizing: less to compute.
        crop_w, crop_h = min(w, max(1, round(width / scale))), min(h, max(1, round(height / scale)))
        x, y = (w - crop_w) // 2, (h - crop_h) // 2
        return _resize(picture[y : y + crop_h, x : x + crop_w], size_wh, quick)
    scale = min(width / w, height / h)
    inner_wh = (min(width, max(1, round(w * scale))), min(height, max(1, round(h * scale))))
    out = np.zeros((height, width, *picture.shape[2:]), np.uint8)
    x, y = (width - inner_wh[0]) // 2, (height - inner_wh[1]) // 2
    out[y : y + inner_wh[1], x : x + inner_wh[0]] = _resize(picture, inner_wh, quick)
    return out


def _resize(picture: NDArray[np.uint8], size_wh: tuple[int, int], quick: bool) -> NDArray[np.uint8]:
    if picture.ndim == 3 and picture.shape[2] == 4:
        return _resize_rgba(picture, size_wh)
    width, height = size_wh
    shrinks = width < picture.shape[1] or height < picture.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    if quick and shrinks:
        picture, how = halve_towards(picture, size_wh), cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(picture, size_wh, interpolation=how), dtype=np.uint8)


def _resize_rgba(picture: NDArray[np.uint8], size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """Resize straight RGBA: averaged by alpha, so that no hidden colour gets into an edge."""
    values = picture.astype(np.float32)
    values[..., :3] *= values[..., 3:] * np.float32(1 / 255)
    shrinks = size_wh[0] < picture.shape[1] or size_wh[1] < picture.shape[0]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    values = np.asarray(cv2.resize(values, size_wh, interpolation=how), np.float32)
    alpha = values[..., 3:]
    values[..., :3] *= np.float32(255) / np.maximum(alpha, np.float32(0.5))
    values[alpha[..., 0] < 0.5] = 0
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
