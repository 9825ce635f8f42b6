"""Where finished pictures go.

A new sink joins `tests/stream/test_sink_contract.py` and is chosen in `u2cam/build.py`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol, runtime_checkable

from u2cam.core.frame import Picture
from u2cam.stream.sources.base import SourceInfo


class QuitRequested(Exception):
    """The viewer closed the window or pressed the quit key. Not an error."""


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What every picture of a run looks like."""

    size_wh: tuple[int, int]
    rate: Fraction
    """Nominal pictures per second."""
    time_base: Fraction
    """Of every picture's pts."""
    kind: Literal["rgb", "rgba", "gray"] = "rgb"
    source: SourceInfo | None = None
    """Where the frames came from: colour tags, and streams to copy."""


class Sink(Protocol):
    """A taker of pictures. `open`, `write` and `close` are called from one thread, its own."""

    @property
    def name(self) -> str:
        """For people and for the statistics: `virtual`, `out.mp4`."""

    @property
    def paced(self) -> bool:
        """True where pictures must leave at the format's rate.

        The sink's thread then writes once per period, the last picture again where none is new.
        """

    @property
    def live(self) -> bool:
        """True where viewers watch as pictures come, False for a recording.

        A live run keeps rate and latency where it is watched; a recording may take its time.
        """

    def open(self, picture_format: PictureFormat) -> None:
        """Get ready for pictures of this format.

        Raises:
            SinkError: with one line that says what to do.
        """

    def write(self, picture: Picture) -> None:
        """Show, send or encode one picture; may block.

        Raises:
            SinkLost: this picture was not taken; a later `write` may succeed.
            SinkError: the sink has failed for good.
            QuitRequested: the viewer asked to stop.
        """

    def close(self, *, failed: bool) -> None:
        """Finish. A file appears under its final name only where `failed` is False. Idempotent.

        A live recording is the exception: it is kept as far as it goes.
        """


@runtime_checkable
class Discards(Protocol):
    """What a sink may offer beside `Sink`: one that writes under a temporary name does."""

    def discard(self) -> None:
        """Remove what is not finished: the process ends before the sink's own thread does.

        From any thread, any number of times.
        """
