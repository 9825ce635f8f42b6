"""Pictures that tell which they are."""

import numpy as np

from u2cam.core.arrays import ImageU8


def numbered_image(number: int, size_wh: tuple[int, int] = (64, 36)) -> ImageU8:
    """An RGB image that tells its number: red is number % 256, green the row, blue the column."""
    width, height = size_wh
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0] = number % 256
    image[..., 1] = (np.arange(height) % 256)[:, None]
    image[..., 2] = np.arange(width) % 256
    return image
