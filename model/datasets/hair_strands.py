"""Loose strands of hair at a face: thin, curved, with the scene visible between them and the head.

The masks of our photos follow the mass of hair. Trained on these alone a network learns that thin
structures beside a head are background, and that what a lock of hair encloses is the person.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.person_shape import OPAQUE, Head, find_head
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.scenery import blend, visible_behind

FINER = 4
"""Strands are drawn on a canvas this many times as large, for widths between whole pixels."""
PIECES = 12
"""Straight pieces of which a curve is made."""


def _lock(alpha: Image, head: Head, rng: np.random.Generator) -> NDArray[np.float64] | None:
    """Draw the points (N, 2), x and y, of a lock that leaves the hair and hangs at the face.

    A quadratic Bézier curve. Where the head narrows to the neck it encloses some of the scene.
    None where there is no person in the row at which it would start.
    """
    side = 1 if rng.random() < 0.5 else -1
    y = head.top + head.width * rng.uniform(0.15, 1.0)
    length, bulge = head.width * rng.uniform(0.3, 1.3), head.width * rng.uniform(0.0, 0.35)
    root, aside = head.width * rng.uniform(0.02, 0.15), head.width * rng.uniform(-0.35, 0.2)
    columns = np.flatnonzero(alpha[min(int(y), len(alpha) - 1)] > OPAQUE)
    if not columns.size:
        return None
    start = np.array((columns[0 if side < 0 else -1] - side * root, y))
    stop = start + np.array((side * (root + aside), length))
    turn = (start + stop) / 2 + np.array((side * (2 * bulge + root), 0))
    t = np.linspace(0, 1, PIECES + 1)[:, None]
    return np.asarray((1 - t) ** 2 * start + 2 * t * (1 - t) * turn + t**2 * stop)


def _hair_colour(frame: Image, alpha: Image, head: Head) -> NDArray[np.float64] | None:
    """Return the mean colour (3,) of the top of a head; None where the matte is not opaque there.

    Not of a random place, as `Contour` has it: it must not change from frame to frame.
    """
    rows = slice(head.top, head.top + max(2, head.width // 4))
    opaque = alpha[rows] > OPAQUE
    return np.asarray(frame[rows][opaque].mean(axis=0)) if opaque.any() else None


def add_hair_strands(frame: Image, alpha: Image, rng: np.random.Generator) -> tuple[Image, Image]:
    """Draw one to four loose strands in the colour of the hair; they belong to the person.

    Args:
        frame: (H, W, 3).
        alpha: (H, W), the matte of the person in it.
        rng: the same draws give the same strands on the next frame of a clip.

    Returns:
        The frame and the matte with the strands; unchanged where no head is found.
    """
    head = find_head(alpha)
    hair = None if head is None else _hair_colour(frame, alpha, head)
    if head is None or hair is None:
        return frame, alpha
    height, width = alpha.shape
    strands = np.zeros((height * FINER, width * FINER), np.uint8)
    for _ in range(int(rng.integers(1, 5))):
        width_px = head.width * float(np.exp(rng.uniform(np.log(0.02), np.log(0.1))))
        strength = rng.uniform(130, 256)
        points = _lock(alpha, head, rng)
        if points is None:
            continue
        places = np.rint(points * FINER).astype(int)
        for piece in range(PIECES):
            thinner = 1 - 0.6 * piece / PIECES
            thickness = max(FINER, round(width_px * thinner * FINER))
            cv2.line(strands, places[piece], places[piece + 1], strength, thickness)
    matte = np.asarray(cv2.resize(strands, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    matte = np.asarray(cv2.GaussianBlur(matte, (0, 0), float(rng.uniform(0.3, 0.8))), np.uint8)
    tone = np.clip(hair * rng.uniform(0.7, 1.25) + rng.normal(0, 5, 3), 0, 255).astype(np.uint8)
    colour = np.ascontiguousarray(np.broadcast_to(tone, frame.shape))
    visible = visible_behind(matte, alpha)
    return blend(colour, frame, visible), np.asarray(cv2.add(alpha, visible), np.uint8)
