"""Outlines of people: where they run, and which colours are just inside them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from model.train.library import Image

HEAD = 0.4
"""Of somebody's outline before a webcam, this part from the top is mostly the head's."""
HAIR = 0.12
"""And this is mostly hair."""
SURE = 230
"""Mattes above this, of 255, are the person and nothing else."""


def outline(alpha: Image) -> NDArray[np.intp]:
    """Return rows and columns (N, 2), from the top down, of what is just inside an outline.

    None, where a matte, (H, W), is sure of nothing.
    """
    reach = _reach(alpha)
    sure = (alpha > SURE).astype(np.uint8)
    inside = np.asarray(cv2.erode(sure, np.ones((reach, reach), np.uint8)), np.uint8)
    deep = np.asarray(cv2.erode(inside, np.ones((2 * reach + 1,) * 2, np.uint8)), np.uint8)
    return np.argwhere(inside > deep)


def place_on(
    places: NDArray[np.intp], rng: np.random.Generator, upper: float = 1.0
) -> tuple[int, int]:
    """Draw the row and column of a place on an outline with any, from its upper part."""
    rows = places[:, 0]
    lowest = rows[0] + upper * (rows[-1] - rows[0])
    row, column = places[rng.integers(np.searchsorted(rows, lowest, side="right"))]
    return int(row), int(column)


def colour_at(rgb: Image, alpha: Image, place: tuple[int, int]) -> NDArray[np.float64]:
    """Return the mean colour (3,), 0 to 255, around a place of what a matte is sure of there."""
    reach = _reach(alpha)
    y, x = place
    around = np.s_[max(0, y - reach) : y + reach + 1, max(0, x - reach) : x + reach + 1]
    return np.asarray(rgb[around][alpha[around] > SURE].mean(axis=0), np.float64)


def _reach(alpha: Image) -> int:
    """Return how many pixels of a frame are near an outline."""
    return max(2, len(alpha) // 72)


def outline_colour(rgb: Image, alpha: Image, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the mean colour (3,), 0 to 255, around a random place just inside an outline.

    Args:
        rgb: (H, W, 3), of which the part counts that `alpha`, (H, W), is sure of.
        alpha: where it is sure of nothing, the colour is drawn at random.
        rng: chooses the place.
    """
    places = outline(alpha)
    if not places.size:
        return rng.uniform(0, 255, 3)
    return colour_at(rgb, alpha, place_on(places, rng))
