"""Draws the clips that training sees: photographs, composites, empty scenes, and their camera.

Runs in the loader's worker process. All frames of a clip share person, scene, camera and light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.camera import Camera
from u2cam.model.datasets.composite_clip import Clip, draw_composite, pick_person
from u2cam.model.datasets.draw_settings import DrawSettings, Steps
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.framing import Matrix, warp, warp_regions, webcam_matrix
from u2cam.model.datasets.motion import draw_clock, draw_path
from u2cam.model.datasets.photo import CORE, EXACT, UNKNOWN, Image, Photo
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.scenery import draw_scene

BLACK_BARS_SHARE = 0.8
ASPECTS = (1.0, 4 / 3, 3 / 4, 9 / 16, 2.2)
"""Shapes of pictures that fill a frame in part only."""
MEAN_LEVELS = (124, 116, 104)
"""Bars of what the network takes for nothing, beside black ones."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingClip:
    """A clip, and (T,) whether the previous matte is lost before each frame."""

    clip: Clip
    forget: NDArray[np.uint8]


def draw_photograph(
    photo: Photo, size_wh: tuple[int, int], count: int, draws: Draws, steps: Steps
) -> Clip:
    """Draw a photo with its own background; all of it moves like a shaken camera."""
    assert photo.rgb is not None
    matrix = webcam_matrix(photo, size_wh, draws.rng("place"), inside=True)
    times = draw_clock(count, draws, steps.pause, steps.skip)
    amount = float(draws.rng("motion").uniform(0, 0.5))
    frames, mattes, regions = [], [], []
    for step in draw_path(size_wh, times, amount, draws.rng("path")):
        moved: Matrix = (step @ np.vstack((matrix, (0.0, 0.0, 1.0))))[:2]
        frames.append(warp(photo.rgb, moved, size_wh, cv2.BORDER_REFLECT_101))
        mattes.append(warp(photo.alpha, moved, size_wh, cv2.BORDER_REFLECT_101))
        if photo.regions is None:
            regions.append(np.full(mattes[0].shape, EXACT, np.uint8))
        else:
            regions.append(warp_regions(photo.regions, moved, size_wh, UNKNOWN))
    return Clip(np.stack(frames), np.stack(mattes), np.stack(regions))


def draw_empty(
    library: Library, size_wh: tuple[int, int], count: int, draws: Draws, settings: DrawSettings
) -> Clip:
    """Draw a scene without people before a camera that moves a little."""
    scene = draw_scene(library, size_wh, draws, settings)
    times = draw_clock(count, draws, settings.steps.pause, settings.steps.skip)
    amount = float(draws.rng("motion").uniform(0, 0.5))
    path = draw_path(size_wh, times, amount, draws.rng("path"))
    frames = np.stack([warp((scene,), m[:2], size_wh, cv2.BORDER_REFLECT_101) for m in path])
    empty = np.zeros(frames.shape[:3], np.uint8)
    return Clip(frames, empty, np.full_like(empty, EXACT))


def draw_content(
    library: Library, size_wh: tuple[int, int], count: int, draws: Draws, settings: DrawSettings
) -> Clip:
    """Draw a photograph, a composite or an empty scene, before a camera takes it."""
    if draws.happens("empty", settings.empty) is not None:
        return draw_empty(library, size_wh, count, draws, settings)
    rng = draws.happens("photograph", settings.photo)
    photo = None
    if rng is not None:
        photo = pick_person(library, settings, rng, own_scene=True)
    if photo is not None:
        return draw_photograph(photo, size_wh, count, draws, settings.steps)
    return draw_composite(library, size_wh, count, draws, settings)


def content_size(size_wh: tuple[int, int], draws: Draws, share: float) -> tuple[int, int]:
    """Draw the part of the frame that a picture fills: all, or a strip in a share of clips."""
    width, height = size_wh
    rng = draws.happens("letterbox", share)
    if rng is None:
        return size_wh
    aspect = float(rng.choice(ASPECTS))
    if width / height > aspect:
        return max(16, round(height * aspect)), height
    return width, max(16, round(width / aspect))


def add_bars(clip: Clip, size_wh: tuple[int, int], rng: np.random.Generator) -> Clip:
    """Lay the frames of a clip into the middle of larger ones; the bars are background."""
    width, height = size_wh
    count, inner_height, inner_width = clip.alpha.shape
    x, y = (width - inner_width) // 2, (height - inner_height) // 2
    place = (slice(None), slice(y, y + inner_height), slice(x, x + inner_width))
    frames = np.zeros((count, height, width, 3), np.uint8)
    if rng.random() >= BLACK_BARS_SHARE:
        frames[:] = np.array(MEAN_LEVELS, np.uint8)
    frames[place] = clip.frames
    alpha = np.zeros((count, height, width), np.uint8)
    alpha[place] = clip.alpha
    known = EXACT if (clip.regions == EXACT).any() else CORE
    regions = np.full((count, height, width), known, np.uint8)
    regions[place] = clip.regions
    return Clip(frames, alpha, regions)


def drop_frames(clip: Clip, rng: np.random.Generator) -> None:
    """Make one or two frames after the first black or grey, in place: all background."""
    count = len(clip.frames)
    begin = int(rng.integers(1, count))
    lost = slice(begin, begin + int(rng.integers(1, 3)))
    clip.frames[lost] = 0 if rng.random() < 0.7 else rng.integers(0, 256)
    clip.alpha[lost] = 0
    clip.regions[lost] = EXACT if (clip.regions == EXACT).any() else CORE


def draw_clip(
    library: Library, size_wh: tuple[int, int], count: int, draws: Draws, settings: DrawSettings
) -> TrainingClip:
    """Draw `count` frames of `size_wh` as a webcam would see them, with their mattes."""
    steps = settings.steps
    inner_wh = content_size(size_wh, draws, steps.letterbox)
    content = draw_content(library, inner_wh, count, draws, settings)
    camera = Camera(steps, draws.under("camera"))
    shot: list[Image] = [camera.shoot(frame, i) for i, frame in enumerate(content.frames)]
    clip = Clip(np.stack(shot), content.alpha, content.regions)
    forget = np.zeros(count, np.uint8)
    if count > 1:
        rng = draws.happens("drop_out", steps.drop_out)
        if rng is not None:
            drop_frames(clip, rng)
        rng = draws.happens("forget", steps.forget)
        if rng is not None:
            forget[int(rng.integers(1, count))] = 1
    if inner_wh != size_wh:
        clip = add_bars(clip, size_wh, draws.rng("bars"))
    return TrainingClip(clip, forget)
