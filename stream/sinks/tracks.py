"""One track of the media on its way into the output: copied, or encoded again.

Runs in the sink's thread. Packets come in the media's time and leave in the output's.
"""

from __future__ import annotations  # PyAV's packets are generic for type checkers only

import io
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from typing import Protocol

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.error import BlockingIOError as TryAgainError
from av.error import EOFError as EndError
from av.error import InvalidDataError
from av.filter import Graph
from av.packet import Packet
from av.stream import Stream
from av.subtitles.stream import SubtitleStream

_TEXT_SUBTITLES = {"subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text"}
_BIT_RATE_PER_CHANNEL = 96_000
_ENCODED_LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}
"""By number of channels: every encoder takes these, but not variants such as 5.1(side)."""


class Track(Protocol):
    """What becomes of the packets of one track."""

    @property
    def stream(self) -> Stream:
        """The output's track."""

    @property
    def leads(self) -> bool:
        """True for tracks without gaps, which show the media's position."""

    def time_of(self, packet: Packet[Stream]) -> Fraction:
        """Return the packet's time in the output, in seconds."""

    def send(self, packet: Packet[Stream]) -> None:
        """Mux the packet, or what is made of it; what lies before time 0 is left out."""

    def finish(self) -> None:
        """Mux what is still held."""


class _Timed:
    """Moves stamps from the media's time to the output's."""

    def __init__(self, stream: Stream, start: Fraction) -> None:
        self.time_base = stream.time_base or Fraction(1, 1000)
        self.cut = start > 0
        self.shift = round(start / self.time_base)
        self.leads = isinstance(stream, AudioStream)

    def time_of(self, packet: Packet[Stream]) -> Fraction:
        """Return the packet's time in the output, in seconds."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        assert stamp is not None  # the demuxer's loop leaves such packets out
        return (stamp - self.shift) * self.time_base


class CopyTrack(_Timed):
    """Packets go as they are.

    Args:
        output: not started yet.
        stream: of the media.
        start: time of the media, in seconds, that becomes 0.
        negative_times: True where the container can begin a track before 0 and hide it; else the
            first packet is the first that starts at 0 or later.

    Raises:
        ValueError: the container does not take this codec.
    """

    def __init__(
        self, output: OutputContainer, stream: Stream, start: Fraction, negative_times: bool
    ) -> None:
        super().__init__(stream, start)
        if not _takes(output.format.name, stream):
            raise ValueError(f"{output.format.name} does not take {stream.codec_context.name}")
        self._output = output
        self._negative_times = negative_times
        self._last_dts: int | None = None
        self.stream: Stream = output.add_stream_from_template(stream, opaque=True)

    def send(self, packet: Packet[Stream]) -> None:
        """Mux the packet, moved in time."""
        time = self.time_of(packet)
        if time < 0 and not self._belongs(packet, time):
            return
        pts, dts = packet.pts, packet.dts
        dts = (pts if dts is None else dts) or 0
        pts = dts if pts is None else pts
        pts, dts = pts - self.shift, dts - self.shift
        if time < 0 and not self.leads:  # a text that is on when the cut begins
            packet.duration = (packet.duration or 0) + pts
            pts = dts = 0
        if self._last_dts is not None:  # a damaged file's stamps may fall; no muxer takes that
            dts = max(dts, self._last_dts + self._step())
        self._last_dts = dts
        packet.pts, packet.dts = max(pts, dts), dts
        packet.stream = self.stream
        self._output.mux(packet)

    def finish(self) -> None:
        """Nothing is held."""

    def _step(self) -> int:
        """Return the least distance of two stamps that the output can still tell apart."""
        unit = self.stream.time_base or self.time_base  # of the output, once it has started
        return max(1, ceil(unit / self.time_base))

    def _belongs(self, packet: Packet[Stream], time: Fraction) -> bool:
        """Before time 0: the encoder's lead-in of a whole file, or what reaches into the cut."""
        if not self.leads:
            return time + (packet.duration or 0) * self.time_base > 0
        if not self._negative_times:
            # Opus tells every container how much of its start is to be hidden.
            return not self.cut and self.stream.codec_context.name == "opus"
        return not self.cut or time + (packet.duration or 0) * self.time_base > 0


def _takes(muxer: str, stream: Stream) -> bool:
    """Try: what FFmpeg lists as possible is more than what its muxers accept."""
    try:
        trial = av.open(io.BytesIO(), "w", format=muxer)
        trial.add_stream_from_template(stream, opaque=True)
        trial.start_encoding()
        trial.close()
    except (av.FFmpegError, ValueError):
        return False
    return True


class AudioTrack(_Timed):
    """Sound is decoded, cut at time 0 to the sample, and encoded for the container.

    The output's rate and layout are those with which the track begins. Where the media changes
    them in its middle, as broadcasts do, the sound is converted to them and keeps its times.
    """

    def __init__(
        self, output: OutputContainer, stream: AudioStream, start: Fraction, encoder: str
    ) -> None:
        super().__init__(stream, start)
        self._output = output
        self._source = stream
        rate = 48_000 if encoder == "libopus" else min(stream.rate, 96_000)
        encoded = output.add_stream(encoder, rate=rate)
        assert isinstance(encoded, AudioStream)
        encoded.layout = _ENCODED_LAYOUTS.get(stream.layout.nb_channels, "stereo")
        encoded.bit_rate = _BIT_RATE_PER_CHANNEL * encoded.layout.nb_channels
        encoded.codec_context.time_base = Fraction(1, rate)
        self.stream: Stream = encoded
        self._encoded = encoded
        self._converter: Graph | None = None
        self._converts: tuple[str, str, int] | None = None
        self._filler: Graph | None = None
        self._end_s = Fraction(0)
        """Where what was converted so far ends; nothing before time 0 is wanted either."""

    def send(self, packet: Packet[Stream]) -> None:
        """Decode the packet and mux what the encoder has ready."""
        try:
            frames = self._source.decode(packet)
        except InvalidDataError:
            return  # a damaged packet is a gap, which is filled
        self._convert(frames)

    def finish(self) -> None:
        """Mux what decoder, converter, filler and encoder still hold."""
        if self._converter is not None:
            self._convert(self._source.decode(None))
            self._flush_converter()
        if self._filler is not None:
            self._filler.push(None)
            self._encode()
        self._output.mux(self._encoded.encode(None))

    def _convert(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            if frame.pts is None:
                continue
            frame.pts -= self.shift
            arrives = (frame.format.name, frame.layout.name, frame.sample_rate)
            if arrives != self._converts:
                self._flush_converter()
                self._converter, self._converts = self._make_converter(frame), arrives
            assert self._converter is not None
            self._converter.push(frame)
            self._fill()

    def _flush_converter(self) -> None:
        if self._converter is not None:
            self._converter.push(None)
            self._fill()

    def _fill(self) -> None:
        """Hand what the converter has ready to the filler, and mux what that has ready."""
        assert self._converter is not None
        if self._filler is None:
            self._filler = self._make_filler()
        for frame in _pulled(self._converter):
            if frame.pts is not None and frame.time_base is not None:
                length_s = Fraction(frame.samples, frame.sample_rate)
                self._end_s = frame.pts * frame.time_base + length_s
            self._filler.push(frame)
        self._encode()

    def _encode(self) -> None:
        assert self._filler is not None
        for frame in _pulled(self._filler):
            self._output.mux(self._encoded.encode(frame))

    def _make_converter(self, frame: AudioFrame) -> Graph:
        """Make what brings frames like this one to the encoder's format, rate and layout.

        What it begins with is left out up to the end of what came before: an encoder that was
        started anew leads in with silence.
        """
        context = self._encoded.codec_context
        graph = Graph()
        graph.link_nodes(
            graph.add_abuffer(
                sample_rate=frame.sample_rate,
                format=frame.format.name,
                layout=frame.layout.name,
                time_base=self.time_base,
            ),
            graph.add("atrim", f"start={float(self._end_s):.6f}"),
            graph.add(
                "aformat",
                f"sample_fmts={context.format.name}:sample_rates={context.sample_rate}"
                f":channel_layouts={context.layout.name}",
            ),
            graph.add("asettb", f"1/{context.sample_rate}"),
            graph.add("abuffersink"),
        ).configure()
        return graph

    def _make_filler(self) -> Graph:
        """Make what fills gaps, from time 0 on, and cuts frames of the encoder's size.

        One for the whole track: an encoder takes no short frame but the last.
        """
        context = self._encoded.codec_context
        graph = Graph()
        graph.link_nodes(
            graph.add_abuffer(
                sample_rate=context.sample_rate,
                format=context.format.name,
                layout=context.layout.name,
                time_base=Fraction(1, context.sample_rate),
            ),
            graph.add("aresample", "async=1:first_pts=0"),
            graph.add("abuffersink"),
        ).configure()
        if context.frame_size:
            graph.set_audio_frame_size(context.frame_size)
        return graph


def _pulled(graph: Graph) -> Iterator[AudioFrame]:
    """Yield the frames that a graph has ready."""
    while True:
        try:
            frame = graph.pull()
        except (TryAgainError, EndError):
            return
        assert isinstance(frame, AudioFrame)
        yield frame


class SubtitleTrack(_Timed):
    """Text subtitles are written in the container's own kind; bitmaps cannot be."""

    def __init__(
        self, output: OutputContainer, stream: SubtitleStream, start: Fraction, encoder: str
    ) -> None:
        super().__init__(stream, start)
        self._output = output
        self._source = stream
        encoded = output.add_stream(encoder)
        assert isinstance(encoded, SubtitleStream)
        encoded.codec_context.time_base = self.time_base
        encoded.time_base = self.time_base
        encoded.codec_context.subtitle_header = _header(stream)
        self.stream: Stream = encoded
        self._encoded = encoded

    @staticmethod
    def can_convert(stream: SubtitleStream) -> bool:
        """True where the track is text."""
        return stream.codec_context.name in _TEXT_SUBTITLES

    def send(self, packet: Packet[Stream]) -> None:
        """Mux the text in its new form."""
        time = self.time_of(packet)
        if time + (packet.duration or 0) * self.time_base <= 0:
            return
        subtitle = self._source.codec_context.decode2(packet)
        if subtitle is None or not len(subtitle):
            return
        # The encoders want text that starts at once; the packet carries the time.
        subtitle.start_display_time = 0
        written = self._encoded.codec_context.encode_subtitle(subtitle)
        begin = max(Fraction(0), time)
        end = time + (packet.duration or 0) * self.time_base
        written.pts = written.dts = round(begin / self.time_base)
        written.duration = round((end - begin) / self.time_base)
        written.time_base = self.time_base
        written.stream = self._encoded
        self._output.mux(written)

    def finish(self) -> None:
        """Nothing is held."""


def _header(stream: SubtitleStream) -> bytes:
    context = stream.codec_context
    context.open(strict=False)
    return context.subtitle_header or b""
