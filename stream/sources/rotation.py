"""Turn pictures as a file's display matrix or the settings ask: the eight ways to hold a phone.

Runs in the capture thread. Knows nothing of files: it gets the nine numbers of the matrix.
"""

import struct
from dataclasses import dataclass

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8


@dataclass(frozen=True, slots=True)
class Orientation:
    """A picture is transposed first, then mirrored left to right, then top to bottom."""

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    @classmethod
    def from_display_matrix(cls, matrix: bytes) -> "Orientation":
        """Read FFmpeg's display matrix side data (nine int32 in the machine's byte order).

        The matrix [[a, b, u], [c, d, v], [x, y, w]] maps a stored pixel (p, q) to the shown one
        (a p + c q, b p + d q). Angles between the quarter turns are taken as the nearest one.
        """
        a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(transpose=True, mirror_x=c < 0, mirror_y=b < 0)
        return cls(mirror_x=a < 0, mirror_y=d < 0)

    @classmethod
    def of_turn(cls, degrees: int) -> "Orientation":
        """Return the turn clockwise by 0, 90, 180 or 270 degrees."""
        return cls(
            transpose=degrees in (90, 270),
            mirror_x=degrees in (90, 180),
            mirror_y=degrees in (180, 270),
        )

    def size_wh(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height after turning."""
        return (size_wh[1], size_wh[0]) if self.transpose else size_wh

    def stored_box(
        self, box: tuple[int, int, int, int], shown_wh: tuple[int, int]
    ) -> tuple[int, int, int, int]:
        """Return where a box (left, top, width, height) of the turned picture is stored."""
        left, top, width, height = box
        if self.mirror_y:
            top = shown_wh[1] - top - height
        if self.mirror_x:
            left = shown_wh[0] - left - width
        return (top, left, height, width) if self.transpose else (left, top, width, height)

    def apply(self, image: ImageU8) -> ImageU8:
        """Return the image (H, W, 3) turned: contiguous; the image itself where nothing turns."""
        if self.transpose:
            if self.mirror_x != self.mirror_y:  # a quarter turn, which OpenCV does in one go
                code = cv2.ROTATE_90_CLOCKWISE if self.mirror_x else cv2.ROTATE_90_COUNTERCLOCKWISE
                return np.asarray(cv2.rotate(image, code), dtype=np.uint8)
            image = np.asarray(cv2.transpose(image), dtype=np.uint8)
        if self.mirror_x and self.mirror_y:
            return np.asarray(cv2.flip(image, -1), dtype=np.uint8)
        if self.mirror_x:
            return np.asarray(cv2.flip(image, 1), dtype=np.uint8)
        if self.mirror_y:
            return np.asarray(cv2.flip(image, 0), dtype=np.uint8)
        return image
