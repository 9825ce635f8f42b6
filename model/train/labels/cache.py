"""Labels on disk: made once by the teachers, read as the set `labels`.

`NAME.jpg` with `NAME.core.png`: 0 is background, 255 the person, anything between unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.candidates.baselines import RgbToAlpha
from u2cam.model.datasets.photo import IMAGE_SUFFIXES, Image, read_rgb
from u2cam.model.datasets.photo_library import CORE_SUFFIX
from u2cam.model.datasets.splits import refuse_held_out_clip
from u2cam.model.train.labels.teachers import LEAST_KNOWN, UNKNOWN_LEVEL, label_core

MAX_SIDE_PX = 512
"""Labelled pictures are kept at most this large."""
REFUSED_SUFFIX = ".refused"
"""An empty file that says: this picture was tried, and too little of it is certain."""


def shrink(rgb: Image, max_side_px: int = MAX_SIDE_PX) -> Image:
    """Scale a picture down so that its longer side is at most `max_side_px`."""
    scale = max_side_px / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size_wh = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def pictures(patterns: Sequence[str]) -> Iterator[Path]:
    """Yield the pictures of folders and glob patterns.

    Raises:
        ValueError: one has none, or one of a clip that only measures.
    """
    for pattern in patterns:
        place = Path(pattern)
        found = place.iterdir() if place.is_dir() else place.parent.glob(place.name)
        files = sorted(path for path in found if path.suffix.lower() in IMAGE_SUFFIXES)
        if not files:
            raise ValueError(f"--unlabelled {pattern}: no pictures there")
        for path in files:
            refuse_held_out_clip(path)
        yield from files


def write_labels(folder: Path, patterns: Sequence[str], teachers: Sequence[RgbToAlpha]) -> int:
    """Label pictures into a folder; those that were tried before are left as they are.

    Returns:
        How many labels were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0
    for path in pictures(patterns):
        target = folder / f"{path.stem}{CORE_SUFFIX}"
        refused = folder / f"{path.stem}{REFUSED_SUFFIX}"
        if target.is_file() or refused.is_file():
            continue
        rgb = shrink(read_rgb(path))
        label = label_core(rgb, teachers)
        if (label != UNKNOWN_LEVEL).mean() < LEAST_KNOWN or not (label == 255).any():
            refused.touch()
            continue
        image_bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(folder / f"{path.stem}.jpg"), image_bgr, [cv2.IMWRITE_JPEG_QUALITY, 92])
        cv2.imwrite(str(target), label)  # Last: only then the label is complete.
        written += 1
    return written
