"""A container that is read once: its pictures go to the source, sound and texts to the sinks.

A file is opened again by each sink that copies its sound. A pipe cannot be: here one demuxer reads
it, and what is not the picture waits for the sinks. To find out what the tracks are, and whether an
output can hold them, a sink opens the first bytes again, which are kept until the run begins.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.stream import VideoStream

from u2cam.stream.media.packets import copied
from u2cam.stream.media.pipes.reader import PipeReader

_APART_S = 1
"""How far apart sound and picture of one moment may lie in a stream."""


class Tap:
    """Packets of some tracks, for one sink: put in by whoever demuxes, taken by the sink."""

    def __init__(self, tracks: frozenset[int]) -> None:
        self._tracks = tracks
        self._waiting: deque[Packet[Stream]] = deque()
        self._closed = False

    def put(self, packet: Packet[Stream]) -> None:
        """Keep a copy of a packet of these tracks."""
        if packet.stream_index in self._tracks and not self._closed:
            self._waiting.append(copied(packet))

    def take(self) -> Packet[Stream] | None:
        """Return the next packet; None where none has come yet."""
        return self._waiting.popleft() if self._waiting else None

    def close(self) -> None:
        """Take no more."""
        self._closed = True
        self._waiting.clear()


class OnePassMedia:
    """Hands out the packets of an open container.

    Args:
        container: demuxed here alone; whoever opened it closes it.
        picture: the track of the source.
        pipe: where the container comes from.
    """

    def __init__(self, container: InputContainer, picture: VideoStream, pipe: PipeReader) -> None:
        self._picture = picture
        self._pipe = pipe
        self._packets: Iterator[Packet[Stream]] = container.demux()
        self._demuxing = threading.Lock()
        self._early: list[Packet[Stream]] = []
        """What came before the sinks were open."""
        self._taps: list[Tap] = []
        self._begun = False

    def pictures(self) -> Iterator[Packet[VideoStream]]:
        """Yield the packets of the picture. Called by the capture thread."""
        while True:
            packet = self._next()
            if packet is None:
                return
            if packet.stream_index == self._picture.index:
                yield cast("Packet[VideoStream]", packet)

    def begin(self) -> None:
        """Keep nothing for sinks that are not there: all have opened."""
        if not self._begun:
            self._begun = True
            self._early.clear()
            self._pipe.forget_head()

    def end(self) -> None:
        """Read no more: the container is about to be closed."""
        with self._demuxing:
            self._packets = iter(())

    def open(self) -> InputContainer:
        """Open the beginning of the stream, for a sink of its own.

        Raises:
            av.FFmpegError: it cannot be opened, or the run has begun.
        """
        return av.open(_Replay(self._pipe.head), "r", metadata_errors="replace")

    def tap(self, tracks: Iterable[int]) -> Tap:
        """Return what gives a sink the packets of some tracks, from the first on."""
        tap = Tap(frozenset(tracks))
        with self._demuxing:
            for packet in self._early:
                tap.put(packet)
            self._taps.append(tap)
        return tap

    def read_on(self, until: Fraction) -> None:
        """Let the taps get what lies behind the last picture and still before a time in seconds.

        Pictures are thrown away: called when the source has ended.
        """
        while True:
            try:
                packet = self._next()
            except av.FFmpegError:  # damaged: whoever reads the picture said so
                return
            if packet is None:
                return
            stamp = packet.dts if packet.dts is not None else packet.pts
            if stamp is not None and stamp * packet.time_base > until + _APART_S:
                return

    def _next(self) -> Packet[Stream] | None:
        with self._demuxing:
            packet = next(self._packets, None)
            if packet is None or packet.stream_index == self._picture.index or not packet.size:
                return packet
            if not self._begun:
                self._early.append(packet)
            for tap in self._taps:
                tap.put(packet)
            return packet


class _Replay:
    """Bytes that FFmpeg can read once, as it reads the pipe they came from."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def read(self, count: int) -> bytes:
        piece = self._data[self._at : self._at + count]
        self._at += len(piece)
        return piece
