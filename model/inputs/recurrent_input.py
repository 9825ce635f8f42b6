"""A recurrent network's input in 8 bits: picture and previous matte, as levels of 0 to 255.

A camera's picture has no more than 8 bits. So they travel up to the engine, which turns them into
the numbers that the network was trained on, where that is cheapest: a quarter of the bytes to lay
out, and no pass over them in NumPy. Runs in the inference thread.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.networks.u2net_live import RGB_MEAN, RGB_STD

GAIN = (*(1 / (255 * deviation) for deviation in RGB_STD), 1 / 255)
SHIFT = (*(-mean / deviation for mean, deviation in zip(RGB_MEAN, RGB_STD, strict=True)), 0.0)
"""A channel's value for the network is `level * GAIN + SHIFT`: red, green, blue, previous matte."""


def feedback(alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return what is fed back of a matte: 0.5 to 1 stretched to 0 to 255, and 0 below.

    With the whole matte fed back, a network takes its own doubt for knowledge: a shrub at 0.3 in
    the first frame is a person at 1 ten frames later, and stays one.
    """
    return (np.clip(alpha * 2 - 1, 0, 1) * 255 + 0.5).astype(np.uint8)


def join(
    picture: NDArray[np.uint8], previous: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """Join a picture (h, w, 3) and what is fed back (h, w) to (1, h, w, 4); None is zeros."""
    height, width = picture.shape[:2]
    result = np.zeros((1, height, width, 4), np.uint8)
    if previous is None:
        cv2.mixChannels([picture], [result[0]], [0, 0, 1, 1, 2, 2])
    else:
        cv2.mixChannels([picture, previous], [result[0]], [0, 0, 1, 1, 2, 2, 3, 3])
    return result


def scale(x: Tensor) -> Tensor:
    """Turn levels into what the network is fed, float32.

    Args:
        x: uint8, its last axis the four channels of one pixel, or of several one after another.
    """
    pixels = x.shape[-1] // len(GAIN)
    gain = torch.tensor(GAIN * pixels, device=x.device)
    return torch.addcmul(torch.tensor(SHIFT * pixels, device=x.device), x.float(), gain)
