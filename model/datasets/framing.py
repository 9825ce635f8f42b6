"""Places a person of a photo in a webcam's frame: crop, scale, position, motion between frames."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.datasets.photo import Image, Photo

Matrix = NDArray[np.float64]

FULL_BODY_ASPECT = 1.9
"""A person whose box is this many times higher than wide stands; a webcam sees only the top."""


def webcam_matrix(
    photo: Photo,
    size_wh: tuple[int, int],
    rng: np.random.Generator,
    *,
    inside: bool,
    distant: bool = False,
) -> Matrix:
    """Draw the map from photo pixels to frame pixels that makes a webcam's view of a person.

    Args:
        photo: the person.
        size_wh: frame size in pixels.
        rng: the source of chance.
        inside: keep the frame within the photo (for photos used with their own background).
        distant: show the person far from the camera, all of them that the photo has.
    """
    width, height = size_wh
    left, top, right, bottom = photo.box
    person_height = bottom - top
    if person_height > FULL_BODY_ASPECT * (right - left):
        share = np.exp(rng.uniform(np.log(0.13), np.log(0.8)))
        if rng.random() < 0.1:
            share = rng.uniform(0.8, 1.5)
    else:
        share = np.exp(rng.uniform(np.log(0.4), np.log(1.5)))
    if distant:
        share = np.exp(rng.uniform(np.log(1.0), np.log(3.0)))
    scale = height / (share * person_height)
    stretch = float(np.exp(rng.normal(0, 0.03)))
    angle = np.deg2rad(rng.normal(0, 2.0 if inside else 5.0))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    head_at = np.array(
        (
            width * np.clip(rng.normal(0.5, 0.18), -0.05, 1.05),
            height * (rng.uniform(0.0, 0.6) if distant else rng.uniform(-0.1, 0.38)),
        )
    )
    photo_height, photo_width = photo.alpha[0].shape
    if bottom >= photo_height - 3:  # cut by the photo's border: keep the cut below the frame
        scale = max(scale, (height - head_at[1]) / person_height * 1.02)
    if inside:
        scale = max(scale, width / photo_width * 1.01, height / photo_height * 1.01)
    linear = scale * np.array(
        (
            (flip * stretch * np.cos(angle), -np.sin(angle)),
            (flip * stretch * np.sin(angle), np.cos(angle)),
        )
    )
    head = np.array((photo.head_x, float(top)))
    matrix = np.column_stack((linear, head_at - linear @ head))
    if inside:
        centre = np.linalg.solve(linear, np.array((width, height)) / 2 - matrix[:, 2])
        reach = np.array((width, height)) / 2 / scale
        low = np.minimum(reach, np.array((photo_width, photo_height)) / 2)
        high = np.array((photo_width, photo_height)) - low
        centre = np.clip(centre, low, high)
        matrix[:, 2] = np.array((width, height)) / 2 - linear @ centre
    return matrix


def full_frame_matrix(photo: Photo, size_wh: tuple[int, int], rng: np.random.Generator) -> Matrix:
    """Draw the map that shows a picture as its camera took it: all of it, or nearly all."""
    width, height = size_wh
    photo_height, photo_width = photo.alpha[0].shape
    scale = max(width / photo_width, height / photo_height) * float(rng.uniform(1.0, 1.15))
    slack = scale * np.array((photo_width, photo_height)) - (width, height)
    offset = -slack * rng.uniform(0, 1, 2)
    if rng.random() < 0.5:
        return np.array(((-scale, 0.0, width - offset[0]), (0.0, scale, offset[1])))
    return np.array(((scale, 0.0, offset[0]), (0.0, scale, offset[1])))


def nudge(size_wh: tuple[int, int], rng: np.random.Generator, amount: float) -> Matrix:
    """Draw a small motion about the frame's centre as a 3×3 matrix."""
    width, height = size_wh
    angle = np.deg2rad(rng.normal(0, 0.8 * amount))
    scale = float(np.exp(rng.normal(0, 0.01 * amount)))
    shift = rng.normal(0, 0.012 * amount * height, 2)
    cos, sin = scale * np.cos(angle), scale * np.sin(angle)
    centre = np.array((width / 2, height / 2))
    linear = np.array(((cos, -sin), (sin, cos)))
    offset = centre - linear @ centre + shift
    return np.array(((cos, -sin, offset[0]), (sin, cos, offset[1]), (0.0, 0.0, 1.0)))


def warp(levels: tuple[Image, ...], matrix: Matrix, size_wh: tuple[int, int], border: int) -> Image:
    """Warp the coarsest level of a pyramid that is fine enough to a frame of `size_wh`."""
    scale = float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))
    level = 0
    while level + 1 < len(levels) and scale * (2**level) < 0.7:
        level += 1
    fine = levels[level]
    ratio_x = levels[0].shape[1] / fine.shape[1]
    ratio_y = levels[0].shape[0] / fine.shape[0]
    scaled = matrix.copy()
    scaled[:, 0] *= ratio_x
    scaled[:, 1] *= ratio_y
    return np.asarray(
        cv2.warpAffine(fine, scaled, size_wh, flags=cv2.INTER_LINEAR, borderMode=border), np.uint8
    )
