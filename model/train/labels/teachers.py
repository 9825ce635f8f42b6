"""Distillation: soft targets for pictures without mattes, made once and kept on disk.

Teachers of different character are asked (a salient-object network fails on close-ups, selfie
networks on busy scenes); where they agree, their mean, sharpened to the picture's edges by a guided
filter (He et al., PAMI 2013), becomes the target; where they disagree, the weight of the pixel is
low or zero. The targets are files, so that training reads them like any other matte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.candidates.baselines import RgbToAlpha
from u2cam.model.candidates.candidate import Contender, open_contender

MAX_SIDE_PX = 512
"""Pseudo-labelled pictures are kept at most this large."""


class Label(NamedTuple):
    """A picture and what the teachers say of it; all arrays uint8."""

    name: str
    rgb: NDArray[np.uint8]
    """(H, W, 3)."""
    target: NDArray[np.uint8]
    """(H, W) matte."""
    weight: NDArray[np.uint8]
    """(H, W) belief in it, 255 full."""


def guided_filter(
    guide: NDArray[np.float32], source: NDArray[np.float32], radius_px: int, epsilon: float
) -> NDArray[np.float32]:
    """Filter (H, W) `source` so that its edges follow those of (H, W) `guide`, both in [0, 1]."""
    size = (2 * radius_px + 1, 2 * radius_px + 1)
    mean_guide = cv2.blur(guide, size)
    mean_source = cv2.blur(source, size)
    covariance = cv2.blur(guide * source, size) - mean_guide * mean_source
    variance = cv2.blur(guide * guide, size) - mean_guide * mean_guide
    slope = covariance / (variance + epsilon)
    offset = mean_source - slope * mean_guide
    return (cv2.blur(slope, size) * guide + cv2.blur(offset, size)).astype(np.float32)


def mean_over_windows(rgb: NDArray[np.uint8], teacher: RgbToAlpha) -> NDArray[np.float32]:
    """Average a teacher over flips and over windows of the picture, for fast coarse teachers."""
    height, width = rgb.shape[:2]
    total = np.zeros((height, width), np.float32)
    weight = np.zeros((height, width), np.float32)
    side = min(height, width)
    windows = [(0, 0, width, height)]
    if max(height, width) > 1.2 * side:
        span = max(height, width) - side
        for offset in (0, span // 2, span):
            x, y = (offset, 0) if width > height else (0, offset)
            windows.append((x, y, side, side))
    for x, y, window_width, window_height in windows:
        window = np.ascontiguousarray(rgb[y : y + window_height, x : x + window_width])
        straight = teacher(window)
        flipped = teacher(np.ascontiguousarray(window[:, ::-1]))[:, ::-1]
        place = (slice(y, y + window_height), slice(x, x + window_width))
        total[place] += straight + flipped
        weight[place] += 2
    return total / weight


def agree(
    rgb: NDArray[np.uint8], mattes: Sequence[NDArray[np.float32]], webcam: bool
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Join the teachers' mattes of one picture into a target and a weight.

    Args:
        rgb: (H, W, 3) uint8.
        mattes: (H, W) each, of the salient-object teacher first, then of the portrait teachers.
        webcam: whether the picture is of somebody before a camera, which is what portrait teachers
            are made for: there a majority is believed, and the last teacher where it is very sure.

    Returns:
        (H, W) uint8 target matte and (H, W) uint8 weight, 255 for full belief.
    """
    opinions = np.stack(mattes)
    votes = (opinions > 0.5).sum(axis=0)
    person = 2 * votes > len(mattes)
    same = (votes == 0) | (votes == len(mattes))
    near = opinions.max(axis=0) - opinions.min(axis=0) < 0.5
    belief = np.where(same & near, 1.0, np.where(same, 0.6, 0.0)).astype(np.float32)
    counts = ((opinions > 0.5) == person).astype(np.float32)
    mean = np.asarray((opinions * counts).sum(axis=0) / counts.sum(axis=0), np.float32)
    if webcam:
        tie = 2 * votes == len(mattes)
        last = mattes[-1]
        sure = (last > 0.97) | (last < 0.02)
        mean = np.asarray(np.where(sure & tie, last, mean), np.float32)
        belief = np.where(sure & tie, 0.5, belief).astype(np.float32)
        belief = np.where(~same & ~tie, 0.6, belief).astype(np.float32)
    guide = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), np.float32) / np.float32(255)
    fine = guided_filter(guide, mean, 5, 2e-4)
    fine = np.clip((fine - 0.5) * 1.8 + 0.5, 0, 1).astype(np.float32)
    band = np.clip(1 - np.abs(cv2.blur(mean, (9, 9)) - 0.5) * 2, 0, 1)
    band = np.clip(band * 4, 0, 1)
    target = band * fine + (1 - band) * (mean > 0.5)
    target = np.where(target < 0.04, 0, np.where(target > 0.96, 1, target))
    return (
        np.rint(target * 255).astype(np.uint8),
        np.rint(cv2.blur(belief, (3, 3)) * 255).astype(np.uint8),
    )


def clip_frames(path: Path, every: int) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Yield (index, RGB frame) for every `every`-th frame of a clip."""
    capture = cv2.VideoCapture(str(path))
    index = 0
    while True:
        got, frame_bgr = capture.read()
        if not got:
            return
        if index % every == 0:
            yield index, np.asarray(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB), np.uint8)
        index += 1


def shrink(rgb: NDArray[np.uint8], max_side_px: int = MAX_SIDE_PX) -> NDArray[np.uint8]:
    """Scale a picture down so that its longer side is at most `max_side_px`."""
    scale = max_side_px / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size_wh = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def save_label(folder: Path, label: Label) -> None:
    """Write one picture with its target and weight; the weight file comes last, as the seal."""
    cv2.imwrite(
        str(folder / f"{label.name}.jpg"),
        cv2.cvtColor(label.rgb, cv2.COLOR_RGB2BGR),
        [cv2.IMWRITE_JPEG_QUALITY, 95],
    )
    cv2.imwrite(str(folder / f"{label.name}.alpha.png"), label.target)
    cv2.imwrite(str(folder / f"{label.name}.weight.png"), label.weight)


def open_teachers(names: list[str]) -> list[RgbToAlpha]:
    """Open one to three teachers; the first is asked plainly, the others over windows and flips.

    Raises:
        ValueError: none or more than three, or an unknown one.
    """
    if not 1 <= len(names) <= 3:
        raise ValueError(f"--teacher: wanted one to three, got {len(names)}")

    def alone(contender: Contender) -> RgbToAlpha:
        def run(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
            contender.reset()
            return contender.matte(rgb)

        return run

    general, *portrait = [alone(open_contender(name, still=True)) for name in names]
    return [general, *(partial(mean_over_windows, teacher=teacher) for teacher in portrait)]


def label_all(
    folder: Path,
    photos: list[Path],
    clips: list[Path],
    teachers: Sequence[RgbToAlpha],
    every: int = 6,
) -> int:
    """Label photos and every `every`-th frame of clips.

    What is there already is kept.

    Returns:
        How many targets were written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = 0

    def missing(name: str) -> bool:
        return not (folder / f"{name}.weight.png").exists()

    def ask(name: str, rgb: NDArray[np.uint8], webcam: bool) -> Label:
        small = shrink(rgb)
        return Label(name, small, *agree(small, [teacher(small) for teacher in teachers], webcam))

    def frames(clip: Path) -> Iterator[tuple[str, NDArray[np.uint8]]]:
        for index, frame in clip_frames(clip, every):
            yield f"{clip.stem}_{index:05d}", frame

    for clip in clips:
        for name, frame in frames(clip):
            if missing(name):
                save_label(folder, ask(name, frame, webcam=True))
                written += 1
    for photo in filter(lambda path: missing(path.stem), photos):
        image_bgr = cv2.imread(str(photo), cv2.IMREAD_COLOR)
        if image_bgr is not None:
            rgb = np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.uint8)
            save_label(folder, ask(photo.stem, rgb, webcam=not photo.stem.startswith("ccp")))
            written += 1
    return written
