"""Places a person cut out in a frame, so that no cut edge of their picture shows inside it."""

from __future__ import annotations

import cv2
import numpy as np

from u2cam.model.datasets.photo import Image
from u2cam.model.evaluate.composites import Layer, premultiplied

MOTION_ROOM = 0.05
"""How far below the frame a cut stays, as a part of the frame's height, so that it may drift."""
LEAST_SHOWN = 0.6
"""Of a portrait's height: where less is free of cut sides, a side is put at the frame's side."""


def free_rows(alpha: Image) -> tuple[int, int]:
    """Return the rows from which on a matte (H, W) is cut by its picture's left and right side."""
    rows = []
    for side in (alpha[:, 0], alpha[:, -1]):
        cut = np.flatnonzero(side > 25)
        rows.append(int(cut[0]) if cut.size else alpha.shape[0])
    return rows[0], rows[1]


def place_portrait(
    rgba: Image, size_wh: tuple[int, int], rng: np.random.Generator, *, aside: bool = False
) -> Layer:
    """Place a head-and-shoulder portrait, whose shoulders its picture cuts off at the sides.

    The row where a cut begins goes below the frame. With `aside` one cut goes to the frame's side
    instead: the person is seen in part.
    """
    width, height = size_wh
    if rng.random() < 0.5:
        rgba = np.ascontiguousarray(rgba[:, ::-1])
    left_row, right_row = free_rows(rgba[..., 3])
    low = LEAST_SHOWN * rgba.shape[0]
    aside = aside or min(left_row, right_row) < low
    shown = float(max(low, max(left_row, right_row) if aside else min(left_row, right_row)))
    bottom = height * (1 + MOTION_ROOM)
    head_top = height * rng.uniform(0.0, 0.3)
    top_row = float(np.flatnonzero((rgba[..., 3] > 127).any(axis=1))[0])
    scale = (bottom - head_top) / max(shown - top_row, 1.0)
    layer = premultiplied(rgba, scale)
    if aside:
        beyond = MOTION_ROOM * height
        left = -beyond if left_row < right_row else width + beyond - layer.shape[1]
    else:
        middle = width * float(np.clip(rng.normal(0.5, 0.12), 0.2, 0.8))
        left = middle - layer.shape[1] / 2
    return Layer((layer,), left, bottom - shown * scale)


def place_standing(rgba: Image, size_wh: tuple[int, int], rng: np.random.Generator) -> Layer:
    """Place a photographed person who stands: close, to the waist, or whole, equally often."""
    width, height = size_wh
    rows = np.flatnonzero((rgba[..., 3] > 127).any(axis=1))
    columns = np.flatnonzero((rgba[..., 3] > 127).any(axis=0))
    top, tall = int(rows[0]), int(rows[-1] - rows[0] + 1)
    view = int(rng.integers(3))
    share = rng.uniform(*((0.25, 0.35), (0.4, 0.6), (1.02, 1.3))[view])
    head_top = height * rng.uniform(0.03, 0.2)
    if rows[-1] >= rgba.shape[0] - 3:  # the feet are cut off: keep the cut below the frame
        share = min(share, (height - head_top) / (height * (1 + MOTION_ROOM) - head_top))
    scale = (height - head_top) / (share * tall)
    layer = premultiplied(rgba, scale)
    middle = width * float(np.clip(rng.normal(0.5, 0.15), 0.15, 0.85))
    left = middle - scale * (columns[0] + columns[-1]) / 2
    return Layer((layer,), left, head_top - scale * top)


def place_rendered(frames: Image, furniture: Image | None, size_wh: tuple[int, int]) -> Layer:
    """Take rendered frames (T, h, w, 4) as their camera framed them."""
    pictures = []
    for rgba in [*frames, *([] if furniture is None else [furniture])]:
        picture = premultiplied(rgba)
        if picture.shape[1::-1] != size_wh:
            resized = cv2.resize(picture, size_wh, interpolation=cv2.INTER_AREA)
            picture = np.asarray(resized, np.float32)
        pictures.append(picture)
    layer = None if furniture is None else pictures.pop()
    return Layer(tuple(pictures), 0.0, 0.0, layer)
