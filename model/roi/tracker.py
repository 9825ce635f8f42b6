"""Region tracking: which part of the frame the network should look at next.

A small person in a wide shot fills few of the network's pixels. The crop around the person of the
last frames gives it all of them. Pure functions and a small state; cropping the frame, calling
the network and putting its matte back in place are done with `cut` and `place`.

The crop must not blind the program to somebody who walks in elsewhere: every `look_every` frames
the whole frame is looked at as well, and where the person is lost, the whole frame instead. Where
nobody is, parts of the frame are looked at in turn for somebody too small for the whole frame.
"""

import math
from typing import NamedTuple

import cv2
import numpy as np

from u2cam.core.arrays import AlphaF32, ImageU8


class Region(NamedTuple):
    """A part of the frame, as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels, right and bottom exclusive; at least 1×1."""
        width, height = size_wh
        left = min(round(self.left * width), width - 1)
        top = min(round(self.top * height), height - 1)
        right = max(left + 1, min(width, round(self.right * width)))
        bottom = max(top + 1, min(height, round(self.bottom * height)))
        return left, top, right, bottom

    def on_grid(self, size_wh: tuple[int, int]) -> "Region":
        """Return the least region that holds this one and ends between pixels of a picture.

        What is cut there comes back to its place to a pixel: half a pixel off, every new crop
        would move the outline.
        """
        width, height = size_wh
        return Region(
            math.floor(self.left * width) / width,
            math.floor(self.top * height) / height,
            math.ceil(self.right * width) / width,
            math.ceil(self.bottom * height) / height,
        )


WHOLE = Region(0.0, 0.0, 1.0, 1.0)

_SIDE = 0.6
PARTS = tuple(
    Region(left, top, left + _SIDE, top + _SIDE)
    for top in ((1 - _SIDE) / 2, 1 - _SIDE, 0.0)
    for left in ((1 - _SIDE) / 2, 0.0, 1 - _SIDE)
)
"""Where somebody small is looked for, the middle first: all of it has any 40 % of the frame."""

STEP_PX = 2
"""Pixels of a matte from one that `learn` is given to the next: a crop need not be more exact."""

FAINT = 0.3
"""A matte above this is a part of somebody, if the whole part is sure enough."""

SURE, STILL_SURE = 0.8, 0.6
"""Mean of a part's matte from which it is somebody, and from which it still is once a crop shows
it. With 0.7 instead of 0.8 a crop took in the cats beside a small person."""

ELSEWHERE = STILL_SURE / SURE
"""A matte outside the crop is taught multiplied by this: there it takes as much as on the whole
frame to be somebody. Else somebody half sure would draw the crop there, and lose it again."""

LEAST_PART = 0.01
"""Of the largest part's area: a hand beside a body is more."""

CUT = 0.01
"""What is nearer than this share of the frame to where a part of it ends is cut off there."""

MOST_ROOM = 1.7
"""A crop of so much more area than a new one would have is given up for that."""

STAYS = 1.2
"""A crop may be so much larger than would be worth it, before it is left for the whole frame: a
person of just that size would have it come and go."""


def box_of(alpha: AlphaF32, sure: float = SURE) -> Region | None:
    """Return the least region with everybody in a matte (h, w) of the whole frame; None: nobody.

    Parts that are unsure or small beside the largest do not count: seen larger, what looks a little
    like a person looks more like one, and a fleck that comes and goes must not move the crop.
    """
    mask = (alpha > FAINT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count < 2:
        return None
    area = stats[1:, cv2.CC_STAT_AREA]
    surety = np.bincount(labels.ravel(), alpha.ravel())[1:] / area
    parts = stats[1:][(surety > sure) & (area >= LEAST_PART * area.max())]
    if not parts.size:
        return None
    left, top = parts[:, cv2.CC_STAT_LEFT], parts[:, cv2.CC_STAT_TOP]
    right, bottom = left + parts[:, cv2.CC_STAT_WIDTH], top + parts[:, cv2.CC_STAT_HEIGHT]
    height, width = alpha.shape
    return Region(
        float(left.min() / width),
        float(top.min() / height),
        float(right.max() / width),
        float(bottom.max() / height),
    )


def is_whole_in(box: Region, part: Region) -> bool:
    """Tell whether a box found in a part of the frame ends within it, or at the frame's own edge.

    What ends at the part's edge is not small, or nobody: walls and floors do.
    """
    return all(
        side in (0.0, 1.0) or abs(side - end) > CUT for side, end in zip(part, box, strict=True)
    )


def widened(box: Region, margin: float) -> Region:
    """Add room on every side, as share of the longer side, inside the frame."""
    room = margin * max(box.right - box.left, box.bottom - box.top)
    return Region(
        max(0.0, box.left - room),
        max(0.0, box.top - room),
        min(1.0, box.right + room),
        min(1.0, box.bottom + room),
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


def in_shape(region: Region) -> Region:
    """Widen a region to the frame's own shape, inside the frame."""
    side = max(region.right - region.left, region.bottom - region.top)
    left = min(max(0.0, (region.left + region.right - side) / 2), 1 - side)
    top = min(max(0.0, (region.top + region.bottom - side) / 2), 1 - side)
    return Region(left, top, left + side, top + side)


def cut(image: ImageU8, region: Region) -> ImageU8:
    """Return the region of a frame (H, W, 3), C-contiguous."""
    left, top, right, bottom = region.pixels((image.shape[1], image.shape[0]))
    return np.ascontiguousarray(image[top:bottom, left:right])


def place(alpha: AlphaF32, region: Region, size_wh: tuple[int, int]) -> AlphaF32:
    """Put the matte of a region into the whole field of view; outside it is 0.

    Args:
        alpha: (h, w) float32, the matte of the cut.
        region: what was cut.
        size_wh: width and height of the matte wanted, over the whole frame.
    """
    whole = np.zeros((size_wh[1], size_wh[0]), np.float32)
    left, top, right, bottom = region.pixels(size_wh)
    inner = cv2.resize(alpha, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    whole[top:bottom, left:right] = inner
    return whole


class RegionTracker:
    """Decides frame by frame where to look. Used by one thread.

    The region stays where it is while the person stays well inside it: a crop that trembled would
    make the matte tremble.
    """

    def __init__(
        self,
        margin: float = 0.25,
        look_every: int = 30,
        worth: float = 0.5,
        search_every: int | None = None,
        one_shape: bool = False,
        frames_ahead: int = 1,
    ) -> None:
        """Set the margins.

        Args:
            margin: room around the person, as share of the person's longer side.
            look_every: frames from one look at the whole frame to the next.
            worth: a crop above this share of the frame's area is not worth it.
            search_every: where nobody is found, frames from one look at a part to the next; None:
                nobody is looked for.
            one_shape: crops have the frame's own shape.
            frames_ahead: how long after a frame the next is that what it taught is used for.
        """
        self._frames_ahead = frames_ahead
        self._one_shape = one_shape
        self._margin = margin
        self._look_every = look_every
        self._search_every = search_every
        self._worth = worth
        self._region = WHOLE
        self._box: Region | None = None
        self._since_glance = 0
        self._next_part = 0

    @property
    def region(self) -> Region:
        """What the network should be given for the coming frame."""
        return self._region

    @property
    def searches(self) -> bool:
        """Whether nobody is found, and somebody small is looked for."""
        return self._box is None and self._search_every is not None

    def reset(self) -> None:
        """Look at the whole frame next."""
        self._lose()
        self._since_glance = self._next_part = 0

    def _lose(self) -> None:
        self._region = WHOLE
        self._box = None

    def glance_at(self) -> Region | None:
        """Tell where else to look at the coming frame, the whole or a part; counts frames."""
        every = self._search_every if self._box is None else self._look_every
        if every is None or (self._box is not None and self._region == WHOLE):
            return None
        self._since_glance += 1
        if self._since_glance < every:
            return None
        self._since_glance = 0
        if self._box is not None:
            return WHOLE
        part = PARTS[self._next_part]
        self._next_part = (self._next_part + 1) % len(PARTS)
        return part

    def learn(self, whole: AlphaF32, glanced: Region | None = None) -> None:
        """Take in the last frame's matte.

        Args:
            whole: (h, w) float32 of any size, over the whole frame, joined with that of a glance.
            glanced: what the glance was at, if there was one.
        """
        box = box_of(whole, SURE if self._region == WHOLE else STILL_SURE)
        if box is None or (glanced in PARTS and not is_whole_in(box, glanced)):
            self._lose()
            return
        ahead = expected(box, self._box or box, self._frames_ahead)
        self._box = box
        worth = self._worth * (1 if self._region == WHOLE else STAYS)
        room = self._room(ahead)
        if _area(self._room(box)) > worth:
            self._region = WHOLE
        elif (
            self._region == WHOLE
            or not _holds(self._region, widened(ahead, self._margin / 3))
            or _area(self._region) > MOST_ROOM * _area(room)
        ):
            self._region = room

    def _room(self, box: Region) -> Region:
        """Return the crop for a person in a box."""
        room = widened(box, self._margin)
        return in_shape(room) if self._one_shape else room


def _area(region: Region) -> float:
    return (region.right - region.left) * (region.bottom - region.top)


def _holds(outer: Region, inner: Region) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.right >= inner.right
        and outer.bottom >= inner.bottom
    )
