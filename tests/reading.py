"""Reads whole clips, for the tests of what comes out of them."""

from pathlib import Path

from u2cam.core.frame import Frame
from u2cam.stream.sources.base import EndOfStream
from u2cam.stream.sources.video import FileSource

SIZE_WH = (64, 48)
"""Of a `tests.media.Clip` where nothing else was said."""


def read_all(source: FileSource) -> list[Frame]:
    """Read an open source to its end."""
    frames = []
    while True:
        try:
            frames.append(source.read())
        except EndOfStream:
            return frames


def read_clip(path: Path, **how: object) -> list[Frame]:
    """Open a file and read it to its end."""
    with FileSource(str(path), **how) as source:  # type: ignore[arg-type]
        return read_all(source)
