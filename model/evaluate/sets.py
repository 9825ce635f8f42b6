"""What is measured on: synthetic composites and clips with exact mattes, or a folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.datasets.composite_clip import draw_composite
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo import IMAGE_SUFFIXES, Image, read_rgb
from u2cam.model.datasets.photo_library import Library, load_library

COMPOSITE_SEED = 20260202
CLIP_SEED = 20260303


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """(T, H, W, 3) uint8 frames and (T, H, W) uint8 mattes that belong together."""

    name: str
    frames: Image
    alpha: Image


def validation_library(data: Path) -> Library:
    """Read the people and scenes that training never sees."""
    return load_library(data, "validation")


def composites(
    library: Library,
    count: int,
    frames: int,
    size_wh: tuple[int, int] = (640, 360),
    *,
    seed: int = 0,
    motion: float = 1.0,
) -> Iterator[Sequence]:
    """Draw webcam-like composites (half-body, all scales); the same ones for the same arguments.

    With more than one frame, person and scene move on their own: at `motion` 1 they shake by
    1.2 % of the height a frame. `seed` above 0 draws another set by the same rule.
    """
    cv2.setNumThreads(1)
    first = (COMPOSITE_SEED if frames == 1 else CLIP_SEED) + seed
    for index in range(count):
        draws = Draws((first, index))
        clip = draw_composite(library, size_wh, frames, draws, motion=motion)
        yield Sequence(f"composite_{index:04d}", clip.frames, clip.alpha)


def folder(path: Path) -> Iterator[Sequence]:
    """Read `path/images` with mattes or masks of the same name in `path/masks` (PNG)."""
    if not (path / "images").is_dir():
        raise FileNotFoundError(f"{path}: wanted folders images and masks inside it")
    for picture in sorted((path / "images").iterdir()):
        if picture.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        mask = cv2.imread(str(path / "masks" / f"{picture.stem}.png"), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise FileNotFoundError(f"{picture}: has no masks/{picture.stem}.png")
        rgb = read_rgb(picture)
        if mask.shape != rgb.shape[:2]:
            mask = cv2.resize(mask, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
        yield Sequence(picture.stem, rgb[None], np.asarray(mask, np.uint8)[None])
