"""Which track of a container is the picture, and at what rate it goes."""

from fractions import Fraction

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from u2cam.core.errors import NotAVideoError

_TEXT_ART = {"tty", "bin", "xbin", "adf", "idf"}
"""Demuxers that show a text file as a picture of text: never what was meant."""


def picture_track(container: InputContainer, name: str) -> VideoStream:
    """Return the video track that players choose; a cover picture is none.

    Raises:
        NotAVideoError: there is none, or none that can be decoded.
    """
    if container.format.name in _TEXT_ART:
        raise NotAVideoError(f"{name}: a text file, not a video")
    tracks = [
        track
        for track in container.streams.video
        if not track.disposition & Disposition.attached_pic
    ]
    if not tracks:
        has = "only sound" if container.streams.audio else "no picture"
        raise NotAVideoError(f"{name}: there is {has} in it, and no video to work on")
    best = container.streams.best("video")
    track = best if isinstance(best, VideoStream) and best in tracks else tracks[0]
    if track.codec_context is None:
        raise NotAVideoError(f"{name}: no decoder for its video format")
    return track


def nominal_rate(stream: VideoStream) -> Fraction:
    """Return the frames per second: on average, else guessed, else 25."""
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and 0 < rate <= 1000:
            return rate
    return Fraction(25)
