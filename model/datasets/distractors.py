"""Distractors: ragged objects right behind a head and in its colours (bushes, curtains, flags)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.camera_augment import apply_table
from u2cam.model.datasets.person_shape import HAIR, HEAD, Contour
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.scenery import blend, recoloured, scene_crop

Colour = NDArray[np.float64]
MapF32 = NDArray[np.float32]


def distractor_matte(
    size_wh: tuple[int, int],
    centre: tuple[int, int],
    rng: np.random.Generator,
    relief: MapF32 | None = None,
) -> Image:
    """Draw the (H, W) matte of a ragged mass, like a bush, around (row, column) `centre`.

    Its rim follows `relief`, (H, W) with a deviation of about 1, or noise in leaves of one size.
    """
    width, height = size_wh
    half = height * float(np.exp(rng.uniform(np.log(0.1), np.log(0.45))))
    aspect = float(np.exp(rng.normal(0, 0.35)))
    y = (np.arange(height, dtype=np.float32) - centre[0]) / (half * aspect)
    x = (np.arange(width, dtype=np.float32) - centre[1]) / (half / aspect)
    distance = np.hypot(y[:, None], x[None, :])
    if relief is None:
        leaf_px = float(rng.uniform(2, 12)) * height / 144
        cells = (max(2, int(height / leaf_px)), max(2, int(width / leaf_px)))
        noise = rng.normal(0, 1, cells).astype(np.float32)
        relief = np.asarray(cv2.resize(noise, size_wh), np.float32)
    ragged = distance + float(rng.uniform(0.05, 0.5)) * relief < 1
    soft = cv2.GaussianBlur(ragged.astype(np.uint8) * 255, (0, 0), float(rng.uniform(0.5, 2.0)))
    return np.asarray(soft, np.uint8)


def stripes(size_wh: tuple[int, int], rng: np.random.Generator) -> MapF32:
    """Draw the (H, W) relief of blades, folds or stripes: noise, long one way and slightly bent.

    Its mean is about 0 and its deviation about 1.
    """
    width, height = size_wh
    side = int(np.hypot(width, height)) + 1
    across_px = height / 144 * float(np.exp(rng.uniform(np.log(1.2), np.log(16))))
    along_px = across_px * float(np.exp(rng.uniform(np.log(3), np.log(25))))
    cells = (max(4, int(side / along_px)), max(4, int(side / across_px)))
    noise = rng.normal(0, 1.5, cells).astype(np.float32)
    straight = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    # Leaves and cloth hang: mostly upright.
    angle = float(rng.normal(0, 0.5)) if rng.random() < 0.7 else float(rng.uniform(-1.6, 1.6))
    y = np.arange(height, dtype=np.float32)[:, None] - height / 2
    x = np.arange(width, dtype=np.float32)[None, :] - width / 2
    along = np.cos(angle) * y - np.sin(angle) * x
    across = np.sin(angle) * y + np.cos(angle) * x
    across = across + float(rng.normal(0, 0.15)) * along**2 / height
    bent = cv2.remap(
        straight,
        np.asarray(across + side / 2, np.float32),
        np.asarray(along + side / 2, np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(bent, np.float32)


def shaded(relief: MapF32, dark: Colour, light: Colour, rng: np.random.Generator) -> Image:
    """Colour a relief, (H, W), from dark where it is low to light where it is high."""
    steepness = float(np.exp(rng.uniform(np.log(0.7), np.log(5))))
    share = 1 / (1 + np.exp(-steepness * (relief - float(rng.normal(0, 0.5)))))
    levels = cv2.convertScaleAbs(share, alpha=255)
    table = dark + np.linspace(0, 1, 256)[:, None] * (light - dark)
    return apply_table(cv2.merge((levels, levels, levels)), np.clip(table, 0, 255).astype(np.uint8))


def detail(rgb: Image) -> float:
    """Return how much detail a picture has: a smooth one may as well be hair."""
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    return float(cv2.Laplacian(grey, cv2.CV_32F, ksize=3).std())


def _add_striped(
    scene: Image,
    contour: Contour,
    place: tuple[int, int],
    pad_px: int,
    rng: np.random.Generator,
) -> Image:
    """Put one striped mass behind `place` of a contour, or anywhere."""
    height, width = scene.shape[:2]
    centre = (place[0] + pad_px, place[1] + pad_px)
    if rng.random() < 1 / 3:
        centre = (int(rng.integers(height)), int(rng.integers(width)))
    relief = stripes((width, height), rng)
    if rng.random() < 0.5:
        relief = relief + 0.7 * stripes((width, height), rng)
    source = contour.place(rng, HAIR) if rng.random() < 0.6 else place
    dark = contour.colour(source) * rng.uniform(0.4, 1.1) + rng.normal(0, 8, 3)
    if rng.random() < 0.25:
        light = rng.uniform(0, 255, 3)
    else:
        light = dark * rng.uniform(1.2, 3) + rng.normal(15, 15, 3)
    matte = distractor_matte((width, height), centre, rng, relief if rng.random() < 0.5 else None)
    return blend(shaded(relief, dark, light, rng), scene, matte)


def add_distractors(
    scene: Image,
    library: Library,
    contour: Contour,
    pad_px: int,
    rng: np.random.Generator,
    striped: float = 0.0,
) -> Image:
    """Put one to three ragged masses in the colours of a head right behind its contour.

    Each has the colour of the hair or of the place where it is. Leaves behind dark hair differ
    from it in texture and shape alone. A `striped` share is of blades, folds or stripes and has
    that colour in its shadows; one in three of these may be anywhere.

    Args:
        scene: (H, W, 3), before a person is pasted on it.
        library: the masses are cut from its scenes.
        contour: of the person who will be pasted, where they will be.
        pad_px: how much further than their picture the scene reaches on every side.
        rng: draws places, shapes, sizes and contrasts.
        striped: see above, 0 to 1.
    """
    size_wh = (scene.shape[1], scene.shape[0])
    count = int(rng.integers(1, 4))
    for _ in range(count if contour.places.size and library.scenes else 0):
        place = contour.place(rng, HEAD)
        if striped > 0 and rng.random() < striped:
            scene = _add_striped(scene, contour, place, pad_px, rng)
            continue
        matte = distractor_matte(size_wh, (place[0] + pad_px, place[1] + pad_px), rng)
        drawn = rng.integers(len(library.scenes), size=3)
        crops = [scene_crop(library.scenes[int(index)], size_wh, rng) for index in drawn]
        texture = max(crops, key=detail)
        source = contour.place(rng, HAIR) if rng.random() < 0.5 else place
        wanted = contour.colour(source) + rng.normal(0, 8, 3)
        if rng.random() < 0.5:
            sigma = float(rng.uniform(0.3, 2.5)) * size_wh[1] / 288
            texture = np.asarray(cv2.GaussianBlur(texture, (0, 0), sigma), np.uint8)
        scene = blend(recoloured(texture, matte, wanted, rng.uniform(0.5, 1.4)), scene, matte)
    return scene
