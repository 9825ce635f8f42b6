"""A source that ends at a time, whatever kind it is. Read by the capture thread."""

from dataclasses import replace

from u2cam.core.frame import Frame
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.wrappers.wrapped import WrappedSource


class PartSource(WrappedSource):
    """Another source up to a time; a video file ends by itself (`FileSource`).

    Args:
        inner: where the frames come from; its first has pts 0.
        end_s: frames from this time on are not shown; above 0.
    """

    def __init__(self, inner: Source, end_s: float) -> None:
        super().__init__(inner)
        self._end_s = end_s
        self._ended = False

    @property
    def info(self) -> SourceInfo:
        """The inner source's facts, with the length that is shown."""
        info = self.inner.info
        if info.live or (info.duration_s is not None and info.duration_s <= self._end_s):
            return info
        frames = max(1, round(self._end_s * info.rate))
        known = frames if info.frames is None else min(frames, info.frames)
        return replace(info, frames=known, duration_s=self._end_s)

    def read(self) -> Frame:
        """Return the next frame; see `Source.read`."""
        if self._ended:
            raise EndOfStream
        frame = self.inner.read()
        if frame.time_s >= self._end_s:
            self._ended = True
            raise EndOfStream
        return frame
