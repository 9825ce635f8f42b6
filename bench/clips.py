"""Synthetic clips with exact alpha and foreground, for measuring the picture.

A person cut from a photo (validation split of the clothing photos) sways and turns before a
moving scene, with motion blur, camera noise and drawn strands of hair. Alpha and foreground are
exact because the frames are composed from them: `frame = F * alpha + B * (1 - alpha) + noise`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

SHUTTER = 0.5
"""Share of a frame's time during which the shutter is open (180°)."""
EXPOSURES = 5
"""Positions averaged for motion blur."""
NOISE_LEVELS = 2.5
"""Standard deviation of camera noise, of 255."""


@dataclass(frozen=True)
class ClipSpec:
    """What a clip shows."""

    photo: int
    scene: str
    framing: str
    """`half` for head and upper body, `full` for the whole person."""
    speed: float
    """1 peaks at 220 pixels a second at 720p: a lively speaker; 2 is somebody on the move."""


SPECS = (
    ClipSpec(420, "scene_012.jpg", "half", 1.0),
    ClipSpec(900, "scene_030.jpg", "half", 0.6),
    ClipSpec(960, "scene_047.jpg", "half", 2.0),
    ClipSpec(800, "scene_055.jpg", "half", 1.0),
    ClipSpec(170, "scene_061.jpg", "half", 0.8),
    ClipSpec(610, "scene_055.jpg", "full", 0.8),
    ClipSpec(940, "scene_030.jpg", "full", 1.0),
    ClipSpec(240, "scene_061.jpg", "full", 0.6),
)


@dataclass(frozen=True, eq=False)
class Clip:
    """Frames with their truth, at one rate."""

    name: str
    frames: NDArray[np.uint8]
    """(N, H, W, 3) RGB."""
    alpha_u8: NDArray[np.uint8]
    """(N, H, W)."""
    foreground: NDArray[np.uint8]
    """(N, H, W, 3) RGB, straight; meaningless where alpha is 0."""
    fps: float


def make_clip(
    spec: ClipSpec, data: Path, count: int, size_wh: tuple[int, int], fps: float = 30.0
) -> Clip:
    """Make a clip; the same arguments give the same pixels.

    Args:
        spec: what it shows.
        data: the folder that holds `ccp` and `backgrounds`.
        count: frames.
        size_wh: width and height of the frames.
        fps: their rate.

    Raises:
        FileNotFoundError: the photo or scene is not there.
    """
    random = np.random.default_rng(spec.photo)
    cutout, anchor = _cut(spec, data, size_wh, random)
    scene = _read(data / "backgrounds" / spec.scene)
    scale = 1.25 * max(size_wh[0] / scene.shape[1], size_wh[1] / scene.shape[0])
    scene = cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    scene = np.asarray(cv2.GaussianBlur(scene, (0, 0), size_wh[1] / 480), np.uint8)
    frames, alphas, foregrounds = [], [], []
    for index in range(count):
        person = _exposed(cutout, anchor, index, spec.speed, size_wh, fps)
        alpha = np.round(person[..., 3] * 255) / 255
        straight = person[..., :3] / np.maximum(person[..., 3:], 1e-3)
        foreground = np.clip(np.round(straight), 0, 255).astype(np.uint8)
        back = _scene_at(scene, index, size_wh, fps)
        frame = foreground * alpha[..., None] + back * (1 - alpha[..., None])
        frame += random.normal(0, NOISE_LEVELS, frame.shape)
        frames.append(np.clip(np.round(frame), 0, 255).astype(np.uint8))
        alphas.append(np.round(alpha * 255).astype(np.uint8))
        foregrounds.append(foreground)
    name = f"{spec.photo:04d}-{spec.framing}-{spec.speed:g}"
    return Clip(name, np.stack(frames), np.stack(alphas), np.stack(foregrounds), fps)


def _read(path: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise FileNotFoundError(f"{path}: no such picture")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _cut(
    spec: ClipSpec, data: Path, size_wh: tuple[int, int], random: np.random.Generator
) -> tuple[NDArray[np.float32], tuple[float, float]]:
    """Cut the person out, scaled to the frame: premultiplied RGBA and the point that is held."""
    photo = _read(data / "ccp" / "images" / f"{spec.photo:04d}.jpg")
    mask = cv2.imread(str(data / "ccp" / "masks" / f"{spec.photo:04d}.png"), cv2.IMREAD_GRAYSCALE)
    rows = np.flatnonzero(np.asarray(mask).any(axis=1))
    top, bottom = int(rows[0]), int(rows[-1])
    tall = bottom - top
    shown = 0.42 * tall if spec.framing == "half" else tall
    scale = (0.85 if spec.framing == "half" else 0.86) * size_wh[1] / shown
    last = min(photo.shape[0], round(top + 1.25 * shown))
    first = max(0, top - 12)
    photo = np.asarray(
        cv2.resize(photo[first:last], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC),
        np.uint8,
    )
    field = np.asarray(mask, np.float32)[first:last] / 255
    field = cv2.resize(field, (photo.shape[1], photo.shape[0]), interpolation=cv2.INTER_LINEAR)
    # Smoothing takes the steps of the hand-made mask away, and cutting at 0.65 the old edge.
    field = np.asarray(cv2.GaussianBlur(field, (0, 0), 2.2 * scale), np.float32)
    alpha = np.asarray(np.clip((field - 0.65) * 2.2 * scale + 0.5, 0, 1), np.float32)
    colours = _spread(photo, alpha > 0.98)
    alpha = np.maximum(alpha, _strands(alpha, random))
    cutout = np.dstack([colours * alpha[..., None], alpha]).astype(np.float32)
    columns = np.flatnonzero((alpha > 0.5).any(axis=0))
    return cutout, (float(columns[0] + columns[-1]) / 2, (top - first) * scale)


def _spread(photo: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Continue the person's colours outwards, so that soft pixels have a foreground."""
    core = cv2.erode(inside.astype(np.uint8), np.ones((5, 5), np.uint8))
    _, labels = cv2.distanceTransformWithLabels(
        1 - core, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros((int(labels.max()) + 1, 3), np.float32)
    table[labels[core > 0]] = photo[core > 0]
    outside = cv2.GaussianBlur(table[labels], (0, 0), 1.5)
    return np.where(core[..., None] > 0, photo, outside).astype(np.float32)


def _strands(alpha: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """Draw strands of hair that leave the upper quarter of the outline."""
    height = alpha.shape[0]
    mask = (alpha > 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    contour = max(contours, key=cv2.contourArea)[:, 0, :].astype(np.float32)
    head = contour[contour[:, 1] < contour[:, 1].min() + 0.22 * height]
    middle = head.mean(axis=0)
    drawn = np.zeros(alpha.shape, np.uint8)
    for start in head[random.integers(0, len(head), 70)]:
        outwards = math.atan2(start[1] - middle[1], start[0] - middle[0])
        angle = outwards + random.normal(0, 0.7)
        bend = random.normal(0, 0.05)
        point, points = start - 3 * np.array([math.cos(angle), math.sin(angle)]), []
        for _ in range(int(random.integers(4, 12) * height / 720)):
            points.append(point)
            angle += bend
            point = point + 3 * np.array([math.cos(angle), math.sin(angle)])
        line = np.round(np.array(points) * 16).astype(np.int32).reshape(-1, 1, 2)
        strand = np.zeros_like(drawn)
        cv2.polylines(strand, [line], False, int(random.integers(90, 220)), 1, cv2.LINE_AA, 4)
        drawn = np.maximum(drawn, strand)
    return drawn.astype(np.float32) / 255


def _exposed(
    cutout: NDArray[np.float32],
    anchor: tuple[float, float],
    index: int,
    speed: float,
    size_wh: tuple[int, int],
    fps: float,
) -> NDArray[np.float32]:
    """The person at a frame's time, averaged over the open shutter; premultiplied RGBA."""
    total = np.zeros((size_wh[1], size_wh[0], 4), np.float32)
    for exposure in range(EXPOSURES):
        time_s = (index + SHUTTER * exposure / EXPOSURES) / fps
        total += cv2.warpAffine(cutout, _pose(anchor, time_s, speed, size_wh), size_wh)
    most = np.array([255, 255, 255, 1], np.float32)
    return np.asarray(np.clip(total / EXPOSURES, 0, most), np.float32)


def _pose(
    anchor: tuple[float, float], time_s: float, speed: float, size_wh: tuple[int, int]
) -> NDArray[np.float64]:
    phase = 2 * math.pi * 0.55 * time_s * speed
    turn = cv2.getRotationMatrix2D(
        (anchor[0], anchor[1] + size_wh[1]),
        2.5 * math.sin(phase + 0.7),
        1 + 0.02 * math.sin(0.6 * phase),
    )
    turn[0, 2] += size_wh[0] / 2 - anchor[0] + 0.05 * size_wh[0] * math.sin(phase)
    turn[1, 2] += 0.09 * size_wh[1] - anchor[1] + 0.012 * size_wh[1] * math.sin(1.7 * phase)
    return np.asarray(turn, np.float64)


def _scene_at(
    scene: NDArray[np.uint8], index: int, size_wh: tuple[int, int], fps: float
) -> NDArray[np.uint8]:
    room_x, room_y = scene.shape[1] - size_wh[0], scene.shape[0] - size_wh[1]
    x = room_x * (0.5 + 0.4 * math.sin(0.5 * index / fps))
    y = room_y * (0.5 + 0.2 * math.sin(0.9 * index / fps))
    middle = (x + size_wh[0] / 2 - 0.5, y + size_wh[1] / 2 - 0.5)
    return np.asarray(cv2.getRectSubPix(scene, size_wh, middle), np.uint8)
