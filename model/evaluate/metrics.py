"""Measures of mattes against the truth; all take (H, W) float arrays in [0, 1].

MAD, MSE, Grad, Conn and dtSSD with the scales of the Robust Video Matting paper (arXiv
2108.11515): MAD and MSE times 10³, Grad and Conn divided by 10³, dtSSD times 10². MAE, max-F and
S-measure are those of the U²-Net paper (arXiv 2005.09007).
"""

from __future__ import annotations

import itertools
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Matte = NDArray[np.float32]

GRADIENT_SIGMA_PX = 1.4
CONNECTIVITY_STEP = 0.1
CONNECTIVITY_SLACK = 0.15
F_BETA_SQUARED = 0.3
THRESHOLDS = 255


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


class PrecisionRecall(NamedTuple):
    """Precision and recall at each of the thresholds 0, 1/255 … 254/255 (strictly above)."""

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]


def precision_recall(alpha: Matte, truth: Matte) -> PrecisionRecall:
    """Count one picture's hits at every threshold; the truth is cut at one half."""
    levels = np.clip(np.ceil(alpha * 255 - 1e-6), 0, 255).astype(np.int64)
    positive = truth > 0.5
    # hits[t]: pixels with alpha > t / 255
    hits = np.bincount(levels[positive], minlength=256)[::-1].cumsum()[::-1][1:]
    found = np.bincount(levels.ravel(), minlength=256)[::-1].cumsum()[::-1][1:]
    precision = np.where(found > 0, hits / np.maximum(found, 1), 1.0)
    recall = hits / max(int(positive.sum()), 1)
    return PrecisionRecall(precision, recall)


def max_f(curves: list[PrecisionRecall]) -> float:
    """Highest F-measure (β² = 0.3) of the mean precision and recall over a set of pictures."""
    precision = np.mean([curve.precision for curve in curves], axis=0)
    recall = np.mean([curve.recall for curve in curves], axis=0)
    top = (1 + F_BETA_SQUARED) * precision * recall
    bottom = F_BETA_SQUARED * precision + recall
    return float(np.max(top / np.maximum(bottom, 1e-12)))


def s_measure(alpha: Matte, truth: Matte) -> float:
    """Structure measure (Fan et al., ICCV 2017), objects and regions counted equally."""
    mask = truth > 0.5
    share = float(mask.mean())
    if share == 0:
        return 1 - float(alpha.mean())
    if share == 1:
        return float(alpha.mean())
    objects = share * _object_score(alpha[mask]) + (1 - share) * _object_score(1 - alpha[~mask])
    return max(0.0, 0.5 * objects + 0.5 * _region_score(alpha, mask))


def _object_score(values: NDArray[np.float32]) -> float:
    mean = float(values.mean())
    deviation = float(values.std(ddof=1)) if values.size > 1 else 0.0
    return 2 * mean / (mean * mean + 1 + deviation)


def _region_score(alpha: Matte, mask: NDArray[np.bool_]) -> float:
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    y, x = round(float(rows.mean())) + 1, round(float(columns.mean())) + 1
    score = 0.0
    for band in (slice(0, y), slice(y, height)):
        for strip in (slice(0, x), slice(x, width)):
            part, true_part = alpha[band, strip], mask[band, strip]
            if part.size:
                area = part.size / mask.size
                score += area * _similarity(part, true_part.astype(np.float32))
    return score


def _similarity(part: Matte, truth: Matte) -> float:
    mean, true_mean = float(part.mean()), float(truth.mean())
    count = max(part.size - 1, 1)
    variance = float(np.square(part - mean).sum()) / count
    true_variance = float(np.square(truth - true_mean).sum()) / count
    covariance = float(((part - mean) * (truth - true_mean)).sum()) / count
    top = 4 * mean * true_mean * covariance
    bottom = (mean**2 + true_mean**2) * (variance + true_variance)
    if top != 0:
        return top / (bottom + 1e-12)
    return 1.0 if bottom == 0 else 0.0
