"""Contact sheets: frames, and what each network keeps of them, on green."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.candidates.candidate import Candidate
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.video_frames import video_frames

GREEN = (0, 177, 64)


def on_green(rgb: Image, alpha: NDArray[np.float32]) -> Image:
    """Show what a matte keeps: (H, W, 3) uint8 over green."""
    a = alpha[..., None]
    return np.rint(rgb * a + np.array(GREEN, np.float32) * (1 - a)).astype(np.uint8)


def fit(image: Image, height_px: int) -> Image:
    """Scale to a height."""
    size_wh = (max(1, round(image.shape[1] * height_px / image.shape[0])), height_px)
    return np.asarray(cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def stack(rows: list[list[Image]]) -> Image:
    """Join rows of pictures of one height; short rows are filled with black on the right."""
    joined = [np.hstack(row) for row in rows]
    width = max(row.shape[1] for row in joined)
    return np.vstack([np.pad(r, ((0, 0), (0, width - r.shape[1]), (0, 0))) for r in joined])


def picture_rows(
    pictures: list[Image], candidates: list[Candidate], height_px: int = 120
) -> list[list[Image]]:
    """Make one row for a picture: the picture, then each candidate's result on green."""
    rows = []
    for rgb in pictures:
        row = [fit(rgb, height_px)]
        for candidate in candidates:
            candidate.reset()
            row.append(fit(on_green(rgb, candidate.matte(rgb)), height_px))
        rows.append(row)
    return rows


def clip_rows(
    clip: Path, candidates: list[Candidate], shown: int = 6, height_px: int = 120
) -> list[list[Image]]:
    """Make a row of `shown` frames on green for each candidate, which gets every frame in turn.

    Raises:
        FileNotFoundError: the clip cannot be opened.
    """
    frames = [frame for _, frame in video_frames(clip)]
    picked = set(np.linspace(0, len(frames) - 1, shown).round().astype(int).tolist())
    rows = []
    for candidate in candidates:
        candidate.reset()
        row = []
        for index, frame in enumerate(frames):
            alpha = candidate.matte(frame)
            if index in picked:
                row.append(fit(on_green(frame, alpha), height_px))
        rows.append(row)
    return rows


def save(image: Image, path: Path) -> None:
    """Write a sheet; the suffix chooses the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image_bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    if not cv2.imwrite(str(path), image_bgr, [cv2.IMWRITE_JPEG_QUALITY, 85]):
        raise ValueError(f"{path}: cannot write a picture there; use .jpg or .png")
