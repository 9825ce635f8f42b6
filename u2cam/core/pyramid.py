"""A picture halved again and again, made once per frame and used by all that need a small copy."""

from __future__ import annotations

from u2cam.core.frame import ImageU8

LEAST_LONG_SIDE = 320
"""Pixels: as the grid of the effects and of optical flow; nothing asks for smaller copies."""


def halves(image: ImageU8, least_long_side: int = LEAST_LONG_SIDE) -> tuple[ImageU8, ...]:
    """Halve an image (H, W, 3) by averaging 2x2 pixels, as often as it stays large enough.

    A last odd row or column is left out. Exact halves have a fast path in OpenCV: a third of the
    time of one step of area averaging, and as little aliasing.

    Returns:
        The halves, largest first, each with a long side of at least `least_long_side` pixels; empty
        where the image is too small to be halved.
    """
    import cv2  # a library that only looks at frames does not need it

    levels: list[ImageU8] = []
    while True:
        height, width = image.shape[0] // 2, image.shape[1] // 2
        if max(width, height) < least_long_side or min(width, height) < 1:
            return tuple(levels)
        even = image[: 2 * height, : 2 * width]
        image = cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA).astype("uint8")
        levels.append(image)
