"""What a container tells of its video track: its length, start and direction.

Plain functions, called once in the capture thread when a file is opened.
"""

from fractions import Fraction
from typing import Any

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from u2cam.imaging.decoding.decoded import Decoded
from u2cam.imaging.decoding.video_decoder import track_end
from u2cam.stream.sources.rotation import Orientation

_FREE_CLOCK = 0x0200
"""FFmpeg's AVFMT_TS_DISCONT: formats (MPEG-TS, RTSP) whose clock starts anywhere."""


def has_free_clock(container: InputContainer) -> bool:
    """True where stamps start anywhere and may wrap, so that a length made of them says little."""
    return bool(container.format.flags & _FREE_CLOCK)


def time_origin(container: InputContainer, stream: VideoStream) -> int:
    """Return the stamp of time 0, in units of the picture track.

    0 by the container's own timeline, but never behind the first picture; the start of the
    earliest track where the container's clock may start anywhere.
    """
    start = stream.start_time or 0
    if not has_free_clock(container):
        return min(0, start)
    time_base = stream.time_base or Fraction(1, 90_000)
    others = [
        track.start_time * track.time_base / time_base
        for track in container.streams.audio
        if track.start_time is not None and track.time_base is not None
    ]
    return min(start, *(int(other) for other in others)) if others else start


def media_end(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return the media time in seconds at which the last picture ends, if known."""
    end = track_end(stream)
    if end is None and container.duration is not None:
        end = Fraction((container.start_time or 0) + container.duration, av.time_base)
    return end


def read_orientation(first: Decoded) -> Orientation:
    """Return how a picture wants to be turned."""
    matrix: Any = first.picture.side_data.get("DISPLAYMATRIX")
    return Orientation() if matrix is None else Orientation.from_display_matrix(bytes(matrix))


def frame_count(
    stream: VideoStream,
    length: Fraction | None,
    rate: Fraction,
    first_pts: int,
    time_base: Fraction,
    partial: bool,
) -> int | None:
    """Return the number of pictures: as the file says, or by length and rate; None if unknown.

    Args:
        stream: the track.
        length: time in seconds from pts 0 to the end.
        rate: nominal frames per second.
        first_pts: of the first picture shown.
        time_base: of `first_pts`.
        partial: True where the beginning is left out.
    """
    if stream.frames and not partial:
        return stream.frames
    if length is None:
        return None
    return max(1, round((length - first_pts * time_base) * rate))
