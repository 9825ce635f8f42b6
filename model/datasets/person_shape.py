"""Shapes of people: contours and their colours, heads, and thin structures."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image

HEAD = 0.4
"""Of the contour of a person at a webcam, this part from the top is mostly the head's."""
HAIR = 0.12
"""And this is mostly hair."""
OPAQUE = 230
"""Mattes above this, of 255, show the person and nothing else."""


class Contour:
    """The pixels just inside the contour of a person: where they are, and in which colours."""

    def __init__(self, rgb: Image, alpha: Image) -> None:
        """Find the contour of the opaque part of a matte, (H, W), of a picture, (H, W, 3)."""
        self._rgb, self._alpha = rgb, alpha
        self._reach = max(2, len(alpha) // 72)
        around = np.ones((self._reach, self._reach), np.uint8)
        inside = cv2.erode((alpha > OPAQUE).astype(np.uint8), around)
        deep = cv2.erode(inside, np.ones((2 * self._reach + 1,) * 2, np.uint8))
        self.places: NDArray[np.intp] = np.argwhere(np.asarray(inside > deep))
        """Rows and columns, (N, 2), from the top down; none where the matte is opaque nowhere."""

    def place(self, rng: np.random.Generator, upper: float = 1.0) -> tuple[int, int]:
        """Draw the row and column of a place, if there are any, from the upper part."""
        rows = self.places[:, 0]
        lowest = rows[0] + upper * (rows[-1] - rows[0])
        row, column = self.places[rng.integers(np.searchsorted(rows, lowest, side="right"))]
        return int(row), int(column)

    def colour(self, place: tuple[int, int]) -> NDArray[np.float64]:
        """Return the mean colour (3,), 0 to 255, of the opaque pixels around a place."""
        y, x = place
        reach = self._reach
        around = np.s_[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
        opaque = self._alpha[around] > OPAQUE
        return np.asarray(self._rgb[around][opaque].mean(axis=0), np.float64)

    def any_colour(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw the colour of a place; any colour where there is none."""
        return self.colour(self.place(rng)) if self.places.size else rng.uniform(0, 255, 3)


class Head(NamedTuple):
    """Where the top of the person is, in pixels."""

    top: int
    x: float
    width: int


def find_head(alpha: Image) -> Head | None:
    """Measure the upper part of a (H, W) matte; None where there is no head to be found."""
    rows = np.flatnonzero((alpha > 127).any(axis=1))
    if rows.size < 20 or rows[0] < 3:
        return None
    upper = alpha[rows[0] : rows[0] + max(4, alpha.shape[0] // 6)] > 127
    columns = np.flatnonzero(upper.any(axis=0))
    if columns.size < 8:
        return None
    return Head(int(rows[0]), float(columns.mean()), columns.size)


def thin(alpha: Image) -> Image:
    """Return how much of each pixel of a (H, W) matte is of a strand of hair or a narrow gap.

    Both top-hat transforms (Serra, Image Analysis and Mathematical Morphology, 1982). A strand is
    narrower than about a thirty-second of the shorter side, a gap than a sixteenth.
    """
    side = min(alpha.shape)
    strand, gap = (np.ones((2 * max(1, side // part) + 1,) * 2, np.uint8) for part in (64, 32))
    closed = cv2.morphologyEx(alpha, cv2.MORPH_CLOSE, gap)
    opened = cv2.morphologyEx(alpha, cv2.MORPH_OPEN, strand)
    return np.asarray(cv2.subtract(closed, opened), np.uint8)
