"""Region tracking: which part of the frame the network should look at next.

A small person in a wide shot fills few of the network's pixels. The crop around the person of the
last frames gives it all of them. Pure functions and a small state; cropping the frame, calling
the network and putting its matte back in place are done with `cut` and `place`.

The crop must not blind the program to somebody who walks in elsewhere: every `look_every` frames
the whole frame is looked at as well, and where the person is lost, the whole frame instead.
"""

from typing import NamedTuple

import cv2
import numpy as np

from effects.array_types import AlphaF32, ImageU8


class Region(NamedTuple):
    """A part of the frame, as shares of its width and height."""

    left: float
    top: float
    right: float
    bottom: float

    def pixels(self, size_wh: tuple[int, int]) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels, right and bottom exclusive; at least 1×1."""
        width, height = size_wh
        left = min(int(self.left * width), width - 1)
        top = min(int(self.top * height), height - 1)
        right = max(left + 1, min(width, round(self.right * width)))
        bottom = max(top + 1, min(height, round(self.bottom * height)))
        return left, top, right, bottom


WHOLE = Region(0.0, 0.0, 1.0, 1.0)


def region_of(alpha: AlphaF32, margin: float = 0.25, threshold: float = 0.3) -> Region:
    """Return the region around all foreground of a matte of the whole frame.

    Args:
        alpha: (h, w) float32.
        margin: room added on every side, as share of the foreground's longer side.
        threshold: what counts as foreground.

    Returns:
        `WHOLE` where there is no foreground.
    """
    mask = alpha > threshold
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return WHOLE
    height, width = alpha.shape
    box = (columns[0] / width, rows[0] / height, (columns[-1] + 1) / width, (rows[-1] + 1) / height)
    room = margin * max(box[2] - box[0], box[3] - box[1])
    return Region(
        max(0.0, float(box[0] - room)),
        max(0.0, float(box[1] - room)),
        min(1.0, float(box[2] + room)),
        min(1.0, float(box[3] + room)),
    )


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

    def __init__(self, margin: float = 0.25, look_every: int = 30, worth: float = 0.5) -> None:
        """Set the margins.

        Args:
            margin: room around the person, as share of the person's longer side.
            look_every: frames from one look at the whole frame to the next.
            worth: a crop above this share of the frame's area is not worth it.
        """
        self._margin = margin
        self._look_every = look_every
        self._worth = worth
        self._region = WHOLE
        self._since_look = 0

    @property
    def region(self) -> Region:
        """What the network should be given for the coming frame."""
        return self._region

    def reset(self) -> None:
        """Look at the whole frame next."""
        self._region = WHOLE
        self._since_look = 0

    def wants_whole(self) -> bool:
        """Tell whether it is time to look at the whole frame too; counts frames."""
        self._since_look += 1
        if self._region == WHOLE or self._since_look < self._look_every:
            return False
        self._since_look = 0
        return True

    def learn(self, whole: AlphaF32) -> None:
        """Take in the matte (h, w) float32 of the last frame, over the whole field of view."""
        room = region_of(whole, self._margin)
        if room == WHOLE or _area(room) > self._worth:
            self.reset()
            return
        least = region_of(whole, self._margin / 3)
        if not _holds(self._region, least) or _area(self._region) > 1.7 * _area(room):
            self._region = room


def _area(region: Region) -> float:
    return (region.right - region.left) * (region.bottom - region.top)


def _holds(outer: Region, inner: Region) -> bool:
    return (
        outer.left <= inner.left
        and outer.top <= inner.top
        and outer.right >= inner.right
        and outer.bottom >= inner.bottom
    )
