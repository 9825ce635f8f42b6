"""Writes pictures: WebP, colours at quality 90, alpha lossless."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

QUALITY = 90


def save_picture(path: Path, pixels: NDArray[np.uint8]) -> int:
    """Write (H, W, 3) RGB or (H, W, 4) straight RGBA at once or not at all; returns its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    Image.fromarray(pixels).save(part, "WEBP", quality=QUALITY, alpha_quality=100, method=4)
    os.replace(part, path)
    return path.stat().st_size


def save_clip(folder: Path, frames: list[NDArray[np.uint8]]) -> int:
    """Write the frames `00.webp`, `01.webp`, ... of a clip; the folder appears when it is whole."""
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    size = sum(save_picture(part / f"{i:02d}.webp", frame) for i, frame in enumerate(frames))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(part, folder)
    return size


def remove_item(folder: Path, name: str) -> None:
    """Take away what an earlier version of the code wrote for an item."""
    for path in (folder / f"{name}.webp", folder / f"{name}.furniture.webp"):
        path.unlink(missing_ok=True)
    shutil.rmtree(folder / name, ignore_errors=True)
