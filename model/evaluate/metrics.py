"""Measures of mattes against the truth; all take (H, W) float arrays in [0, 1].

MAD, MSE, Grad, Conn and dtSSD with the scales of the Robust Video Matting paper (arXiv
2108.11515): MAD and MSE times 10³, Grad and Conn divided by 10³, dtSSD times 10².
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Matte = NDArray[np.float32]

GRADIENT_SIGMA_PX = 1.4
CONNECTIVITY_STEP = 0.1
CONNECTIVITY_SLACK = 0.15
BAND_PX = 10
"""Pixels this near to the truth's edge are its band, all others its core."""
UNCHANGED_LEVELS = 3
"""Mean change of luma, of 255, over 9×9 pixels below which a frame is taken not to change."""


def mad(alpha: Matte, truth: Matte) -> float:
    """Mean absolute difference × 10³."""
    return 1000 * float(np.abs(alpha - truth).mean())


def mse(alpha: Matte, truth: Matte) -> float:
    """Mean squared error × 10³."""
    return 1000 * float(np.square(alpha - truth).mean())


def gradient_magnitude(image: Matte, sigma_px: float = GRADIENT_SIGMA_PX) -> NDArray[np.float64]:
    """Length of the gradient, by derivatives of a Gaussian normalised to unit energy."""
    radius = int(np.ceil(sigma_px * np.sqrt(-2 * np.log(np.sqrt(2 * np.pi) * sigma_px * 0.01))))
    x = np.arange(-radius, radius + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * sigma_px**2)) / (sigma_px * np.sqrt(2 * np.pi))
    slope = -x * smooth / sigma_px**2
    kernel = np.outer(smooth, slope)
    kernel /= np.sqrt(np.square(kernel).sum())
    wide = image.astype(np.float64)
    along_x = cv2.filter2D(wide, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    along_y = cv2.filter2D(wide, -1, kernel.T, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(np.hypot(along_x, along_y), np.float64)


def gradient_error(alpha: Matte, truth: Matte) -> float:
    """Grad of Rhemann et al. (CVPR 2009): summed squared difference of gradients, / 10³."""
    difference = gradient_magnitude(alpha) - gradient_magnitude(truth)
    return float(np.square(difference).sum()) / 1000


def connectivity_error(alpha: Matte, truth: Matte) -> float:
    """Conn of Rhemann et al. (CVPR 2009), / 10³.

    The level of a pixel is the highest threshold at which it still belongs to the largest region
    that both mattes share; how far a matte rises above that level is what is not connected.
    """
    level = np.full(alpha.shape, -1.0)
    steps = np.arange(0, 1 + CONNECTIVITY_STEP / 2, CONNECTIVITY_STEP)
    for before, threshold in itertools.pairwise(steps):
        shared = ((alpha >= threshold) & (truth >= threshold)).astype(np.uint8)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(shared, connectivity=4)
        if count > 1:
            largest = 1 + int(np.argmax(stats[1:, cv2.CC_STAT_AREA]))
            region = labels == largest
        else:
            region = np.zeros(alpha.shape, bool)
        level[(level < 0) & ~region] = before
    level[level < 0] = 1.0

    def connected(matte: Matte) -> NDArray[np.float64]:
        rise = matte.astype(np.float64) - level
        return np.asarray(1 - rise * (rise >= CONNECTIVITY_SLACK), np.float64)

    return float(np.abs(connected(alpha) - connected(truth)).sum()) / 1000


def dtssd(alpha: Matte, alpha_before: Matte, truth: Matte, truth_before: Matte) -> float:
    """Error of the change between frames (Erofeev et al., BMVC 2015), root mean square × 10²."""
    error = (alpha - alpha_before) - (truth - truth_before)
    return 100 * float(np.sqrt(np.square(error).mean()))


def iou(alpha: Matte, truth: Matte) -> float:
    """Intersection over union of the mattes cut at one half; 1 when both are empty."""
    mask, true_mask = alpha > 0.5, truth > 0.5
    union = int((mask | true_mask).sum())
    return float((mask & true_mask).sum()) / union if union else 1.0


def edge_band(truth: Matte) -> NDArray[np.bool_]:
    """Return the pixels within `BAND_PX` of the truth's edge or of a soft pixel."""
    soft = ((truth > 0.02) & (truth < 0.98)).astype(np.uint8)
    person = (truth > 0.5).astype(np.uint8)
    edge = soft | np.asarray(
        cv2.morphologyEx(person, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    )
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * BAND_PX + 1,) * 2)
    return np.asarray(cv2.dilate(edge, disc)) > 0


def flicker(frames: NDArray[np.uint8], mattes: Sequence[Matte], skipped: int = 3) -> float:
    """Mean change of alpha × 10³ from frame to frame where the frame does not change.

    Args:
        frames: (T, H, W, 3) uint8 RGB.
        mattes: T of (H, W).
        skipped: frames at the start, in which a recurrent network finds its feet.
    """
    luma = [cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in frames]
    changes = []
    for t in range(skipped, len(luma)):
        change = np.asarray(cv2.blur(cv2.absdiff(luma[t - 1], luma[t]), (9, 9)))
        calm = (change < UNCHANGED_LEVELS).astype(np.uint8)
        still = np.asarray(cv2.erode(calm, np.ones((9, 9), np.uint8))) > 0
        if still.any():
            changes.append(float(np.abs(mattes[t] - mattes[t - 1])[still].mean()))
    return 1000 * float(np.mean(changes)) if changes else 0.0
