"""Backgrounds of a run that keeps high dynamic range: brought into the space of its frames."""

from typing import overload

import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.effects.backgrounds.base import Background, Replacement
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.wide_color import dithered, from_bt709, is_hdr


class WideBackground:
    """A replacement whose white is shown as diffuse white, 203 nits (ITU-R BT.2408).

    Args:
        background: in sRGB.
        tags: of the run's frames.
    """

    def __init__(self, background: Replacement, tags: ColorTags) -> None:
        self._background = background
        self._tags = tags
        self._before: ImageU8 | None = None
        self._picture = np.zeros((0, 0, 3), np.uint8)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the picture at a time, converted once while it stays the same."""
        given = self._background.picture(size_wh, time_s)
        if given is not self._before:
            self._picture, self._before = in_space(given, self._tags), given
        return self._picture

    def prepare(self, size_wh: tuple[int, int]) -> None:
        """Get ready for a size, as `VideoBackground.prepare`."""
        prepare = getattr(self._background, "prepare", None)
        if prepare is not None:
            prepare(size_wh)


def in_space(image: ImageU8, tags: ColorTags) -> ImageU8:
    """Convert (H, W, 3) sRGB into the space of a run's frames; as it is where that is BT.709."""
    if not is_hdr(tags):
        return image
    return dithered(from_bt709(image, tags))


@overload
def widened(background: Replacement, tags: ColorTags) -> Replacement: ...


@overload
def widened(background: Background, tags: ColorTags) -> Background: ...


def widened(background: Background, tags: ColorTags) -> Background:
    """Return a background for a run whose frames have these tags; scenes are in them already."""
    if is_hdr(tags) and isinstance(background, Replacement):
        return WideBackground(background, tags)
    return background
