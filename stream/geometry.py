"""Boxes and sizes as they are given in words: `0.1,0,0.8,1`, `1280x720`. Imports nothing heavy."""

import math
import re
from dataclasses import dataclass

LEAST_SIDE_PX, MOST_SIDE_PX = 16, 8192
"""Of pictures that are cut or scaled to a size."""
_SIZE = re.compile(r"(\d*)[xX×](\d*)")


@dataclass(frozen=True, slots=True)
class Box:
    """A part of a picture: shares of its sides, or pixels."""

    left: float
    top: float
    width: float
    height: float
    in_pixels: bool

    @classmethod
    def parse(cls, text: str) -> "Box":
        """Read `LEFT,TOP,WIDTH,HEIGHT`: shares where all four are 0 to 1, else whole pixels.

        Raises:
            ValueError: it is neither, or reaches beyond the picture.
        """
        try:
            left, top, width, height = numbers = [float(part) for part in text.split(",")]
        except ValueError:
            raise ValueError(
                "wanted LEFT,TOP,WIDTH,HEIGHT, in shares of the frame (0.1,0,0.8,1) or in pixels"
            ) from None
        if not all(math.isfinite(number) and number >= 0 for number in numbers):
            raise ValueError("no number may be below 0")
        if not width or not height:
            raise ValueError("width and height must be above 0")
        in_pixels = max(numbers) > 1
        if in_pixels and any(number != int(number) for number in numbers):
            raise ValueError("take shares of the frame, all from 0 to 1, or whole pixels")
        # A little more than 1 is the rounding of decimals.
        if not in_pixels and max(left + width, top + height) > 1 + 1e-9:
            raise ValueError("the box reaches beyond the frame: left + width, top + height are 1")
        return cls(left, top, width, height, in_pixels)

    def within(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Return left, top, width and height in pixels of a picture.

        Raises:
            ValueError: the box reaches beyond the picture, or is too small to work on.
        """
        width, height = (1, 1) if self.in_pixels else size_wh
        left, top = round(self.left * width), round(self.top * height)
        right = round((self.left + self.width) * width)
        bottom = round((self.top + self.height) * height)
        if right > size_wh[0] or bottom > size_wh[1]:
            raise ValueError(
                f"the box ends at {right},{bottom}, but the frame is {size_wh[0]}x{size_wh[1]}"
            )
        if min(right - left, bottom - top) < LEAST_SIDE_PX:
            raise ValueError(
                f"the box is {right - left}x{bottom - top} pixels; "
                f"it must be {LEAST_SIDE_PX} or more each way"
            )
        return left, top, right - left, bottom - top


@dataclass(frozen=True, slots=True)
class WantedSize:
    """A size to scale pictures to; a side that is None follows from the other."""

    width: int | None
    height: int | None

    @classmethod
    def parse(cls, text: str) -> "WantedSize":
        """Read `1280x720`, `1280x` or `x720`.

        Raises:
            ValueError: it is no size, or out of range.
        """
        match = _SIZE.fullmatch(text.strip())
        if match is None or not any(match.groups()):
            raise ValueError("wanted WIDTHxHEIGHT in pixels, or one of them: 1280x720, 1280x, x720")
        sides = [int(side) if side else None for side in match.groups()]
        if any(s is not None and not LEAST_SIDE_PX <= s <= MOST_SIDE_PX for s in sides):
            raise ValueError(f"each side must be {LEAST_SIDE_PX} to {MOST_SIDE_PX} pixels")
        return cls(*sides)

    def of(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Return width and height for pictures of a size; the side that follows is even."""
        width, height = size_wh
        if self.width is None:
            assert self.height is not None
            return _even(self.height * width / height), self.height
        return self.width, self.height or _even(self.width * height / width)


def _even(side: float) -> int:
    return min(MOST_SIDE_PX, max(LEAST_SIDE_PX, 2 * round(side / 2)))
