"""Previous mattes for training: mostly right, sometimes missing or wrong.

After Tkachenka et al. (arXiv 1907.06740): an empty previous matte teaches the first frame, a
transformed one teaches motion, an unrelated one teaches not to trust it.
"""

from __future__ import annotations

import cv2
import numpy as np

from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo import Image

MISSING_SHARE = 0.6
"""High, because a previous matte gives much of the answer away: with 0.4 the network learnt more
slowly to find people from the picture alone."""
WRONG_SHARE = 0.1


def perturb(alpha: Image, rng: np.random.Generator) -> Image:
    """Move, grow or shrink, soften and damage a (H, W) uint8 matte."""
    height, width = alpha.shape
    scale = float(np.exp(rng.normal(0, 0.03)))
    angle = float(rng.normal(0, 2.0))
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, scale)
    matrix[:, 2] = matrix[:, 2] + rng.normal(0, 0.02 * height, 2)
    result = cv2.warpAffine(alpha, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
    if rng.random() < 0.4:
        size = int(rng.integers(2, max(3, height // 16)))
        kernel = np.ones((size, size), np.uint8)
        result = cv2.erode(result, kernel) if rng.random() < 0.5 else cv2.dilate(result, kernel)
    if rng.random() < 0.5:
        result = cv2.GaussianBlur(result, (0, 0), float(rng.uniform(0.5, height / 40)))
    if rng.random() < 0.35:
        for _ in range(int(rng.integers(1, 4))):
            centre = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            axes = (
                int(rng.integers(4, max(5, width // 6))),
                int(rng.integers(4, max(5, height // 4))),
            )
            patch = np.zeros_like(result)
            cv2.ellipse(patch, centre, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1)
            result = np.where(patch > 0, 255 - result, result)
    return np.asarray(result, np.uint8)


def draw_previous(alpha: Image, other: Image, draws: Draws) -> Image:
    """Draw the previous matte for a frame whose matte is `alpha`.

    Args:
        alpha: (H, W) uint8, the truth of this frame.
        other: (H, W) uint8, the matte of some other frame.
        draws: the source of chance.

    Returns:
        (H, W) uint8; zeros with probability `MISSING_SHARE`.
    """
    if draws.happens("missing", MISSING_SHARE) is not None:
        return np.zeros_like(alpha)
    rng = draws.happens("wrong", WRONG_SHARE / (1 - MISSING_SHARE))
    if rng is None:
        return perturb(alpha, draws.rng("perturbed"))
    if rng.random() < 0.5:
        return other.copy()
    return np.full_like(alpha, int(rng.integers(0, 256)))
