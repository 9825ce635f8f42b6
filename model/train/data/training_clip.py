"""Draws the clips that training sees: real photos, composites, empty scenes, and their camera.

Runs in the loader's worker process. All frames of a clip share person, scene, camera and light.
"""

from __future__ import annotations

import cv2
import numpy as np

from u2cam.model.datasets.camera_augment import Camera
from u2cam.model.datasets.composite_clip import Clip, draw_composite, move, pick
from u2cam.model.datasets.framing import Matrix, full_frame_matrix, warp, webcam_matrix
from u2cam.model.datasets.photo import Photo
from u2cam.model.datasets.photo_library import CAMERA_KINDS, Library
from u2cam.model.datasets.scenery import draw_scene
from u2cam.model.datasets.views import Views

KIND_SHARES = {
    "humanseg": 0.27,
    "ccp": 0.20,
    "webcam": 0.17,
    "video": 0.26,
    "street": 0.10,
}
"""How often a photo with its own background is of which kind."""
FULL_FRAME_ASPECTS = 1.35
"""Pictures fill frames whose aspect ratio differs by less than this factor."""
REAL_SHARE = 0.33
EMPTY_SHARE = 0.05
BLACK_BARS_SHARE = 0.8


def pick_full_frame(
    library: Library, size_wh: tuple[int, int], rng: np.random.Generator, hard_fn: float
) -> Photo | None:
    """Draw a camera's picture to fill a frame with, evenly from all videos and sets of photos.

    Of pictures whose shape is like the frame's, if there are any. A share `hard_fn` of them is
    drawn by `Library.error` within a video or set, so that a label that is wrong in all of a video
    is drawn no more often than the video is.

    Returns:
        None where the library has no such pictures.
    """
    photos = [photo for kind in CAMERA_KINDS for photo in library.people.get(kind, [])]
    aspect = size_wh[0] / size_wh[1]
    fitting = [
        photo
        for photo in photos
        if 1 / FULL_FRAME_ASPECTS
        < aspect * photo.alpha[0].shape[0] / photo.alpha[0].shape[1]
        < FULL_FRAME_ASPECTS
    ]
    sources: dict[tuple[str, str], list[Photo]] = {}
    for photo in fitting or photos:
        sources.setdefault((photo.kind, photo.source), []).append(photo)
    if not sources:
        return None
    source = list(sources.values())[int(rng.integers(len(sources)))]
    if hard_fn > 0 and rng.random() < hard_fn:
        error = np.array([library.error[photo.name] for photo in source])
        if error.any():
            return source[int(rng.choice(len(source), p=error / error.sum()))]
    return source[int(rng.integers(len(source)))]


def draw_real(
    photo: Photo,
    matrix: Matrix,
    size_wh: tuple[int, int],
    count: int,
    rng: np.random.Generator,
    motion: float = 1.0,
) -> Clip:
    """Draw a photo with its own background; all of it moves like a shaken camera."""
    frames, mattes, weights = [], [], []
    for _ in range(count):
        frames.append(warp(photo.rgb, matrix, size_wh, cv2.BORDER_REFLECT_101))
        mattes.append(warp(photo.alpha, matrix, size_wh, cv2.BORDER_REFLECT_101))
        if photo.weight is None:
            weights.append(np.full((size_wh[1], size_wh[0]), 255, np.uint8))
        else:
            weights.append(warp(photo.weight, matrix, size_wh, cv2.BORDER_REFLECT_101))
        matrix = move(matrix, size_wh, rng, 0.7 * motion)
    return Clip(np.stack(frames), np.stack(mattes), np.stack(weights))


def draw_empty(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator
) -> Clip:
    """Draw a scene without people."""
    frames = np.repeat(draw_scene(library, size_wh, rng)[None], count, axis=0)
    empty = np.zeros(frames.shape[:3], np.uint8)
    return Clip(frames, empty, np.full_like(empty, 255))


def draw_content(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator, views: Views
) -> Clip:
    """Draw a photo, a composite or an empty scene, before a camera takes it."""
    chance = rng.random()
    # Evenly on a logarithmic scale: people who keep still must not flicker either.
    motion = float(np.exp(rng.uniform(np.log(0.05), np.log(1.3)))) if count > 1 else 1.0
    full_frame = views.full_frame > 0 and rng.random() < views.full_frame
    if not full_frame and chance >= 1 - EMPTY_SHARE:
        return draw_empty(library, size_wh, count, rng)
    if not full_frame and chance >= REAL_SHARE:
        return draw_composite(library, size_wh, count, rng, motion, views)
    photo = pick_full_frame(library, size_wh, rng, views.hard_fn) if full_frame else None
    if photo is not None:
        matrix = full_frame_matrix(photo, size_wh, rng)
    else:
        photo = pick(library.people, KIND_SHARES, rng)
        matrix = webcam_matrix(photo, size_wh, rng, inside=True)
    return draw_real(photo, matrix, size_wh, count, rng, motion)


def content_size(
    size_wh: tuple[int, int], rng: np.random.Generator, letterbox: float
) -> tuple[int, int]:
    """Draw the part of the frame that a picture fills: all, or a strip in a share `letterbox`."""
    width, height = size_wh
    if rng.random() < 1 - letterbox:
        return size_wh
    aspect = float(rng.choice((1.0, 1.0, 4 / 3, 4 / 3, 3 / 4, 9 / 16, 2.2)))
    if width / height > aspect:
        return max(16, round(height * aspect)), height
    return width, max(16, round(width / aspect))


def draw_clip(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator, views: Views
) -> Clip:
    """Draw `count` frames of `size_wh` as a webcam would see them, with their mattes."""
    inner_wh = content_size(size_wh, rng, views.letterbox)
    content = draw_content(library, inner_wh, count, rng, views)
    camera = Camera(rng)
    frames = np.stack([camera.shoot(frame, rng) for frame in content.frames])
    if inner_wh == size_wh:
        return Clip(frames, content.alpha, content.weight)
    width, height = size_wh
    x, y = (width - inner_wh[0]) // 2, (height - inner_wh[1]) // 2
    place = (slice(None), slice(y, y + inner_wh[1]), slice(x, x + inner_wh[0]))
    canvas = np.empty((count, height, width, 3), np.uint8)
    canvas[:] = (0, 0, 0) if rng.random() < BLACK_BARS_SHARE else (124, 116, 104)
    canvas[place] = frames
    alpha = np.zeros((count, height, width), np.uint8)
    alpha[place] = content.alpha
    weight = np.full((count, height, width), 255, np.uint8)
    weight[place] = content.weight
    return Clip(canvas, alpha, weight)
