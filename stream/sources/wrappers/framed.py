"""A source whose frames are turned and cut as the settings ask. Read by the capture thread."""

from dataclasses import replace
from typing import Self

from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.stream.sources.base import Source, SourceInfo
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
        frame = self.inner.read()
        return replace(frame, image=self._framing.apply(frame.image))
