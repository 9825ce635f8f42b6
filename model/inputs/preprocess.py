"""How a picture is fed to each network, and how its output becomes a matte.

Pure functions on arrays, run in the inference thread.

The U²-Net authors divide a photo by its own maximum and stretch the output to the full range
(their test script). That is right for one photo and wrong for a camera: the brightness of the
matte would flicker with one bright pixel, and an empty room would be stretched into a full matte.
So stills get the authors' treatment, and video gets fixed scales and the network's probabilities
as they are.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.imaging.pyramid import halve_towards
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.networks.u2net_live import RGB_MEAN, RGB_STD
from u2cam.model.registry import ModelSpec

SHAPE_STEP_PX = 16
"""Sides of inputs that follow the picture's shape are multiples of this: the network halves them
several times."""

FLAT_RANGE = 1e-6
"""A matte that varies by less than this is flat: there is nothing to stretch."""


def fit_input(
    spec: ModelSpec, image_wh: tuple[int, int], input_size_wh: tuple[int, int]
) -> Letterbox:
    """Choose where the picture lies in the input; a non-square input turns with the picture.

    Args:
        spec: the network: with `keeps_aspect` it takes an input of the picture's own shape, and
            bars where that is not to be had; the others squash the picture, as the authors do.
        image_wh: width and height of the picture.
        input_size_wh: the input for a picture in landscape.
    """
    if spec.keeps_aspect:
        shape_wh = shaped_input(image_wh, input_size_wh)
        # Rounded shapes are off by a few percent: a picture is squashed by that, rather than boxed.
        has_bars = shape_wh in (input_size_wh, input_size_wh[::-1])
        return Letterbox.fit(image_wh, shape_wh, keep_aspect=has_bars)
    width, height = image_wh
    input_width, input_height = input_size_wh
    if (width < height) != (input_width < input_height) and width != height:
        input_width, input_height = input_height, input_width
    return Letterbox.fit(image_wh, (input_width, input_height), keep_aspect=False)


def shaped_input(image_wh: tuple[int, int], input_size_wh: tuple[int, int]) -> tuple[int, int]:
    """Return an input with the picture's shape and as many pixels as the one given.

    Bars are wasted work: a square picture in 512×288 has 288×288 pixels, in 384×384 for the same
    time it has all. Between the input given and its portrait orientation the shape follows the
    picture, in steps of `SHAPE_STEP_PX`; a picture that is wider or narrower than these gets bars.

    Args:
        image_wh: width and height of the picture.
        input_size_wh: the input for a picture as wide as this; either way round.
    """
    long, short = max(input_size_wh), min(input_size_wh)
    aspect = image_wh[0] / image_wh[1]
    if aspect >= long / short:
        return long, short
    if aspect <= short / long:
        return short, long
    sides = (math.sqrt(long * short * aspect), math.sqrt(long * short / aspect))
    width, height = (max(1, round(side / SHAPE_STEP_PX)) * SHAPE_STEP_PX for side in sides)
    return width, height


def resize_input(spec: ModelSpec, box: Letterbox, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Resize a picture (H, W, 3) into the network's input (h, w, 3), 8 bits; bars are black."""
    return box.apply(halve_towards(image, box.content_wh) if spec.averages_pixels else image)


def normalise(picture: NDArray[np.uint8], *, still: bool) -> NDArray[np.float32]:
    """Turn the resized picture into an official network's input.

    Args:
        picture: (h, w, 3) uint8 RGB.
        still: divide by the picture's own maximum, as the authors do, instead of by 255.

    Returns:
        (1, h, w, 3) float32, C-contiguous: channels last.
    """
    # A black picture has no maximum to divide by.
    brightest = float(picture.max()) or 1.0 if still else 255.0
    levels = np.arange(256)[:, None] / brightest
    mean, deviation = np.array((RGB_MEAN, RGB_STD), np.float32)
    table = ((levels - mean) / deviation).astype(np.float32)  # (256, 3)
    # A table: NumPy needs ten times as long on rows of three values.
    return np.asarray(cv2.LUT(picture, table[:, None]), np.float32)[None]


def stretch(matte: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stretch a matte (h, w) to the full range, as the authors do for one photo.

    A flat matte says nothing about foreground and is returned as it is.
    """
    low, high = float(matte.min()), float(matte.max())
    if high - low < FLAT_RANGE:
        return matte
    return (matte - low) / (high - low)
