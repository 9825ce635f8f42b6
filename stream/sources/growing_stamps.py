"""A source of the caller's whose pts need not grow: they are repaired as those of files are."""

import logging
from dataclasses import replace
from numbers import Integral
from typing import Self

from u2cam.core.frame import Frame
from u2cam.imaging.decoding.stamp_repair import StampRepair
from u2cam.stream.sources.base import Source, SourceInfo

_log = logging.getLogger(__name__)


class GrowingStamps(Source):
    """Passes frames on; those whose pts do not grow get a place by the rate, which is said once.

    Args:
        inner: the source; entering and closing this one enters and closes it.
    """

    def __init__(self, inner: Source) -> None:
        self._inner = inner
        self._stamps: StampRepair | None = None
        self._told = False

    @property
    def info(self) -> SourceInfo:
        """The inner source's facts."""
        return self._inner.info

    @property
    def dropped(self) -> int:
        """Of the inner source."""
        return self._inner.dropped

    def __enter__(self) -> Self:
        """Open the inner source."""
        self._inner.__enter__()
        return self

    def read(self) -> Frame:
        """Read a frame of the inner source; raises what that raises."""
        frame = self._inner.read()
        if not (isinstance(frame, Frame) and isinstance(frame.pts, Integral)):
            return frame  # the capture stage says what is wrong with it
        if self._stamps is None:
            info = self._inner.info
            units = 1 / (info.rate * info.time_base)
            # Live, a long gap is a long gap.
            self._stamps = StampRepair(units, info.time_base, leaps=not info.live)
        pts = self._stamps.place(frame.pts)
        if pts == frame.pts:
            return frame
        if not self._told:
            self._told = True
            _log.warning(
                "%s: frame %d has pts %d, which does not follow the frame before it; such frames "
                "are placed by the frame rate (pts %d)",
                self._inner.info.name,
                frame.index,
                frame.pts,
                pts,
            )
        return replace(frame, pts=pts)

    def reopen(self) -> bool:
        """Whatever the inner source can do."""
        return self._inner.reopen()

    def close(self) -> None:
        """Close the inner source."""
        self._inner.close()
