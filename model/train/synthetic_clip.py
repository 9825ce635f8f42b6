"""Draws short clips with known mattes: real photos, people pasted on scenes, empty scenes.

Runs in the loader's worker process. All frames of a clip share person, scene, camera and light;
foreground and background move on their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from model.train.augment import Camera, apply_table, tone_table
from model.train.library import Image, Library, Photo

REAL_KINDS = {
    "humanseg": 0.30,
    "ccp": 0.25,
    "soft_webcam": 0.18,
    "clip": 0.15,
    "soft_street": 0.12,
}
PASTED_KINDS = {
    "ccp": 0.40,
    "humanseg": 0.20,
    "cutouts": 0.10,
    "soft_webcam": 0.10,
    "clip": 0.10,
    "soft_street": 0.10,
}
REAL_SHARE = 0.45
EMPTY_SHARE = 0.05
FULL_BODY_ASPECT = 1.9
"""A person whose box is this many times higher than wide stands; only its top is a webcam's."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """(T, H, W, 3) frames and (T, H, W) mattes and weights, all uint8."""

    frames: Image
    alpha: Image
    weight: Image


def pick(
    people: dict[str, list[Photo]], shares: dict[str, float], rng: np.random.Generator
) -> Photo:
    """Draw a person by kind, then evenly within the kind."""
    kinds = [kind for kind in shares if people.get(kind)]
    if not kinds:
        kinds = list(people)
    weights = np.array([shares.get(kind, 1.0) for kind in kinds])
    kind = kinds[int(rng.choice(len(kinds), p=weights / weights.sum()))]
    return people[kind][int(rng.integers(len(people[kind])))]


def webcam_matrix(
    photo: Photo, size_wh: tuple[int, int], rng: np.random.Generator, inside: bool
) -> Matrix:
    """Draw the map from photo pixels to frame pixels that makes a webcam's view of a person.

    Args:
        photo: the person.
        size_wh: frame size in pixels.
        rng: the source of chance.
        inside: keep the frame within the photo (for photos used with their own background).
    """
    width, height = size_wh
    left, top, right, bottom = photo.box
    person_height = bottom - top
    if person_height > FULL_BODY_ASPECT * (right - left):
        share = np.exp(rng.uniform(np.log(0.13), np.log(0.8)))
        if rng.random() < 0.1:
            share = rng.uniform(0.8, 1.5)
    else:
        share = np.exp(rng.uniform(np.log(0.4), np.log(1.5)))
    scale = height / (share * person_height)
    stretch = float(np.exp(rng.normal(0, 0.03)))
    angle = np.deg2rad(rng.normal(0, 2.0 if inside else 5.0))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    head_at = np.array(
        (
            width * np.clip(rng.normal(0.5, 0.18), -0.05, 1.05),
            height * rng.uniform(-0.1, 0.38),
        )
    )
    photo_height, photo_width = photo.alpha[0].shape
    if bottom >= photo_height - 3:  # cut by the photo's border: keep the cut below the frame
        scale = max(scale, (height - head_at[1]) / person_height * 1.02)
    if inside:
        scale = max(scale, width / photo_width * 1.01, height / photo_height * 1.01)
    linear = scale * np.array(
        (
            (flip * stretch * np.cos(angle), -np.sin(angle)),
            (flip * stretch * np.sin(angle), np.cos(angle)),
        )
    )
    head = np.array((photo.head_x, float(top)))
    matrix = np.column_stack((linear, head_at - linear @ head))
    if inside:
        centre = np.linalg.solve(linear, np.array((width, height)) / 2 - matrix[:, 2])
        reach = np.array((width, height)) / 2 / scale
        low = np.minimum(reach, np.array((photo_width, photo_height)) / 2)
        high = np.array((photo_width, photo_height)) - low
        centre = np.clip(centre, low, high)
        matrix[:, 2] = np.array((width, height)) / 2 - linear @ centre
    return matrix


def nudge(size_wh: tuple[int, int], rng: np.random.Generator, amount: float) -> Matrix:
    """Draw a small motion about the frame's centre as a 3×3 matrix."""
    width, height = size_wh
    angle = np.deg2rad(rng.normal(0, 0.8 * amount))
    scale = float(np.exp(rng.normal(0, 0.01 * amount)))
    shift = rng.normal(0, 0.012 * amount * height, 2)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    centre = np.array((width / 2, height / 2))
    linear = np.array(((cos, -sin), (sin, cos)))
    offset = centre - linear @ centre + shift
    return np.array(((cos, -sin, offset[0]), (sin, cos, offset[1]), (0.0, 0.0, 1.0)))


def warp(levels: tuple[Image, ...], matrix: Matrix, size_wh: tuple[int, int], border: int) -> Image:
    """Warp the level of a pyramid that does not alias."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    level = 0
    while level + 1 < len(levels) and scale * (2**level) < 0.7:
        level += 1
    fine = levels[level]
    ratio_x = levels[0].shape[1] / fine.shape[1]
    ratio_y = levels[0].shape[0] / fine.shape[0]
    scaled = matrix.copy()
    scaled[:, 0] *= ratio_x
    scaled[:, 1] *= ratio_y
    return np.asarray(
        cv2.warpAffine(fine, scaled, size_wh, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8
    )


def gradient(size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """A wall: a flat colour or a smooth gradient between four colours."""
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
            mask = cv2.dilate(
                mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
            )
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
        mask = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.5, 2.5)))
        scene = blend(texture, scene, np.asarray(mask, np.uint8))
    return scene


def blend(over: Image, under: Image, alpha: Image) -> Image:
    """Blend (H, W, 3) pictures by a (H, W) uint8 matte in uint8 arithmetic."""
    alpha3 = cv2.merge((alpha, alpha, alpha))
    front = cv2.multiply(over, alpha3, scale=1 / 255)
    back = cv2.multiply(under, cv2.bitwise_not(alpha3), scale=1 / 255)
    return np.asarray(cv2.add(front, back), np.uint8)


def draw_scene(library: Library, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Draw a background without people."""
    if not library.scenes or rng.random() < 0.1:
        scene = gradient(size_wh, rng)
    else:
        scene = scene_crop(library.scenes[int(rng.integers(len(library.scenes)))], size_wh, rng)
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


def add_headphones(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw a dark band over the top of the person; it belongs to the foreground."""
    rows = np.flatnonzero((alpha > 127).any(axis=1))
    if rows.size < 20 or rows[0] < 3:
        return frame, alpha
    height = alpha.shape[0]
    head = alpha[rows[0] : rows[0] + max(4, height // 6)] > 127
    columns = np.flatnonzero(head.any(axis=0))
    if columns.size < 8:
        return frame, alpha
    radius = max(6, int(columns.size * 0.5))
    centre = (int(columns.mean()), int(rows[0] + radius))
    thickness = max(2, int(radius * rng.uniform(0.08, 0.25)))
    band = np.zeros_like(alpha)
    axes = (radius, int(radius * rng.uniform(0.95, 1.1)))
    cv2.ellipse(band, centre, axes, 0, 175, 365, 255, thickness)
    for side in (-1, 1):
        ear = (centre[0] + side * radius, centre[1])
        cv2.ellipse(band, ear, (max(2, radius // 4), max(3, radius // 3)), 0, 0, 360, 255, -1)
    band = np.asarray(cv2.GaussianBlur(band, (0, 0), 0.8), np.uint8)
    colour = np.broadcast_to(rng.integers(0, 120, 3).astype(np.uint8), frame.shape)
    return blend(np.ascontiguousarray(colour), frame, band), np.maximum(alpha, band)


def tighten(alpha: Image, rng: np.random.Generator) -> Image:
    """Steepen and pull in a soft edge a little, so that no old background comes along."""
    low = rng.uniform(20, 110)
    high = rng.uniform(max(low + 40, 180), 256)
    table = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(alpha, table), np.uint8)


def draw_real(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator
) -> Clip:
    """A photo with its own background; all of it moves like a shaken camera."""
    photo = pick(library.people, REAL_KINDS, rng)
    matrix = webcam_matrix(photo, size_wh, rng, inside=True)
    frames, mattes, weights = [], [], []
    for _ in range(count):
        frames.append(warp(photo.rgb, matrix, size_wh, cv2.BORDER_REFLECT_101))
        mattes.append(warp(photo.alpha, matrix, size_wh, cv2.BORDER_REFLECT_101))
        if photo.weight is None:
            weights.append(np.full((size_wh[1], size_wh[0]), 255, np.uint8))
        else:
            weights.append(warp(photo.weight, matrix, size_wh, cv2.BORDER_REFLECT_101))
        matrix = (nudge(size_wh, rng, 0.7) @ np.vstack((matrix, (0, 0, 1))))[:2]
    return Clip(np.stack(frames), np.stack(mattes), np.stack(weights))


def draw_pasted(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator
) -> Clip:
    """One or two people pasted on a scene, moving on their own."""
    people = [pick(library.people, PASTED_KINDS, rng)]
    if rng.random() < 0.12:
        people.append(pick(library.people, PASTED_KINDS, rng))
    matrices = [webcam_matrix(photo, size_wh, rng, inside=False) for photo in people]
    tables = [tone_table(rng) if rng.random() < 0.6 else None for _ in people]
    pad = max(8, size_wh[1] // 16)
    wide_wh = (size_wh[0] + 2 * pad, size_wh[1] + 2 * pad)
    scene = draw_scene(library, wide_wh, rng)
    scene_matrix = np.array(((1.0, 0.0, -pad), (0.0, 1.0, -pad)))
    still = rng.random() < 0.5
    edge_seed = int(rng.integers(1 << 31))
    headphones = rng.random() < 0.05
    frames, mattes, weights = [], [], []
    for _ in range(count):
        frame = warp((scene,), scene_matrix, size_wh, cv2.BORDER_REFLECT_101)
        matte = np.zeros((size_wh[1], size_wh[0]), np.uint8)
        weight = np.full_like(matte, 255)
        edges = np.random.default_rng(edge_seed)
        for photo, matrix, table in zip(people, matrices, tables, strict=True):
            alpha = tighten(warp(photo.alpha, matrix, size_wh, cv2.BORDER_CONSTANT), edges)
            colour = warp(photo.foreground, matrix, size_wh, cv2.BORDER_REPLICATE)
            if table is not None:
                colour = apply_table(colour, table)
            frame = blend(colour, frame, alpha)
            matte = np.maximum(alpha, matte)
            if photo.weight is not None:
                own = warp(photo.weight, matrix, size_wh, cv2.BORDER_REPLICATE)
                weight = np.minimum(weight, np.where(alpha > 0, own, 255)).astype(np.uint8)
        if headphones:
            frame, matte = add_headphones(frame, matte, np.random.default_rng(edge_seed))
        frames.append(frame)
        mattes.append(matte)
        weights.append(weight)
        matrices = [
            (nudge(size_wh, rng, 1.0) @ np.vstack((matrix, (0, 0, 1))))[:2] for matrix in matrices
        ]
        if not still:
            moved = nudge(size_wh, rng, 0.6) @ np.vstack((scene_matrix, (0, 0, 1)))
            scene_matrix = moved[:2]
    return Clip(np.stack(frames), np.stack(mattes), np.stack(weights))


def draw_empty(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator
) -> Clip:
    """A scene with nobody in it."""
    scene = draw_scene(library, size_wh, rng)
    frames = np.repeat(scene[None], count, axis=0)
    return Clip(
        frames, np.zeros(frames.shape[:3], np.uint8), np.full(frames.shape[:3], 255, np.uint8)
    )


def content_size(size_wh: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """Draw the part of the frame that a letterboxed camera fills: all of it, or a strip."""
    width, height = size_wh
    if rng.random() < 0.7:
        return size_wh
    aspect = float(rng.choice((1.0, 1.0, 4 / 3, 4 / 3, 3 / 4, 9 / 16, 2.2)))
    if width / height > aspect:
        return max(16, round(height * aspect)), height
    return width, max(16, round(width / aspect))


def draw_clip(
    library: Library, size_wh: tuple[int, int], count: int, rng: np.random.Generator
) -> Clip:
    """Draw `count` frames of `size_wh` as a webcam would see them, with their mattes."""
    inner_wh = content_size(size_wh, rng)
    chance = rng.random()
    if chance < REAL_SHARE:
        clip = draw_real(library, inner_wh, count, rng)
    elif chance < 1 - EMPTY_SHARE:
        clip = draw_pasted(library, inner_wh, count, rng)
    else:
        clip = draw_empty(library, inner_wh, count, rng)
    camera = Camera(rng)
    frames = np.stack([camera.shoot(frame, rng) for frame in clip.frames])
    if inner_wh == size_wh:
        return Clip(frames, clip.alpha, clip.weight)
    width, height = size_wh
    x, y = (width - inner_wh[0]) // 2, (height - inner_wh[1]) // 2
    place = (slice(None), slice(y, y + inner_wh[1]), slice(x, x + inner_wh[0]))
    grey = (0, 0, 0) if rng.random() < 0.8 else (124, 116, 104)
    canvas = np.empty((count, height, width, 3), np.uint8)
    canvas[:] = grey
    canvas[place] = frames
    alpha = np.zeros((count, height, width), np.uint8)
    alpha[place] = clip.alpha
    weight = np.full((count, height, width), 255, np.uint8)
    weight[place] = clip.weight
    return Clip(canvas, alpha, weight)
