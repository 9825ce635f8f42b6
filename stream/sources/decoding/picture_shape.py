"""Pictures of changing sizes brought into the one size of a run.

A broadcast changes from 16:9 to 4:3, a phone's call from landscape to portrait. A run's outputs
have one size, so a picture of another shape is scaled with its aspect kept, and stands in the
middle. Runs in the capture thread.
"""

from __future__ import annotations

import logging
from fractions import Fraction

import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.decode_color import RgbConverter, read_color_tags
from u2cam.imaging.decoding.decoded import Decoded

_log = logging.getLogger(__name__)

_STRANGEST = 100
"""A pixel wider or higher than this is a mistake in the file."""


def square_size(size_wh: tuple[int, int], aspect: Fraction | None) -> tuple[int, int]:
    """Return the size with square pixels: the width is scaled.

    Args:
        size_wh: as stored.
        aspect: of a pixel, width by height; None where it is not known.
    """
    if not aspect or not Fraction(1, _STRANGEST) <= aspect <= _STRANGEST:
        return size_wh
    return max(1, round(size_wh[0] * aspect)), size_wh[1]


class PictureShape:
    """Converts the pictures of one track to RGB of one size.

    Args:
        name: of the file, for the message.
        first: the picture that a run begins with.
        aspect: of its pixels, as the container says, which wins over the coded stream.
        tags: its colours.
        size_wh: of the run, before pictures are turned.
        keep_hdr: as of `RgbConverter`.
    """

    def __init__(
        self,
        name: str,
        first: Decoded,
        aspect: Fraction | None,
        tags: ColorTags,
        size_wh: tuple[int, int],
        *,
        keep_hdr: bool = False,
    ) -> None:
        self._name = name
        self._size_wh = size_wh
        self._keep_hdr = keep_hdr
        self._first_aspect = first.aspect
        self._aspect = aspect
        stored_wh = (first.picture.width, first.picture.height)
        self._kind = (*stored_wh, first.aspect)
        self._inner_wh = _fitted(square_size(stored_wh, aspect), size_wh)
        self._converter = RgbConverter(tags, self._inner_wh, keep_hdr=keep_hdr)
        self._said = False

    @property
    def tags(self) -> ColorTags:
        """What the coded numbers mean."""
        return self._converter.tags

    @property
    def shown_tags(self) -> ColorTags:
        """What the converted pictures' colours are: BT.709 where the file's were wider."""
        return self._converter.shown_tags

    def to_rgb(self, decoded: Decoded) -> ImageU8:
        """Return (H, W, 3) uint8 RGB of the run's size; black beside a picture of another shape."""
        picture = decoded.picture
        kind = (picture.width, picture.height, decoded.aspect)
        if kind != self._kind:
            self._change(decoded)
            self._kind = kind
        image = self._converter.to_rgb(picture)
        if self._inner_wh == self._size_wh:
            return image
        width, height = self._size_wh
        inner_width, inner_height = self._inner_wh
        left, top = (width - inner_width) // 2, (height - inner_height) // 2
        whole = np.zeros((height, width, 3), np.uint8)
        whole[top : top + inner_height, left : left + inner_width] = image
        return whole

    def _change(self, decoded: Decoded) -> None:
        picture = decoded.picture
        # The container's word holds for the coded stream's as it was at the start.
        aspect = self._aspect if decoded.aspect == self._first_aspect else decoded.aspect
        shown_wh = square_size((picture.width, picture.height), aspect)
        self._inner_wh = _fitted(shown_wh, self._size_wh)
        self._converter = RgbConverter(
            read_color_tags(picture), self._inner_wh, keep_hdr=self._keep_hdr
        )
        if self._said:
            return
        self._said = True
        bars = "" if self._inner_wh == self._size_wh else ", with bars beside it"
        _log.warning(
            "%s: the picture's size changes to %dx%d; it is scaled into %dx%d%s",
            self._name,
            *shown_wh,
            *self._size_wh,
            bars,
        )


def _fitted(shown_wh: tuple[int, int], room_wh: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the same shape that fits; the room where only rounding differs."""
    width, height = shown_wh
    scale = min(Fraction(room_wh[0], width), Fraction(room_wh[1], height))
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    near = abs(inner[0] - room_wh[0]) <= 1 and abs(inner[1] - room_wh[1]) <= 1
    return room_wh if near else inner
