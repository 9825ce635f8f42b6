"""Sound, subtitles, chapters and metadata of the source's media, brought into the output file.

Runs in the sink's thread. Packets are copied as they are where the container takes them; else
sound is encoded again and text subtitles are converted; what cannot be kept is named in a
warning. `copy_until` is called as the picture advances, so that nothing piles up in memory.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Discard, Stream
from av.subtitles.stream import SubtitleStream

from u2cam.imaging.decoding.stamp_repair import JUMP_S, LEAP_S
from u2cam.stream.media.adts import changes_within
from u2cam.stream.media.metadata import handed_on, tells_positions
from u2cam.stream.media.pipes.one_pass import OnePassMedia, Tap
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.containers import Container
from u2cam.stream.sinks.copying.tracks import AudioTrack, CopyTrack, SubtitleTrack, Track
from u2cam.stream.sinks.copying.trial import Probe, can_hold
from u2cam.stream.sources.base import SourceInfo

if TYPE_CHECKING:  # PyAV names it in its stubs only
    from av.container.core import Chapter

_log = logging.getLogger(__name__)

_SEEK_BACK_S = 1
_NATURAL_END_S = Fraction(1, 2)
"""A picture that ends this near to the media's end has not been cut, where its own is unknown."""


class CopiedTracks:
    """Everything of the media but its picture, moved to the output's time.

    Time 0 of the output is `start_s` of the media. Where the picture was cut (`--start`,
    `--frames`), the tracks are cut with it; where it runs to its end, so do they.
    """

    def __init__(
        self,
        media: InputContainer,
        tracks: dict[int, Track],
        start: Fraction,
        picture_end: Fraction | None,
        tolerance: Fraction,
        name: str,
        one_pass: OnePassMedia | None = None,
    ) -> None:
        self._media = media
        self._tracks = tracks
        self._start = start
        self._picture_end = picture_end
        self._tolerance = tolerance
        self._name = name
        self._bridges: dict[int, tuple[int, int]] = {}
        self._one_pass = one_pass
        self._tap: Tap | None = None if one_pass is None else one_pass.tap(tracks)
        self._packets = self._demux() if tracks else iter(())
        self._next: Packet[Stream] | None = None

    @classmethod
    def add(
        cls,
        output: OutputContainer,
        container: Container,
        source: SourceInfo,
        settings: OutputSettings,
    ) -> CopiedTracks | None:
        """Open the source's media and add its tracks to an output that has not started yet.

        Returns: None where the media cannot be opened a second time (a warning says so).
        """
        assert source.media is not None
        try:
            media = _opened(source.media)
        except av.FFmpegError as error:
            _log.warning("%s: its sound cannot be copied (%s)", source.name, error.strerror)
            return None
        start = Fraction(source.start_s).limit_denominator(1_000_000_000)
        try:
            tracks = _add_tracks(output, container, media, start, source, settings)
            keep = settings.metadata == "keep"
            output.metadata.update(handed_on(media.metadata, keep=keep))
            if media.streams.video:
                tags = handed_on(media.streams.video[0].metadata, keep=keep, of_picture=True)
                output.streams.video[0].metadata.update(tags)
            length = None
            if source.duration_s is not None:
                length = Fraction(source.duration_s).limit_denominator(1_000_000_000)
            output.set_chapters(_moved_chapters(media.chapters(), start, length, keep))
            for stream in media.streams:
                if stream.index not in tracks:
                    stream.discard = Discard.all
            if start > 0:
                _seek(media, start)
            end, tolerance = _picture_end(media, 1 / source.rate)
            one_pass = source.media if isinstance(source.media, OnePassMedia) else None
            return cls(media, tracks, start, end, tolerance, source.name, one_pass)
        except BaseException:
            media.close()
            raise

    def copy_until(self, time: Fraction) -> None:
        """Mux what is presented up to a time of the output, in seconds."""
        while (packet := self._waiting()) is not None:
            track = self._tracks[packet.stream_index]
            if track.time_of(packet) > time:
                return
            track.send(packet)
            self._next = None

    def finish(self, end: Fraction) -> None:
        """Mux the rest: up to the picture's end, or all of it where the picture was not cut."""
        natural = self._picture_end is not None and (
            self._start + end >= self._picture_end - self._tolerance
        )
        if self._one_pass is not None and self._tracks:
            self._one_pass.read_on(self._start + end)
        while (packet := self._waiting()) is not None:
            track = self._tracks[packet.stream_index]
            if natural or track.time_of(packet) < end:
                track.send(packet)
            elif track.leads:
                break
            self._next = None
        for track in self._tracks.values():
            track.finish()

    def close(self) -> None:
        """Close the media."""
        self._next = None
        self._packets = iter(())
        if self._tap is not None:
            self._tap.close()
        self._media.close()

    def _waiting(self) -> Packet[Stream] | None:
        """Return the packet that is to be sent next; None where none is there (yet)."""
        while self._next is None:
            packet = next(self._packets, None) if self._tap is None else self._tap.take()
            if packet is None:
                return None
            if packet.size and (packet.pts is not None or packet.dts is not None):
                self._bridge(packet)
                self._next = packet
        return self._next

    def _demux(self) -> Iterator[Packet[Stream]]:
        packets = self._media.demux([self._media.streams[index] for index in self._tracks])
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                _log.warning("%s: its sound is damaged (%s)", self._name, error.strerror)
                return
            if packet is None:
                return
            yield packet

    def _bridge(self, packet: Packet[Stream]) -> None:
        """Let a track go on where its clock starts anew, as the picture does (joined MPEG-TS)."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        assert stamp is not None
        bridge, end = self._bridges.get(packet.stream_index, (0, stamp))
        ahead_s = (stamp + bridge - end) * packet.time_base
        # Texts may well be an hour apart.
        leaps = self._tracks[packet.stream_index].leads and ahead_s > LEAP_S
        if ahead_s < -JUMP_S or leaps:
            bridge = end - stamp
        self._bridges[packet.stream_index] = (bridge, stamp + bridge + (packet.duration or 0))
        if packet.pts is not None:
            packet.pts += bridge
        if packet.dts is not None:
            packet.dts += bridge


def _add_tracks(
    output: OutputContainer,
    container: Container,
    media: InputContainer,
    start: Fraction,
    source: SourceInfo,
    settings: OutputSettings,
) -> dict[int, Track]:
    tracks: dict[int, Track] = {}
    name = source.name
    wanted = [one for one in media.streams if isinstance(one, AudioStream | SubtitleStream)]
    if container.audio is None:
        for stream in wanted:
            _log.info("%s: %s holds no %s; left out", name, container.muxer, stream.type)
        return tracks
    with Probe(_opened(source.media), [stream.index for stream in wanted]) as probe:
        for stream in wanted:
            if settings.metadata != "keep" and _is_flight_log(stream, probe):
                _log.warning(
                    "%s: the subtitles of track %d tell positions: left out; output.metadata = "
                    "keep keeps them",
                    name,
                    stream.index,
                )
                continue
            choice = _Choice(container, probe, stream, source, settings.audio == "exact")
            make = choice.track()
            if make is None:
                codec = stream.codec_context.name if stream.codec_context else "unknown"
                _log.warning(
                    "%s: the %s track %d (%s) cannot be kept in this kind of file",
                    name,
                    stream.type,
                    stream.index,
                    codec,
                )
                continue
            track = make(output, stream, start)
            keep = settings.metadata == "keep"
            track.stream.metadata.update(handed_on(stream.metadata, keep=keep))
            track.stream.disposition = stream.disposition
            tracks[stream.index] = track
    return tracks


def _is_flight_log(stream: Stream, probe: Probe) -> bool:
    return isinstance(stream, SubtitleStream) and any(
        tells_positions(bytes(packet)) for packet in probe.packets(stream.index)
    )


_Make = Callable[[OutputContainer, Stream, Fraction], Track]


@dataclass(frozen=True, slots=True)
class _Choice:
    """How one track gets into the output."""

    container: Container
    probe: Probe
    stream: AudioStream | SubtitleStream
    source: SourceInfo
    exact: bool

    def track(self) -> _Make | None:
        """Return what adds the track to an output: tried, and found to work; else None."""
        if self.stream.codec_context is None:
            return None
        if self._may_copy() and self._works(self._copy):
            return self._copy
        if isinstance(self.stream, AudioStream):
            if not self._works(self._encode):
                return None
            _log.log(
                logging.WARNING if self.exact else logging.INFO,
                "%s: the sound (%s) is encoded again, as %s",
                self.source.name,
                self.stream.codec_context.codec.canonical_name,
                self.container.audio,
            )
            return self._encode
        can_convert = self.container.subtitles is not None and SubtitleTrack.can_convert(
            self.stream
        )
        return self._convert if can_convert and self._works(self._convert) else None

    def _may_copy(self) -> bool:
        if not isinstance(self.stream, AudioStream):
            return True
        played = self.container.played
        known = played is None or self.stream.codec_context.codec.canonical_name in played
        return (self.exact or known) and not _changes(self.source.media, self.stream)

    def _works(self, make: _Make) -> bool:
        index = self.stream.index
        return can_hold(self.container.muxer, make, self.probe, index)

    def _copy(self, output: OutputContainer, stream: Stream, start: Fraction) -> Track:
        return CopyTrack(output, stream, start, self.container.negative_times)

    def _encode(self, output: OutputContainer, stream: Stream, start: Fraction) -> Track:
        assert isinstance(stream, AudioStream)
        assert self.container.audio is not None
        return AudioTrack(output, stream, start, self.container.audio)

    def _convert(self, output: OutputContainer, stream: Stream, start: Fraction) -> Track:
        assert isinstance(stream, SubtitleStream)
        assert self.container.subtitles is not None
        return SubtitleTrack(output, stream, start, self.container.subtitles)


def _opened(media: Path | str | OnePassMedia | None) -> InputContainer:
    if isinstance(media, OnePassMedia):
        return media.open()
    address = str(media.absolute() if isinstance(media, Path) else media)
    return av.open(address, "r", metadata_errors="replace")


def _changes(path: object, stream: AudioStream) -> bool:
    return isinstance(path, Path) and changes_within(path.absolute(), stream)


def _moved_chapters(
    chapters: list[Chapter], start: Fraction, length: Fraction | None, keep: bool
) -> list[Chapter]:
    """Return chapters on the output's time, cut to its length."""
    moved: list[Chapter] = []
    for chapter in chapters:
        time_base = chapter["time_base"] or Fraction(1, 1000)
        begin = max(0, chapter["start"] - round(start / time_base))
        end = chapter["end"] - round(start / time_base)
        if length is not None:
            end = min(end, round(length / time_base))
        if end > begin:
            moved.append(
                {
                    "id": chapter["id"],
                    "start": begin,
                    "end": end,
                    "time_base": time_base,
                    "metadata": handed_on(chapter["metadata"], keep=keep),
                }
            )
    return moved


def _seek(media: InputContainer, start: Fraction) -> None:
    try:
        media.seek(int((start - _SEEK_BACK_S) * av.time_base))
    except av.FFmpegError:
        return  # not seekable: what lies before is read and left out


def _picture_end(media: InputContainer, frame: Fraction) -> tuple[Fraction | None, Fraction]:
    """Return the media time at which the picture ends, and how sure that is, in seconds."""
    for stream in media.streams.video:
        if stream.duration is not None and stream.time_base is not None:
            end = ((stream.start_time or 0) + stream.duration) * stream.time_base
            return end, frame * 3 / 2
    if media.duration is None:
        return None, _NATURAL_END_S
    end = Fraction((media.start_time or 0) + media.duration, av.time_base)
    return end, _NATURAL_END_S
