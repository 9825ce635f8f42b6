"""Size and rate of the pictures that go out: the same for every sink of a run.

Size is changed in the sink's thread, so that nothing in front of it waits. A constant rate is made
by times: a picture stands at the multiple of the period that is nearest to its own time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil

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

    def sized(self, picture: Picture) -> Picture:
        """Return the picture at the size that goes out; itself where none was asked for."""
        if self.size is None:
            return picture
        height, width = picture.image.shape[:2]
        size_wh = self.size.of((width, height))
        return replace(picture, image=fit_picture(picture.image, size_wh, self.fit, quick=True))


def exact_rate(rate: float) -> Fraction:
    """Return pictures per second as a fraction; 29.97, 59.94 and 23.976 as what they stand for."""
    whole = Fraction(ceil(rate))
    if abs(rate - float(whole * _NTSC)) < 1e-3:
        return whole * _NTSC
    return Fraction(rate).limit_denominator(1001)


class ConstantRate:
    """Doubles pictures and leaves some out, by their times.

    `takes` is called from the thread that delivers pictures, the rest from the sink's.

    Args:
        rate: of the pictures that go out.
        source_format: of the pictures that come in.
    """

    def __init__(self, rate: Fraction, source_format: PictureFormat) -> None:
        self._rate = rate
        self._source = source_format
        self._taken = -1
        self._last: Picture | None = None
        """The newest picture, with the place that it was written at as its pts."""
        self._end = Fraction(0)
        """When the newest picture ends, in seconds."""

    def takes(self, picture: Picture) -> bool:
        """Tell whether a picture has a place of its own; the first at a place keeps it."""
        place = self._place(picture)
        if place <= self._taken:
            return False
        self._taken = place
        return True

    def at(self, picture: Picture) -> Picture:
        """Return a picture with the time of its place."""
        return replace(picture, pts=self._place(picture), time_base=1 / self._rate)

    def filled(self, picture: Picture) -> Iterator[Picture]:
        """Yield the picture before again for every place that is empty, then this one."""
        placed = self.at(picture)
        if self._last is not None:
            for place in range(self._last.pts + 1, placed.pts):
                yield replace(self._last, pts=place)
        self._last = placed
        self._end = picture.pts * picture.time_base + self._length(picture)
        yield placed

    def rest(self) -> Iterator[Picture]:
        """Yield the last picture again until its time is over."""
        if self._last is not None:
            places = ceil(self._end * self._rate - _SLIVER)
            for place in range(self._last.pts + 1, places):
                yield replace(self._last, pts=place)

    def _place(self, picture: Picture) -> int:
        # Halves go down, so that of twice the rate each second picture is left out.
        return ceil(picture.pts * picture.time_base * self._rate - Fraction(1, 2))

    def _length(self, picture: Picture) -> Fraction:
        """Until the source's end where this is its last picture, else its nominal length."""
        nominal = 1 / self._source.rate
        source = self._source.source
        if source is None or source.live or source.duration_s is None:
            return nominal
        end = Fraction(source.duration_s).limit_denominator(1_000_000_000)
        left = end - picture.pts * picture.time_base
        return left if 0 < left <= max(Fraction(1), 2 * nominal) else nominal
