"""A grid of training pictures with mattes, written every so often for a check by eye."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from torch import Tensor

from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.scenery import blend
from u2cam.model.train.batches import Batch

COLUMNS = 3
SHOWN = 12
GREEN = (0, 177, 64)


def grid(batch: Batch, alpha: Tensor) -> Image:
    """Show the picture, truth and result on green, and previous matte over regions, of each frame.

    Args:
        batch: one batch; its first frames are shown.
        alpha: (B, 1, H, W) the network's mattes of these frames, in [0, 1].

    Returns:
        (H', W', 3) uint8 RGB.
    """
    tiles = []
    for index in range(min(SHOWN, alpha.shape[0])):
        frame = np.ascontiguousarray(batch["frames"][0, index].permute(1, 2, 0).numpy())
        truth = batch["alpha"][0, index, 0].numpy()
        result = (alpha[index, 0] * 255).round().byte().cpu().numpy()
        regions = batch["regions"][0, index, 0].numpy() * 85
        previous = batch["previous"][index, 0].numpy()
        height, width = truth.shape
        green = np.full_like(frame, GREEN)
        half_wh = (width // 2, height // 2)
        small = np.vstack([cv2.resize(part, half_wh) for part in (previous, regions)])
        aside = np.repeat(np.pad(small, ((0, height % 2), (0, 0)))[..., None], 3, axis=2)
        tiles.append(
            np.hstack([frame, blend(frame, green, truth), blend(frame, green, result), aside])
        )
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[i : i + COLUMNS]) for i in range(0, len(tiles), COLUMNS)]
    return np.vstack(rows)


def save_grid(batch: Batch, alpha: Tensor, path: Path) -> None:
    """Write the grid of a batch as PNG or JPEG."""
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), cv2.cvtColor(grid(batch, alpha), cv2.COLOR_RGB2BGR))
