"""Tries, in memory and with real packets, whether an output can hold a track: before a run.

What FFmpeg lists as possible is more than what its muxers take, and some refuse only with the
trailer, when every picture is computed. So a short file is written to its end and read back.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import io
import logging
from collections.abc import Callable, Iterable
from fractions import Fraction
from types import TracebackType
from typing import Self

import av
from av.codec.context import CodecContext
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Stream

from u2cam.stream.media.packets import copied
from u2cam.stream.sinks.copying.tracks import Track

_log = logging.getLogger(__name__)

_PACKETS = 8
"""Of each track."""
_MOST_READ = 2000
"""Packets of all tracks; a track that begins later is tried without packets."""


class Probe:
    """The first packets of some tracks of a file; reads it in a container of its own.

    Args:
        media: open for this probe, which closes it.
        tracks: their indices.
    """

    def __init__(self, media: InputContainer, tracks: Iterable[int]) -> None:
        self._media = media
        self._found: dict[int, list[Packet[Stream]]] = {index: [] for index in tracks}
        wanted = [self._media.streams[index] for index in self._found]
        try:
            for number, packet in enumerate(self._media.demux(wanted) if wanted else ()):
                if packet.size and packet.dts is not None:
                    self._found[packet.stream_index].append(packet)
                if number > _MOST_READ or all(
                    len(packets) >= _PACKETS for packets in self._found.values()
                ):
                    break
        except av.FFmpegError as error:
            _log.debug("while trying: %s", error)

    def __enter__(self) -> Self:
        """Keep the file open."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._found.clear()
        self._media.close()

    def stream(self, index: int) -> Stream:
        """Return a track, of the probe's own container."""
        return self._media.streams[index]

    def packets(self, index: int) -> list[Packet[Stream]]:
        """Return a track's first packets, which the receiver may change."""
        return [copied(packet) for packet in self._found[index]]


def can_hold(
    muxer: str,
    make: Callable[[OutputContainer, Stream, Fraction], Track],
    probe: Probe,
    index: int,
) -> bool:
    """Write a track's first packets into a file in memory, end it, and read it back.

    Args:
        muxer: FFmpeg's name.
        make: adds a track to an output; gets the output, the source's stream, and the time of the
            media that becomes 0.
        probe: of the file with the track.
        index: of the track.
    """
    written = io.BytesIO()
    try:
        output = av.open(written, "w", format=muxer)
        try:
            packets = probe.packets(index)
            track = make(output, probe.stream(index), _begin(packets))
            codec = _family(track.stream.codec_context)
            output.start_encoding()
            for packet in packets:
                track.send(packet)
            track.finish()
        finally:
            output.close()
        if not packets:
            return True
        written.seek(0)
        with av.open(written, "r") as media:
            return _family(media.streams[0].codec_context) == codec
    except (av.FFmpegError, ValueError, IndexError) as error:
        _log.debug("%s does not take track %d: %s", muxer, index, error)
        return False


def _begin(packets: list[Packet[Stream]]) -> Fraction:
    """Return the time in seconds at which packets begin."""
    stamps = [one.dts if one.pts is None else one.pts for one in packets[:1]]
    return Fraction(0) if not stamps else (stamps[0] or 0) * packets[0].time_base


def _family(context: CodecContext | None) -> str | None:
    """Return which codec it is; layers of MPEG audio are one, as they are to MP4."""
    if context is None:
        return None
    name = context.codec.canonical_name
    return "mp3" if name in ("mp1", "mp2") else name
