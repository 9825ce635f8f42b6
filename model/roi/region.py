"""Regions of a frame: their geometry, without pixels."""

from __future__ import annotations

import math
from typing import NamedTuple


class Region(NamedTuple):
    """A part of the frame, as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Share of the frame's area."""
        return (self.right - self.left) * (self.bottom - self.top)

    def pixels(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels, right and bottom exclusive; at least 1×1."""
        width, height = size_wh
        left = min(round(self.left * width), width - 1)
        top = min(round(self.top * height), height - 1)
        right = max(left + 1, min(width, round(self.right * width)))
        bottom = max(top + 1, min(height, round(self.bottom * height)))
        return left, top, right, bottom

    def on_grid(self, size_wh: tuple[int, int]) -> Region:
        """Return the least region that holds this one and ends between pixels of a picture.

        What is cut there comes back to its place to a pixel: half a pixel off, every new crop
        would move the person's outline.
        """
        width, height = size_wh
        return Region(
            math.floor(self.left * width) / width,
            math.floor(self.top * height) / height,
            math.ceil(self.right * width) / width,
            math.ceil(self.bottom * height) / height,
        )

    def holds(self, inner: Region) -> bool:
        """Tell whether another region lies within this one."""
        return (
            self.left <= inner.left
            and self.top <= inner.top
            and self.right >= inner.right
            and self.bottom >= inner.bottom
        )

    def widened(self, margin: float) -> Region:
        """Add room on every side, as share of the longer side, inside the frame."""
        room = margin * max(self.right - self.left, self.bottom - self.top)
        return Region(
            max(0.0, self.left - room),
            max(0.0, self.top - room),
            min(1.0, self.right + room),
            min(1.0, self.bottom + room),
        )

    def in_shape(self) -> Region:
        """Widen to the frame's own shape, inside the frame."""
        side = max(self.right - self.left, self.bottom - self.top)
        left = min(max(0.0, (self.left + self.right - side) / 2), 1 - side)
        top = min(max(0.0, (self.top + self.bottom - side) / 2), 1 - side)
        return Region(left, top, left + side, top + side)


FULL_FRAME = Region(0.0, 0.0, 1.0, 1.0)

_SIDE = 0.6
PARTS = tuple(
    Region(left, top, left + _SIDE, top + _SIDE)
    for top in ((1 - _SIDE) / 2, 1 - _SIDE, 0.0)
    for left in ((1 - _SIDE) / 2, 0.0, 1 - _SIDE)
)
"""Where a small person is searched for, the middle first: whatever takes up at most 40 % of the
frame lies within one of them."""

CUT_OFF = 0.01
"""What is nearer than this share of the frame to where a part ends is cut off there."""


def is_cut_off(box: Region, part: Region) -> bool:
    """Tell whether a box found in a part of the frame ends where the part does within the frame.

    Then it is not a small person, or background: walls and floors are cut off.
    """
    return any(
        side not in (0.0, 1.0) and abs(side - end) <= CUT_OFF
        for side, end in zip(part, box, strict=True)
    )


def expected(box: Region, before: Region, frames: int = 1) -> Region:
    """Return what holds a box now and some frames on, if it goes on as since the one before."""
    ahead = [now + frames * (now - then) for now, then in zip(box, before, strict=True)]
    return Region(
        max(0.0, min(box.left, ahead[0])),
        max(0.0, min(box.top, ahead[1])),
        min(1.0, max(box.right, ahead[2])),
        min(1.0, max(box.bottom, ahead[3])),
    )
