"""A source of the caller's whose pts need not grow: they are repaired as those of files are."""

import logging
from dataclasses import replace

from u2cam.core.frame import Frame
from u2cam.imaging.decoding.stamp_repair import StampRepair
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.wrappers.wrapped import WrappedSource

_log = logging.getLogger(__name__)


class GrowingStamps(WrappedSource):
    """Passes frames on; those whose pts do not grow get a place by the rate, which is said once.

    Args:
        inner: the source.
    """

    def __init__(self, inner: Source) -> None:
        super().__init__(inner)
        self._stamps: StampRepair | None = None
        self._told = False

    def read(self) -> Frame:
        """Read a frame of the inner source; raises what that raises."""
        frame = self.inner.read()
        if self._stamps is None:
            info = self.inner.info
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
                self.inner.info.name,
                frame.index,
                frame.pts,
                pts,
            )
        return replace(frame, pts=pts)
