"""What the capture thread reads frames from.

A new source joins `tests/stream/test_source_contract.py` and is chosen in `u2cam/build.py`.

    with source:
        while True:
            frame = source.read()   # raises EndOfStream after the last frame
"""

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from u2cam.core.frame import Frame
from u2cam.imaging.color_tags import ColorTags

if TYPE_CHECKING:  # no media library for whoever writes a source
    from u2cam.stream.media.pipes.one_pass import OnePassMedia


class EndOfStream(Exception):
    """The source has delivered its last frame. Not an error."""


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known about a source once it is open."""

    name: str
    """For people: `camera 0`, `talk.mp4`."""
    size_wh: tuple[int, int]
    """Size of the frames that `read` returns: rotated, square pixels."""
    rate: Fraction
    """Nominal frames per second; the truth of a frame is its pts."""
    live: bool
    """True where frames are lost if they are not read in time."""
    time_base: Fraction
    """Of every frame's pts."""
    frames: int | None = None
    """Number of frames if known; an estimate for most containers."""
    duration_s: float | None = None
    """Length in seconds if known."""
    color: ColorTags = field(default_factory=ColorTags)
    """Colour tags of a file, so that a file written from it can carry the same."""
    media: "Path | str | OnePassMedia | None" = None
    """Where sound, subtitles, chapters and metadata can be copied from, if there are any."""
    start_s: float = 0.0
    """Time within `media` of the frame with pts 0 (after `--start`)."""
    icc: bytes | None = None
    """The ICC profile that pictures came with; frames themselves are sRGB."""
    piped: bool = False
    """True where a frame waits for another program, for ever if need be; `close` ends that."""


class Source(Protocol):
    """A stream of frames. Opened by entering the context; all calls but `close` from one thread.

    Made a base class, it is that of a source that waits for its reader and cannot be lost.
    """

    @property
    def info(self) -> SourceInfo:
        """Facts about the open source."""

    @property
    def dropped(self) -> int:
        """Frames that were there but not fetched in time; 0 where the source waits."""
        return 0

    def read(self) -> Frame:
        """Block for the next frame.

        Its pts is greater than that of the frame before. Where that fails, or leaps by more than an
        hour in a source that is not live, the pipeline places the frame by `info.rate`.

        Raises:
            EndOfStream: after the last frame, and at every later call.
            SourceLost: a live device went away; call `reopen`, with back-off.
            SourceError: the source failed for good.
        """

    def reopen(self) -> bool:
        """Try once to get a lost device back; True where frames come again. Files never do."""
        return False

    def close(self) -> None:
        """Release the device or file; wakes a blocked `read` where the system allows. Idempotent.

        The only method that another thread may call.
        """

    def __enter__(self) -> Self:
        """Open; raises SourceError or a built-in error with one clear line."""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()
