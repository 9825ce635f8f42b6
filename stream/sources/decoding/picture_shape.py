"""Pictures of changing sizes brought into the one size of a run.

A broadcast changes from 16:9 to 4:3, a phone's call from landscape to portrait. A run's outputs
have one size, so a picture of another shape is scaled with its aspect kept, and stands in the
middle; they have one colour space, so what changes it is converted. Runs in the capture thread.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from u2cam.core.arrays import AlphaU8, ImageU8
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.decode_color import RgbConverter, color_numbers, read_color_tags
from u2cam.imaging.decoding.decoded import Decoded
from u2cam.imaging.pictures import over_color
from u2cam.imaging.wide_color import describe, is_like

_log = logging.getLogger(__name__)

_BLACK = (0, 0, 0)
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


@dataclass(frozen=True, slots=True, eq=False)
class Shaped:
    """A picture as a run takes it."""

    image: ImageU8
    """(H, W, 3) uint8 RGB of the run's size; black in bars and behind transparent parts."""
    coverage: AlphaU8 | None
    """As of `Frame`."""


class PictureShape:
    """Converts the pictures of one track to RGB of one size.

    Args:
        name: of the file, for the message.
        first: the picture that a run begins with.
        aspect: of its pixels, as the container says, which wins over the coded stream.
        tags: its colours.
        size_wh: of the run, before pictures are turned.
        keep_hdr: as of `RgbConverter`.
        shown: as of `RgbConverter`, where a run goes on with a stream that was opened again.

    Raises:
        ColorError: colours that cannot be converted.
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
        shown: ColorTags | None = None,
    ) -> None:
        self._name = name
        self._size_wh = size_wh
        self._first_aspect = first.aspect
        self._aspect = aspect
        stored_wh = (first.picture.width, first.picture.height)
        self._kind = _kind(first)
        self._inner_wh = _fitted(square_size(stored_wh, aspect), size_wh)
        self._converter = RgbConverter(tags, self._inner_wh, keep_hdr=keep_hdr, shown=shown)
        self._bars = self._bars_beside()
        self._said: set[str] = set()

    @property
    def tags(self) -> ColorTags:
        """What the coded numbers mean."""
        return self._converter.tags

    @property
    def shown_tags(self) -> ColorTags:
        """What the converted pictures' colours are: BT.709 where the file's were wider."""
        return self._converter.shown_tags

    def shaped(self, decoded: Decoded) -> Shaped:
        """Return a picture in the run's size and space.

        Raises:
            ColorError: the colours have changed to what cannot be converted.
        """
        kind = _kind(decoded)
        if kind != self._kind:
            self._change(decoded)
            self._kind = kind
        image = self._converter.to_rgb(decoded.picture)
        alpha = self._converter.alpha_of(decoded.picture)
        if alpha is not None and alpha.min() == 255:
            alpha = None
        if alpha is not None:
            image = over_color(image, alpha, _BLACK)
        if self._bars is None:
            return Shaped(image, alpha)
        width, height = self._size_wh
        whole = np.zeros((height, width, 3), np.uint8)
        whole[self._inner] = image
        coverage = self._bars
        if alpha is not None:
            coverage = np.zeros((height, width), np.uint8)
            coverage[self._inner] = alpha
        return Shaped(whole, coverage)

    @property
    def _inner(self) -> tuple[slice, slice]:
        """Rows and columns of the picture within the run's size."""
        width, height = self._inner_wh
        left, top = (self._size_wh[0] - width) // 2, (self._size_wh[1] - height) // 2
        return slice(top, top + height), slice(left, left + width)

    def _bars_beside(self) -> AlphaU8 | None:
        """Return (H, W), 0 in the bars and 255 in the picture; None without bars."""
        if self._inner_wh == self._size_wh:
            return None
        bars = np.zeros(self._size_wh[::-1], np.uint8)
        bars[self._inner] = 255
        return bars

    def _change(self, decoded: Decoded) -> None:
        picture = decoded.picture
        # The container's word holds for the coded stream's as it was at the start.
        aspect = self._aspect if decoded.aspect == self._first_aspect else decoded.aspect
        shown_wh = square_size((picture.width, picture.height), aspect)
        before_wh, self._inner_wh = self._inner_wh, _fitted(shown_wh, self._size_wh)
        tags, shown = read_color_tags(picture), self.shown_tags
        self._converter = RgbConverter(tags, self._inner_wh, shown=shown)
        self._bars = self._bars_beside()
        if self._inner_wh != before_wh or _kind(decoded)[:2] != self._kind[:2]:
            bars = "" if self._bars is None else ", with bars beside it"
            size = "the picture's size changes to {}x{}; it is scaled into {}x{}"
            self._say("size", size.format(*shown_wh, *self._size_wh) + bars)
        if not is_like(tags, shown):
            self._say(
                "colors",
                f"the colours change to {describe(tags)}; converted to {describe(shown)}",
            )

    def _say(self, what: str, text: str) -> None:
        if what not in self._said:
            self._said.add(what)
            _log.warning("%s: %s", self._name, text)


def _kind(decoded: Decoded) -> tuple[object, ...]:
    """Return what of a picture a converter is made for; first its size."""
    picture = decoded.picture
    return picture.width, picture.height, decoded.aspect, *color_numbers(picture)


def _fitted(shown_wh: tuple[int, int], room_wh: tuple[int, int]) -> tuple[int, int]:
    """Return the largest size of the same shape that fits; the room where only rounding differs."""
    width, height = shown_wh
    scale = min(Fraction(room_wh[0], width), Fraction(room_wh[1], height))
    inner = max(1, round(width * scale)), max(1, round(height * scale))
    near = abs(inner[0] - room_wh[0]) <= 1 and abs(inner[1] - room_wh[1]) <= 1
    return room_wh if near else inner
