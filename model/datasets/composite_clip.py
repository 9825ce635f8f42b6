"""Draws short clips with known mattes: real photos, people pasted on scenes, empty scenes.

Runs in the loader's worker process. All frames of a clip share person, scene, camera and light;
foreground and background move on their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from u2cam.model.datasets.accessories import add_headphones
from u2cam.model.datasets.camera_augment import Camera, apply_table, tone_table
from u2cam.model.datasets.distractors import add_thickets
from u2cam.model.datasets.framing import nudge, warp, webcam_matrix, whole_matrix
from u2cam.model.datasets.hair_strands import add_strands
from u2cam.model.datasets.person_shape import Outline
from u2cam.model.datasets.photo_library import WHOLE_KINDS, Image, Library, Photo
from u2cam.model.datasets.scenery import blend, draw_scene, resemble
from u2cam.model.datasets.views import Views

REAL_KINDS = {
    "humanseg": 0.27,
    "ccp": 0.20,
    "soft_webcam": 0.17,
    "clip": 0.26,
    "soft_street": 0.10,
}
PASTED_KINDS = {
    "ccp": 0.40,
    "humanseg": 0.20,
    "cutouts": 0.10,
    "soft_webcam": 0.10,
    "clip": 0.10,
    "soft_street": 0.10,
}
WHOLE_ASPECTS = 1.35
"""Pictures are shown whole in frames whose aspect differs by less than this factor."""
USUAL = Views()
REAL_SHARE = 0.33
EMPTY_SHARE = 0.05


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


def pick_whole(
    library: Library, size_wh: tuple[int, int], rng: np.random.Generator, lost_share: float
) -> Photo | None:
    """Draw a picture to show whole in a frame, evenly from all clips and sets; None: there is none.

    Of pictures whose shape is like the frame's, if there are any. A `lost_share` of them are drawn
    by what the network has wrong of them, within a clip or set: a label that is wrong in all of a
    clip draws no more than its clip's part.
    """
    photos = [photo for kind in WHOLE_KINDS for photo in library.people.get(kind, [])]
    aspect = size_wh[0] / size_wh[1]
    alike = [
        photo
        for photo in photos
        if 1 / WHOLE_ASPECTS
        < aspect * photo.alpha[0].shape[0] / photo.alpha[0].shape[1]
        < WHOLE_ASPECTS
    ]
    sources: dict[str, list[Photo]] = {}
    for photo in alike or photos:
        sources.setdefault(photo.name.rpartition("_")[0], []).append(photo)
    if not sources:
        return None
    source = list(sources.values())[int(rng.integers(len(sources)))]
    # No draw where the share is 0: the sittings before this view are made by that stream.
    if lost_share > 0 and rng.random() < lost_share:
        wrong = np.array([library.wrong[photo.name] for photo in source])
        if wrong.any():
            return source[int(rng.choice(len(source), p=wrong / wrong.sum()))]
    return source[int(rng.integers(len(source)))]


def tighten(alpha: Image, rng: np.random.Generator) -> Image:
    """Steepen and pull in a soft edge a little, so that no old background comes along."""
    low = rng.uniform(20, 110)
    high = rng.uniform(max(low + 40, 180), 256)
    table = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(alpha, table), np.uint8)


def draw_real(
    library: Library,
    size_wh: tuple[int, int],
    count: int,
    rng: np.random.Generator,
    motion: float = 1.0,
    whole: bool = False,
    lost_share: float = 0.0,
) -> Clip:
    """A photo with its own background; all of it moves like a shaken camera.

    Where there are any, `whole` takes pictures of people before a camera, as they were taken,
    `lost_share` of them by what the network has wrong of them.
    """
    photo = pick_whole(library, size_wh, rng, lost_share) if whole else None
    if photo is not None:
        matrix = whole_matrix(photo, size_wh, rng)
    else:
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
        matrix = (nudge(size_wh, rng, 0.7 * motion) @ np.vstack((matrix, (0, 0, 1))))[:2]
    return Clip(np.stack(frames), np.stack(mattes), np.stack(weights))


def draw_pasted(
    library: Library,
    size_wh: tuple[int, int],
    count: int,
    rng: np.random.Generator,
    motion: float = 1.0,
    views: Views = USUAL,
) -> Clip:
    """One or two people pasted on a scene, moving on their own.

    `views` say how many are far, and how many have a scene or a part of it in their colours.
    """
    # No draw where a share is 0: the fixed sets of `model.evaluate` are made by this stream.
    far = views.far > 0 and rng.random() < views.far
    people = [pick(library.people, PASTED_KINDS, rng)]
    if rng.random() < 0.12:
        people.append(pick(library.people, PASTED_KINDS, rng))
    matrices = [webcam_matrix(photo, size_wh, rng, inside=False, far=far) for photo in people]
    tables = [tone_table(rng) if rng.random() < 0.6 else None for _ in people]
    pad = max(8, size_wh[1] // 16)
    wide_wh = (size_wh[0] + 2 * pad, size_wh[1] + 2 * pad)
    scene = draw_scene(library, wide_wh, rng)
    alike = views.alike > 0 and rng.random() < views.alike
    beside = views.beside > 0 and rng.random() < views.beside and not alike
    if alike or beside:
        alpha = warp(people[0].alpha, matrices[0], size_wh, cv2.BORDER_CONSTANT)
        colour = warp(people[0].foreground, matrices[0], size_wh, cv2.BORDER_REPLICATE)
        if tables[0] is not None:
            colour = apply_table(colour, tables[0])
        outline = Outline(colour, alpha)
        if alike:
            scene = resemble(scene, outline.any_colour(rng), rng)
        else:
            scene = add_thickets(scene, library, outline, pad, rng, views.streaked)
    scene_matrix = np.array(((1.0, 0.0, -pad), (0.0, 1.0, -pad)))
    still = rng.random() < 0.5
    edge_seed = int(rng.integers(1 << 31))
    headphones = rng.random() < 0.05
    loose = views.loose > 0 and rng.random() < views.loose
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
        if loose:
            frame, matte = add_strands(frame, matte, np.random.default_rng(edge_seed))
        if headphones:
            frame, matte = add_headphones(frame, matte, np.random.default_rng(edge_seed))
        frames.append(frame)
        mattes.append(matte)
        weights.append(weight)
        matrices = [
            (nudge(size_wh, rng, motion) @ np.vstack((matrix, (0, 0, 1))))[:2]
            for matrix in matrices
        ]
        if not still:
            moved = nudge(size_wh, rng, 0.6 * motion) @ np.vstack((scene_matrix, (0, 0, 1)))
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


def content_size(
    size_wh: tuple[int, int], rng: np.random.Generator, bars_share: float
) -> tuple[int, int]:
    """Draw the part of the frame that a letterboxed camera fills: all of it, or a strip."""
    width, height = size_wh
    if rng.random() < 1 - bars_share:
        return size_wh
    aspect = float(rng.choice((1.0, 1.0, 4 / 3, 4 / 3, 3 / 4, 9 / 16, 2.2)))
    if width / height > aspect:
        return max(16, round(height * aspect)), height
    return width, max(16, round(width / aspect))


def draw_clip(
    library: Library,
    size_wh: tuple[int, int],
    count: int,
    rng: np.random.Generator,
    views: Views,
) -> Clip:
    """Draw `count` frames of `size_wh` as a webcam would see them, with their mattes."""
    inner_wh = content_size(size_wh, rng, views.bars)
    chance = rng.random()
    # Evenly on a logarithmic scale: somebody who sits still must not flicker either.
    motion = float(np.exp(rng.uniform(np.log(0.05), np.log(1.3)))) if count > 1 else 1.0
    if views.whole > 0 and rng.random() < views.whole:
        clip = draw_real(library, inner_wh, count, rng, motion, True, views.lost)
    elif chance < REAL_SHARE:
        clip = draw_real(library, inner_wh, count, rng, motion)
    elif chance < 1 - EMPTY_SHARE:
        clip = draw_pasted(library, inner_wh, count, rng, motion, views)
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
