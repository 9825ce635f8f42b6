"""A decoded picture of a video track, before it becomes a frame."""

from dataclasses import dataclass
from fractions import Fraction

from av.video.frame import VideoFrame


@dataclass(frozen=True, slots=True)
class Decoded:
    """A picture as the decoder gave it."""

    picture: VideoFrame
    pts: int
    """In units of the track's time base; repaired, strictly increasing, on the media's clock."""
    aspect: Fraction | None = None
    """Of a pixel, width by height, as the coded stream says at this picture; None: it does not."""
