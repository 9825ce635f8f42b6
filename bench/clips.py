"""Synthetic clips with exact alpha and foreground, for measuring the picture.

A person cut from a photo sways, leans and gestures before a scene; motion blur, lens blur, camera
noise and drawn strands of hair. Alpha and foreground are exact because the frames are composed
from them: `frame = F * alpha + B * (1 - alpha) + noise`. Which clips there are says
`bench.clip_sets`, how people move `bench.motion`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.motion import Body, Pace, Wave, body_map, draw_body

Framing = Literal["half", "full"]

SHUTTER = 0.5
"""Share of a frame's time during which the shutter is open (180°)."""
EXPOSURES = 5
"""Positions averaged for motion blur."""
NOISE_LEVELS = (1.0, 4.0)
"""Standard deviation of a clip's camera noise, of 255, is drawn between these."""
LENS_BLUR_PX = (0.4, 1.0)
"""Standard deviation of a clip's lens blur at 720p is drawn between these."""
WOBBLE_PX_S = (5.0, 40.0)
"""Where the camera is not fixed (every other clip by draw), the speed at which the scene moves."""


@dataclass(frozen=True)
class ClipSpec:
    """What a clip shows."""

    name: str
    photo: int
    scene: str
    framing: Framing
    """`half` for head and upper body, `full` for the whole person."""
    pace: Pace
    seed: tuple[int, ...]
    """Of everything else: path, gesture, place, noise, blur."""


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
    width, height = size_wh
    random = np.random.default_rng(spec.seed)
    body = draw_body(random, spec.pace, height)
    place = (width * random.uniform(0.38, 0.62), height * random.uniform(0.05, 0.14))
    noise, blur = random.uniform(*NOISE_LEVELS), random.uniform(*LENS_BLUR_PX) * height / 720
    fixed, speed = random.random() < 0.5, random.uniform(*WOBBLE_PX_S) * height / 720
    drift = tuple(Wave(random, "calm", 0.0 if fixed else speed) for _ in range(2))
    cutout, held, bent = _cut(spec, data, size_wh, random)
    if random.random() < 0.5:
        cutout = np.ascontiguousarray(cutout[:, ::-1])
        held, bent = ((cutout.shape[1] - 1 - x, y) for x, y in (held, bent))
    scene = _read(data / "backgrounds" / spec.scene)
    scale = 1.25 * max(width / scene.shape[1], height / scene.shape[0])
    scene = np.asarray(
        cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8
    )
    frames, alphas, foregrounds = [], [], []
    for index in range(count):
        person = _exposed(cutout, body, index / fps, 1 / fps, held, bent, place, size_wh)
        back = _scene_at(scene, drift, index / fps, size_wh) * (1 - person[..., 3:])
        # A lens blurs what is before it as a whole: person and scene by their shares.
        person = np.asarray(cv2.GaussianBlur(person, (0, 0), blur), np.float32)
        back = np.asarray(cv2.GaussianBlur(back, (0, 0), blur), np.float32)
        straight = person[..., :3] / np.maximum(person[..., 3:], 1e-3)
        frame = person[..., :3] + back + random.normal(0, noise, back.shape)
        frames.append(np.clip(np.round(frame), 0, 255).astype(np.uint8))
        alphas.append(np.round(np.clip(person[..., 3], 0, 1) * 255).astype(np.uint8))
        foregrounds.append(np.clip(np.round(straight), 0, 255).astype(np.uint8))
    return Clip(spec.name, np.stack(frames), np.stack(alphas), np.stack(foregrounds), fps)


def _read(path: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise FileNotFoundError(f"{path}: no such picture")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _cut(
    spec: ClipSpec, data: Path, size_wh: tuple[int, int], random: np.random.Generator
) -> tuple[NDArray[np.float32], tuple[float, float], tuple[float, float]]:
    """Cut the person out, scaled to the frame.

    Returns:
        Premultiplied RGBA, the middle of the person's top, and a point of the outline within the
        frame that a gesture moves.
    """
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
    field = np.asarray(cv2.resize(field, (photo.shape[1], photo.shape[0])), np.float32)
    # Smoothing takes the steps of the hand-made mask away, and cutting at 0.65 the old edge.
    field = np.asarray(cv2.GaussianBlur(field, (0, 0), 2.2 * scale), np.float32)
    alpha = np.asarray(np.clip((field - 0.65) * 2.2 * scale + 0.5, 0, 1), np.float32)
    colours = _spread(photo, alpha > 0.98)
    alpha = np.maximum(alpha, _strands(alpha, random))
    cutout = np.dstack([colours * alpha[..., None], alpha]).astype(np.float32)
    columns = np.flatnonzero((alpha > 0.5).any(axis=0))
    held = (float(columns[0] + columns[-1]) / 2, (top - first) * scale)
    outline = _outline(alpha)
    below = outline[:, 1] - held[1]
    low = outline[(below > 0.3 * size_wh[1]) & (below < 0.8 * size_wh[1])]
    bent = low[random.integers(len(low))] if len(low) else np.array(held)
    return cutout, held, (float(bent[0]), float(bent[1]))


def _outline(alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Points (n, 2) along the largest outline."""
    mask = (alpha > 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=cv2.contourArea)[:, 0, :], np.float32)


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
    contour = _outline(alpha)
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
    return np.asarray(drawn, np.float32) / np.float32(255)


def _exposed(
    cutout: NDArray[np.float32],
    body: Body,
    time_s: float,
    frame_s: float,
    held: tuple[float, float],
    bent: tuple[float, float],
    place: tuple[float, float],
    size_wh: tuple[int, int],
) -> NDArray[np.float32]:
    """The person at a frame's time, averaged over the open shutter; premultiplied RGBA."""
    total = np.zeros((size_wh[1], size_wh[0], 4), np.float32)
    for exposure in range(EXPOSURES):
        now_s = time_s + SHUTTER * frame_s * exposure / EXPOSURES
        lies = body_map(body, now_s, held, bent, place, size_wh)
        total += cv2.remap(cutout, lies[..., 0], lies[..., 1], cv2.INTER_LINEAR)
    most = np.array([255, 255, 255, 1], np.float32)
    return np.asarray(np.clip(total / EXPOSURES, 0, most), np.float32)


def _scene_at(
    scene: NDArray[np.uint8], drift: tuple[Wave, ...], time_s: float, size_wh: tuple[int, int]
) -> NDArray[np.float32]:
    """The part of the scene that the camera sees, never beyond its borders."""
    centre = []
    for whole, part, wave in zip(scene.shape[1::-1], size_wh, drift, strict=True):
        room = (whole - part) / 2 - 1
        centre.append((whole - 1) / 2 + room * math.tanh(wave.at(time_s) / room))
    seen = cv2.getRectSubPix(scene, size_wh, (centre[0], centre[1]))
    return np.asarray(seen, np.float32)
