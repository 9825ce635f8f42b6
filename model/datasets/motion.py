"""Motion of layers in a clip: smooth paths, and the clock of a camera that pauses and skips.

After Robust Video Matting (arXiv 2108.11515, section 5.1): both layers move by affine maps that are
functions of time, and time itself pauses, skips and changes its speed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.draws import Draws

Matrix = NDArray[np.float64]

SHIFT, TURN_DEGREES, GROWTH = 0.012, 0.8, 0.01
"""Motion from frame to frame at amount 1: in parts of the height, degrees, log of the scale."""
WAVES = 3
"""Sinusoids that a path is the sum of."""
SHORTEST_PERIOD, LONGEST_PERIOD = 6.0, 90.0
"""Frames."""


def draw_clock(count: int, draws: Draws, pause: float, skip: float) -> NDArray[np.float64]:
    """Draw when the `count` frames of a clip are taken, in frames from 0 on.

    Args:
        count: of the frames.
        draws: the source of chance.
        pause: share of clips in which the picture stands still for a while, often at the beginning.
        skip: share of clips in which frames are missing.
    """
    steps = np.full(count, float(np.exp(draws.rng("speed").uniform(np.log(0.5), np.log(2.0)))))
    rng = draws.happens("skip", skip)
    if rng is not None:
        missing = rng.random(count) < rng.uniform(0.05, 0.4)
        steps[missing] *= rng.integers(2, 6, int(missing.sum()))
    rng = draws.happens("pause", pause)
    if rng is not None:
        begin = 0 if rng.random() < 0.5 else int(rng.integers(count))
        steps[begin : begin + int(rng.integers(2, max(3, count)))] = 0
    steps[0] = 0
    return np.cumsum(steps)


def draw_path(
    size_wh: tuple[int, int], times: NDArray[np.float64], amount: float, rng: np.random.Generator
) -> list[Matrix]:
    """Draw how a layer moves about the frame's centre: a 3×3 map for each time, the first identity.

    Args:
        size_wh: of the frame, in pixels.
        times: in frames.
        amount: 1 moves by about `SHIFT` of the height a frame, 0 stands still.
        rng: the source of chance.
    """
    width, height = size_wh
    periods = np.exp(rng.uniform(np.log(SHORTEST_PERIOD), np.log(LONGEST_PERIOD), (4, WAVES, 1)))
    phases = rng.uniform(0, 2 * np.pi, (4, WAVES, 1))
    speeds = rng.normal(0, 1, (4, WAVES, 1)) * np.sqrt(2 / WAVES)
    waves = speeds * periods / (2 * np.pi) * np.sin(2 * np.pi * times / periods + phases)
    pose = waves.sum(axis=1)
    pose = amount * (pose - pose[:, :1])
    shift_x, shift_y = SHIFT * height * pose[:2]
    angles, scales = np.deg2rad(TURN_DEGREES * pose[2]), np.exp(GROWTH * pose[3])
    centre = np.array((width / 2, height / 2))
    path = []
    for x, y, angle, scale in zip(shift_x, shift_y, angles, scales, strict=True):
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        linear = np.array(((cos, -sin), (sin, cos)))
        offset = centre - linear @ centre + (x, y)
        path.append(np.vstack((np.column_stack((linear, offset)), (0.0, 0.0, 1.0))))
    return path
