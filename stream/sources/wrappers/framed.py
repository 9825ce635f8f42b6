"""A source whose frames are turned and cut as the settings ask. Read by the capture thread."""

from collections import deque
from dataclasses import replace
from typing import Self

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import SourceError, SourceLost
from u2cam.core.frame import Frame
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.wrappers.framing import Framing
from u2cam.stream.sources.wrappers.wrapped import WrappedSource


class FramedSource(WrappedSource):
    """Another source's frames, each framed anew; times and everything else stay.

    Args:
        inner: where the frames come from.
        framing: what is done to each.
    """

    def __init__(self, inner: Source, framing: Framing) -> None:
        super().__init__(inner)
        self._framing = framing
        self._ahead: deque[Frame] = deque()

    @property
    def info(self) -> SourceInfo:
        """The inner source's facts, with the size that frames have now."""
        info = self.inner.info
        return replace(info, size_wh=self._framing.size_wh(info.size_wh))

    def __enter__(self) -> Self:
        """Open the inner source.

        Raises:
            SourceError: the box does not fit in its frames; also what the inner source raises.
        """
        super().__enter__()
        try:
            self._framing.size_wh(self.inner.info.size_wh)
        except ValueError as error:
            name = self.inner.info.name
            self.inner.close()
            raise SourceError(f"capture.crop, --crop: {name}: {error}") from error
        return self

    def read(self) -> Frame:
        """Return the next frame, framed anew; see `Source.read`."""
        frame = self._ahead.popleft() if self._ahead else self.inner.read()
        covered = None if frame.coverage is None else self._framing.apply(frame.coverage)
        return replace(frame, image=self._framing.apply(frame.image), coverage=covered)

    def look_ahead(self, count: int) -> list[ImageU8]:
        """Return the first frames (H, W, 3), whole; to be called before the run reads any.

        They are read again by the run where the source waits for its reader. Fewer, or none, where
        no more come.

        Raises:
            SourceError: the source failed for good.
        """
        frames: list[Frame] = []
        try:
            while len(frames) < count:
                frames.append(self.inner.read())
        except (EndOfStream, SourceLost):
            pass  # comes again where the run reads on
        if not self.info.live:
            self._ahead.extend(frames)
        return [frame.image for frame in frames]

    def turn_over(self) -> None:
        """Turn all frames by 180 degrees; before the run reads any."""
        self._framing = self._framing.turned_over()
