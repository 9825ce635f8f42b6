"""A source around another, which passes everything on."""

from types import TracebackType
from typing import Self

from u2cam.core.frame import Frame
from u2cam.stream.sources.base import Source, SourceInfo


class WrappedSource(Source):
    """The base of sources around another.

    Args:
        inner: entered, read and closed by this one.
    """

    def __init__(self, inner: Source) -> None:
        self.inner = inner

    @property
    def info(self) -> SourceInfo:
        """The inner source's facts."""
        return self.inner.info

    @property
    def dropped(self) -> int:
        """Frames that the inner source lost."""
        return self.inner.dropped

    def read(self) -> Frame:
        """Return the inner source's next frame; see `Source.read`."""
        return self.inner.read()

    def reopen(self) -> bool:
        """Whatever the inner source can do."""
        return self.inner.reopen()

    def close(self) -> None:
        """Close the inner source."""
        self.inner.close()

    def __enter__(self) -> Self:
        self.inner.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.inner.__exit__(exc_type, exc, traceback)


def innermost(source: Source) -> Source:
    """Return the source that all others are around."""
    while isinstance(source, WrappedSource):
        source = source.inner
    return source
