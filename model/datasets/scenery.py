"""Backgrounds without people: crops of scenes, walls, and furniture in front of them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.camera_augment import apply_table, tone_table
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.photo_library import Library

INPAINTED_SHARE = 0.4
"""How often a scene is a photo whose person was painted over."""


def blend(over: Image, under: Image, alpha: Image) -> Image:
    """Blend (H, W, 3) pictures by a (H, W) uint8 matte in uint8 arithmetic."""
    alpha3 = cv2.merge((alpha, alpha, alpha))
    front = cv2.multiply(over, alpha3, scale=1 / 255)
    back = cv2.multiply(under, cv2.bitwise_not(alpha3), scale=1 / 255)
    return np.asarray(cv2.add(front, back), np.uint8)


def visible_behind(matte: Image, alpha: Image) -> Image:
    """Return what is visible of a (H, W) matte behind a person whose own is `alpha`."""
    return np.asarray(cv2.multiply(matte, 255 - alpha, scale=1 / 255), np.uint8)


def gradient(size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a wall: a flat colour or a smooth gradient between four colours."""
    base = rng.uniform(0, 255, 3)
    corners = np.clip(base + rng.normal(0, rng.choice((0, 15, 60)), (2, 2, 3)), 0, 255)
    return np.asarray(
        cv2.resize(corners.astype(np.uint8), size_wh, interpolation=cv2.INTER_LINEAR), np.uint8
    )


def scene_crop(scene: Image, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Crop a scene at a random place and scale to `size_wh`, mirrored half of the time."""
    width, height = size_wh
    most = min(scene.shape[1] / width, scene.shape[0] / height)
    scale = most * rng.uniform(0.35, 1.0)
    crop_width, crop_height = max(2, int(width * scale)), max(2, int(height * scale))
    x = int(rng.integers(0, scene.shape[1] - crop_width + 1))
    y = int(rng.integers(0, scene.shape[0] - crop_height + 1))
    crop = scene[y : y + crop_height, x : x + crop_width]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    interpolation = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(
        cv2.resize(np.ascontiguousarray(crop), size_wh, interpolation=interpolation), np.uint8
    )


def add_furniture(scene: Image, library: Library, rng: np.random.Generator) -> Image:
    """Put one to three objects into the middle of a scene: chair backs, frames, lamps, shelves."""
    height, width = scene.shape[:2]
    for _ in range(int(rng.integers(1, 4))):
        mask = np.zeros((height, width), np.uint8)
        cx = int(width * rng.normal(0.5, 0.22))
        cy = int(height * rng.uniform(0.2, 1.0))
        half_width = int(width * rng.uniform(0.04, 0.24))
        half_height = int(height * rng.uniform(0.08, 0.5))
        shape = rng.random()
        if shape < 0.35:
            radius = max(1, int(min(half_width, half_height) * rng.uniform(0.1, 0.9)))
            cv2.rectangle(
                mask,
                (cx - half_width + radius, cy - half_height + radius),
                (cx + half_width - radius, cy + half_height - radius),
                255,
                -1,
            )
            disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
            mask = np.asarray(cv2.dilate(mask, disc), np.uint8)
        elif shape < 0.65:
            cv2.ellipse(
                mask, (cx, cy), (half_width, half_height), rng.uniform(-20, 20), 0, 360, 255, -1
            )
        else:
            corners = np.stack(
                (
                    cx + half_width * rng.uniform(-1.2, 1.2, 5),
                    cy + half_height * rng.uniform(-1.2, 1.2, 5),
                ),
                axis=1,
            )
            cv2.fillConvexPoly(mask, cv2.convexHull(corners.astype(np.int32)), 255)
        if rng.random() < 0.6:
            texture = gradient((width, height), rng)
        else:
            source = library.scenes[int(rng.integers(len(library.scenes)))]
            texture = scene_crop(source, (width, height), rng)
        soft = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.5, 2.5)))
        scene = blend(texture, scene, np.asarray(soft, np.uint8))
    return scene


def draw_scene(library: Library, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a background without people."""
    if not library.scenes or rng.random() < 0.1:
        scene = gradient(size_wh, rng)
    else:
        pool = library.scenes
        if library.inpainted and rng.random() < INPAINTED_SHARE:
            pool = library.inpainted
        scene = scene_crop(pool[int(rng.integers(len(pool)))], size_wh, rng)
        if rng.random() < 0.1:
            other = library.scenes[int(rng.integers(len(library.scenes)))]
            x = int(rng.integers(0, size_wh[0]))
            scene[:, x:] = scene_crop(other, size_wh, rng)[:, x:]
    if library.scenes and rng.random() < 0.35:
        scene = add_furniture(scene, library, rng)
    if rng.random() < 0.35:
        sigma = float(rng.uniform(0.5, 5.0)) * size_wh[1] / 144
        scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), sigma), np.uint8)
    if rng.random() < 0.5:
        scene = apply_table(scene, tone_table(rng, 1.5))
    if rng.random() < 0.2:
        scene = np.ascontiguousarray(scene[..., rng.permutation(3)])
    return scene


def recoloured(
    scene: Image, alpha: Image | None, colour: NDArray[np.float64], contrast: float
) -> Image:
    """Give a scene a mean colour, (3,), and a contrast, measured inside a matte or everywhere."""
    mean = np.array(cv2.mean(scene, alpha)[:3])
    table = (np.arange(256)[:, None] - mean) * contrast + colour
    return apply_table(scene, np.clip(table, 0, 255).astype(np.uint8))


def camouflage(scene: Image, colour: NDArray[np.float64], rng: np.random.Generator) -> Image:
    """Take contrast from a scene and give it nearly a colour, (3,) 0 to 255.

    A person of that colour differs from the scene in shape alone: dark hair in front of a dark
    curtain.
    """
    contrast = rng.uniform(0.1, 0.6)
    return recoloured(scene, None, colour + rng.normal(0, 10, 3), contrast)
