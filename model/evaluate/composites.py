"""Composites with exact mattes: a person cut out is laid over a scene, standing still or drifting.

This file draws nothing with training's code, so that the sets stay the same whatever training
draws. Colours are blended gamma-encoded, in float32 and premultiplied: `C a + B (1 - a)`.
"""

from __future__ import annotations

from collections.abc import Sequence as Many
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image
from u2cam.model.evaluate.sequence import CLIP_FPS

Matrix = NDArray[np.float64]
Picture = NDArray[np.float32]

DARK_SHARE = 0.15
"""Part of the composites that are taken in a dark room."""
AGREEING_SHARE = 0.5
"""Part of the composites whose person has taken on a half of the scene's light."""
DEFOCUS_SHARE = 0.3
MOVING_SCENE_SHARE = 0.5
NOISE = (0.0, 0.02)
"""Standard deviation of a camera's noise, of 1."""
JPEG_SHARE = 0.5
JPEG_QUALITY = (60, 95)
SCENE_MARGIN = 0.08
"""Scenes are drawn larger than the frame by this part of its height on each side."""


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A person at the frame's scale: premultiplied RGBA in [0, 1], one picture or one a frame."""

    frames: tuple[Picture, ...]
    left_px: float
    """Place of the first picture's left upper corner in the frame."""
    top_px: float
    furniture: Picture | None = None
    """Premultiplied RGBA of the frame's size that is background."""


@dataclass(frozen=True, slots=True)
class Drift:
    """Smooth motion about a point, as parts of the frame's height, in radians and as a factor."""

    x: float
    y: float
    angle: float
    zoom: float
    speed_hz: float
    phase: float

    def matrix(self, time_s: float, centre: tuple[float, float], height: int) -> Matrix:
        """Return the 2×3 map of the first frame's pixels to those at a time."""
        turn = 2 * np.pi * self.speed_hz * time_s
        wave = np.sin(turn + self.phase) - np.sin(self.phase)
        other = np.sin(1.7 * turn + self.phase) - np.sin(self.phase)
        scale, angle = np.exp(self.zoom * other), self.angle * other
        linear = scale * np.array(((np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))))
        shift = height * np.array((self.x * wave, self.y * other))
        return np.column_stack((linear, np.array(centre) - linear @ np.array(centre) + shift))


def draw_drift(rng: np.random.Generator, amount: float) -> Drift:
    """Draw a motion; at `amount` 1 a person sways by up to 4 % of the frame's height."""
    return Drift(
        x=amount * rng.uniform(0.01, 0.04),
        y=amount * rng.uniform(0.0, 0.006),
        angle=amount * rng.normal(0, 0.015),
        zoom=amount * rng.normal(0, 0.01),
        speed_hz=float(np.exp(rng.uniform(np.log(0.25), np.log(1.2)))),
        phase=rng.uniform(0, 2 * np.pi),
    )


def premultiplied(rgba: Image, scale: float = 1.0) -> Picture:
    """Turn (H, W, 4) uint8 straight RGBA into float32 premultiplied in [0, 1], scaled."""
    picture = np.asarray(rgba, np.float32) / np.float32(255)
    picture[..., :3] *= picture[..., 3:]
    if scale == 1:
        return picture
    size_wh = (max(1, round(rgba.shape[1] * scale)), max(1, round(rgba.shape[0] * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, size_wh, interpolation=how), np.float32)


def crop_scene(scene: Image, size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Crop a scene (h, w, 3) at a drawn place and scale, mirrored half of the time, to a size."""
    width, height = size_wh
    scale = min(scene.shape[1] / width, scene.shape[0] / height) * rng.uniform(0.5, 1.0)
    wide, high = int(width * scale), int(height * scale)
    x = int(rng.integers(0, scene.shape[1] - wide + 1))
    y = int(rng.integers(0, scene.shape[0] - high + 1))
    crop = scene[y : y + high, x : x + wide]
    if rng.random() < 0.5:
        crop = crop[:, ::-1]
    how = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(np.ascontiguousarray(crop), size_wh, interpolation=how), np.uint8)


def _light(
    layers: Many[Layer], scene: Picture, rng: np.random.Generator
) -> tuple[list[NDArray[np.float32]], float]:
    """Draw the gains of each person's colours, (3,), and of the scene's."""
    dark, agreeing = rng.random() < DARK_SHARE, rng.random() < AGREEING_SHARE
    scene_mean = scene.mean((0, 1))
    behind = float(min(1.0, rng.uniform(0.08, 0.16) / max(float(scene_mean.mean()), 1e-3)))
    gains = []
    for layer in layers:
        gain = np.ones(3, np.float32)
        if agreeing:
            first = layer.frames[0]
            own = first[..., :3].sum((0, 1)) / max(float(first[..., 3].sum()), 1e-3)
            gain = np.clip(np.sqrt(scene_mean / np.maximum(own, 1e-3)), 0.6, 1.4)
        gains.append(np.asarray(gain * (rng.uniform(0.4, 0.8) if dark else 1), np.float32))
    return gains, behind if dark else 1.0


def _shoot(picture: Picture, noise: float, quality: int | None, rng: np.random.Generator) -> Image:
    """Take a picture (H, W, 3) in [0, 1] as a camera does: noise, and compression where given."""
    if noise > 0:
        picture = picture + rng.standard_normal(picture.shape, np.float32) * np.float32(noise)
    image = np.asarray(np.clip(picture * 255 + 0.5, 0, 255), np.uint8)
    if quality is None:
        return image
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def compose(
    layers: Many[Layer],
    scene: Image,
    size_wh: tuple[int, int],
    count: int,
    rng: np.random.Generator,
    *,
    drift: float = 0.0,
) -> tuple[Image, Image]:
    """Lay people over a scene.

    Args:
        layers: people, the farthest first.
        scene: (h, w, 3); larger than the frame by `SCENE_MARGIN` on each side: `scene_size`.
        size_wh: of the frames, in pixels.
        count: of the frames.
        rng: the same state gives the same frames.
        drift: how much people move on their own; those that move in their pictures need none.

    Returns:
        (T, H, W, 3) frames and (T, H, W) mattes, uint8.
    """
    width, height = size_wh
    room = np.asarray(scene, np.float32) / np.float32(255)
    if rng.random() < DEFOCUS_SHARE:
        sigma = float(rng.uniform(0.004, 0.015)) * height
        room = np.asarray(cv2.GaussianBlur(room, (0, 0), sigma), np.float32)
    gains, behind = _light(layers, room, rng)
    room *= np.float32(behind)
    drifts = [draw_drift(rng, drift) for _ in layers]
    scene_drift = draw_drift(rng, 0.6 if rng.random() < MOVING_SCENE_SHARE else 0.0)
    noise = float(rng.uniform(*NOISE))
    quality = int(rng.integers(*JPEG_QUALITY)) if rng.random() < JPEG_SHARE else None
    margin = round(SCENE_MARGIN * height)
    away = np.array(((1.0, 0.0, -margin), (0.0, 1.0, -margin)))
    frames, mattes = [], []
    for number in range(count):
        time_s = number / CLIP_FPS
        moved = scene_drift.matrix(time_s, (width / 2, height / 2), height)
        place = (np.vstack((moved, (0, 0, 1))) @ np.vstack((away, (0, 0, 1))))[:2]
        picture = _warp(room, place, size_wh, cv2.BORDER_REFLECT_101)
        matte = np.zeros((height, width), np.float32)
        for layer, gain, motion in zip(layers, gains, drifts, strict=True):
            if layer.furniture is not None:
                chair = layer.furniture
                picture = chair[..., :3] * gain + picture * (1 - chair[..., 3:])
            own = np.array(((1.0, 0.0, layer.left_px), (0.0, 1.0, layer.top_px)))
            if drift > 0:
                base = (layer.left_px + layer.frames[0].shape[1] / 2, float(height))
                moved = motion.matrix(time_s, base, height)
                own = (np.vstack((moved, (0, 0, 1))) @ np.vstack((own, (0, 0, 1))))[:2]
            person = _warp(layer.frames[number % len(layer.frames)], own, size_wh)
            alpha = person[..., 3:]
            picture = person[..., :3] * gain + picture * (1 - alpha)
            matte = alpha[..., 0] + matte * (1 - alpha[..., 0])
        frames.append(_shoot(picture, noise, quality, rng))
        mattes.append(np.asarray(np.clip(matte * 255 + 0.5, 0, 255), np.uint8))
    return np.stack(frames), np.stack(mattes)


def scene_size(size_wh: tuple[int, int]) -> tuple[int, int]:
    """Return the size of a scene behind frames of a size."""
    margin = round(SCENE_MARGIN * size_wh[1])
    return size_wh[0] + 2 * margin, size_wh[1] + 2 * margin


def _warp(
    picture: Picture, matrix: Matrix, size_wh: tuple[int, int], border: int = cv2.BORDER_CONSTANT
) -> Picture:
    warped = cv2.warpAffine(picture, matrix, size_wh, flags=cv2.INTER_LINEAR, borderMode=border)
    return np.asarray(warped, np.float32)
