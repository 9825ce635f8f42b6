"""Places a person of a photo in a webcam's frame: crop, scale, position."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image, Photo

Matrix = NDArray[np.float64]

FULL_BODY_ASPECT = 1.9
"""A person whose box is this many times higher than wide stands; a webcam sees only the top."""
DISTANT_SHARE = 0.1
CUT_PX = 3
"""A person's box that ends this close to the picture's border is cut off there."""
LOW_SIDES = 0.4
"""Sides that cut a person off below this part of their height cut off shoulders or clothes."""
MOST_GROWTH, MOST_WIDENING = 2.0, 1.3
"""Factors by which a person is enlarged to hide a cut below, and cuts on both sides."""


def draw_scale(photo: Photo, height: int, rng: np.random.Generator) -> float:
    """Draw a scale, evenly on a logarithmic scale of what part of the person the frame shows."""
    left, top, right, bottom = photo.box
    if rng.random() < DISTANT_SHARE:
        low, high = 1.0, 3.0
    elif bottom - top > FULL_BODY_ASPECT * (right - left):
        low, high = 0.13, 0.9
    else:
        low, high = 0.4, 1.5
    return height / (float(np.exp(rng.uniform(np.log(low), np.log(high)))) * (bottom - top))


def webcam_matrix(
    photo: Photo, size_wh: tuple[int, int], rng: np.random.Generator, *, inside: bool
) -> Matrix:
    """Draw the map from photo pixels to frame pixels that makes a webcam's view of a person.

    Args:
        photo: the person.
        size_wh: frame size in pixels.
        rng: the source of chance.
        inside: keep the frame within the photo (for photos used with their own background).
    """
    width, height = size_wh
    scale = draw_scale(photo, height, rng)
    stretch = float(np.exp(rng.normal(0, 0.03)))
    angle = np.deg2rad(rng.normal(0, 2.0 if inside else 5.0))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    head_at = np.array(
        (width * np.clip(rng.normal(0.5, 0.18), -0.05, 1.05), height * rng.uniform(-0.1, 0.38))
    )
    photo_height, photo_width = photo.alpha[0].shape
    if inside:
        scale = max(scale, width / photo_width * 1.01, height / photo_height * 1.01)
    linear = scale * np.array(
        (
            (flip * stretch * np.cos(angle), -np.sin(angle)),
            (flip * stretch * np.sin(angle), np.cos(angle)),
        )
    )
    head = np.array((photo.head_x, float(photo.box[1])))
    matrix = np.column_stack((linear, head_at - linear @ head))
    if not inside:
        return hide_cuts(matrix, photo, size_wh)
    centre = np.linalg.solve(linear, np.array((width, height)) / 2 - matrix[:, 2])
    reach = np.array((width, height)) / 2 / scale
    low = np.minimum(reach, np.array((photo_width, photo_height)) / 2)
    high = np.array((photo_width, photo_height)) - low
    matrix[:, 2] = np.array((width, height)) / 2 - linear @ np.clip(centre, low, high)
    return matrix


def hide_cuts(matrix: Matrix, photo: Photo, size_wh: tuple[int, int]) -> Matrix:
    """Enlarge and shift a person until no side that their photo's border cuts off is in sight.

    Shoulders that the sides cut off, low down, are left out of the frame like what is below the
    picture; a person whom the sides cut off higher up fills the frame's width.
    """
    height, width = photo.alpha[0].shape
    left, top, right, bottom = photo.box
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    low_sides = photo.sides_at - top > LOW_SIDES * (bottom - top) and size_wh[
        0
    ] > MOST_WIDENING * scale * (right - left)
    end = photo.sides_at if low_sides else bottom
    cut = {
        "left": left <= CUT_PX and not low_sides,
        "right": right >= width - CUT_PX and not low_sides,
        "top": top <= CUT_PX,
        "bottom": end < bottom or bottom >= height - CUT_PX,
    }
    corners = np.array(((left, top), (right, top), (right, end), (left, end)), np.float64)
    edges = {"left": [0, 3], "right": [1, 2], "top": [0, 1], "bottom": [2, 3]}
    matrix = matrix.copy()
    for axis, (first, last) in enumerate((("left", "right"), ("top", "bottom"))):
        if axis == 0 and matrix[0, 0] < 0:
            first, last = last, first
        placed = corners @ matrix[:, :2].T + matrix[:, 2]
        begin = float(placed[edges[first], axis].max())
        length = max(1.0, float(placed[edges[last], axis].min()) - begin)
        # What is cut at one end only is enlarged from the other end, and not without limit.
        wanted = size_wh[axis] if cut[first] else min(size_wh[axis] - begin, MOST_GROWTH * length)
        if cut[last] and length < wanted:
            anchor = corners[edges[first]].mean(axis=0)
            kept = matrix[:, :2] @ anchor + matrix[:, 2]
            matrix[:, :2] *= wanted / length
            matrix[:, 2] = kept - matrix[:, :2] @ anchor
            placed = corners @ matrix[:, :2].T + matrix[:, 2]
            begin = float(placed[edges[first], axis].max())
        if cut[first]:
            matrix[axis, 2] -= max(0.0, begin)
        if cut[last]:
            reached = corners @ matrix[:, :2].T + matrix[:, 2]
            matrix[axis, 2] += max(0.0, size_wh[axis] - float(reached[edges[last], axis].min()))
    return matrix


def warp(levels: tuple[Image, ...], matrix: Matrix, size_wh: tuple[int, int], border: int) -> Image:
    """Warp the coarsest level of a pyramid that is fine enough to a frame of `size_wh`."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    level = 0
    while level + 1 < len(levels) and scale * (2**level) < 0.7:
        level += 1
    fine = levels[level]
    scaled = matrix.copy()
    scaled[:, 0] *= levels[0].shape[1] / fine.shape[1]
    scaled[:, 1] *= levels[0].shape[0] / fine.shape[0]
    return np.asarray(
        cv2.warpAffine(fine, scaled, size_wh, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8
    )


def warp_regions(regions: Image, matrix: Matrix, size_wh: tuple[int, int], outside: int) -> Image:
    """Warp a map of codes to a frame; no codes are mixed."""
    return np.asarray(
        cv2.warpAffine(
            regions,
            matrix,
            size_wh,
            flags=cv2.INTER_NEAREST,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=outside,
        ),
        np.uint8,
    )
