"""Size and rate of the pictures that go out: the same for every sink of a run.

Size is changed in the sink's thread, so that nothing in front of it waits. A constant rate is made
by times: at every multiple of the period stands the picture that belongs there.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import Picture
from u2cam.imaging.fit import Fit, fit_picture
from u2cam.stream.geometry import WantedSize
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat

_SLIVER = Fraction(1, 20)
"""Of a period: no picture is added for a rest that is shorter, which is but rounding."""
_NTSC = Fraction(1000, 1001)


@dataclass(frozen=True, slots=True)
class OutputShape:
    """What becomes of the pictures of a run on their way out."""

    size: WantedSize | None = None
    fit: Fit = "contain"
    rate: Fraction | None = None

    @classmethod
    def of(cls, settings: OutputSettings, *, still: bool = False) -> "OutputShape":
        """Return what the settings ask for.

        Args:
            settings: size, fit and rate.
            still: the run is a single image, which has no rate.
        """
        size = None if settings.size is None else WantedSize.parse(settings.size)
        rate = None if settings.rate is None or still else exact_rate(settings.rate)
        return cls(size, settings.fit, rate)

    def format_of(self, picture_format: PictureFormat) -> PictureFormat:
        """Return the format of the pictures that go out, from that of those that are made."""
        if self.size is not None:
            size_wh = self.size.of(picture_format.size_wh)
            picture_format = replace(picture_format, size_wh=size_wh)
        if self.rate is not None:
            picture_format = replace(picture_format, rate=self.rate, time_base=1 / self.rate)
        return picture_format

    def sized(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return an image at the size that goes out; itself where none was asked for."""
        if self.size is None:
            return image
        size_wh = self.size.of((image.shape[1], image.shape[0]))
        return fit_picture(image, size_wh, self.fit, quick=True)


def exact_rate(rate: float) -> Fraction:
    """Return pictures per second as a fraction; 29.97, 59.94 and 23.976 as what they stand for."""
    whole = Fraction(ceil(rate))
    if abs(rate - float(whole * _NTSC)) < 1e-3:
        return whole * _NTSC
    return Fraction(rate).limit_denominator(1001)


class ConstantRate:
    """Doubles pictures and leaves some out, by their times.

    Where fewer go out, each place gets the picture that is nearest in time; where more do, or none
    comes for longer, the newest stands. Each object is used by one thread.

    Args:
        rate: of the pictures that go out.
        source_format: of the pictures that come in.
    """

    def __init__(self, rate: Fraction, source_format: PictureFormat) -> None:
        self._rate = rate
        self._source = source_format
        # How early a picture may stand, in places: half of what lies between two of either.
        self._early = min(Fraction(1, 2), rate / source_format.rate / 2)
        self._newest: Picture | None = None
        self._last = -1
        """The last place that was given away."""
        self._end = Fraction(0)
        """When the newest picture ends, in seconds."""

    def takes(self, picture: Picture) -> bool:
        """Tell whether a picture has a place of its own, and give it away."""
        place = self._place(picture)
        if place <= self._last:
            return False
        self._last = place
        return True

    def filled(self, picture: Picture) -> Iterator[tuple[Picture, bool]]:
        """Yield the pictures to write now that this one is there, each with its place as pts.

        Yields:
            The picture before again (True), once for every empty place, then this one (False)
            where it has a place of its own.
        """
        place = self._place(picture)
        if self._newest is not None:
            for empty in range(self._last + 1, place):
                yield self._at(empty, self._newest), True
        self._newest = picture
        self._end = picture.pts * picture.time_base + self._length(picture)
        if place > self._last:
            self._last = place
            yield self._at(place, picture), False

    def rest(self) -> Iterator[Picture]:
        """Yield the newest picture again until its time is over."""
        if self._newest is not None:
            for empty in range(self._last + 1, ceil(self._end * self._rate - _SLIVER)):
                yield self._at(empty, self._newest)

    def _place(self, picture: Picture) -> int:
        place = picture.pts * picture.time_base * self._rate
        # Halves go down, so that of twice the rate each second picture is left out.
        return (
            ceil(place - Fraction(1, 2))
            if self._early == Fraction(1, 2)
            else (floor(place + self._early))
        )

    def _at(self, place: int, picture: Picture) -> Picture:
        return replace(picture, pts=place, time_base=1 / self._rate)

    def _length(self, picture: Picture) -> Fraction:
        """Until the source's end where this is its last picture, else its nominal length."""
        nominal = 1 / self._source.rate
        source = self._source.source
        if source is None or source.live or source.duration_s is None:
            return nominal
        end = Fraction(source.duration_s).limit_denominator(1_000_000_000)
        left = end - picture.pts * picture.time_base
        return left if 0 < left <= max(Fraction(1), 2 * nominal) else nominal
