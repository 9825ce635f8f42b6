"""A video that is being written: its tracks, and the pictures on their way to the encoder.

For the sinks that write one, in their thread.
"""

import logging
import os
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from u2cam.core.errors import SinkLost
from u2cam.core.frame import Picture
from u2cam.imaging.color_tags import ColorTags
from u2cam.stream.media.coding_trial import check_coding
from u2cam.stream.media.encode_color import FrameConverter, premultiply
from u2cam.stream.media.packet_times import repair_dts
from u2cam.stream.media.pipes.writer import StandardOutput
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.coding.gif_palette import GifPalette
from u2cam.stream.sinks.coding.quality import coded_time_base, encoder_options
from u2cam.stream.sinks.containers import (
    Coding,
    Container,
    check_least_size,
    coded_size,
)
from u2cam.stream.sinks.copying.remux import CopiedTracks
from u2cam.stream.sinks.growing_file import GrowingFile
from u2cam.stream.sinks.recording import is_safe, prompt_encoding, recording_options

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Writing:
    """An output that has been started."""

    name: str
    """For messages."""
    output: OutputContainer
    stream: VideoStream
    converter: FrameConverter
    palette: GifPalette | None
    tracks: CopiedTracks | None
    recording: GrowingFile | None
    """What a live recording is written into; None for other files."""
    picture_format: PictureFormat
    frame_units: int
    """Nominal length of a picture."""
    end: Fraction | None
    """Time in seconds at which the source's last picture ends, if known."""
    premultiplied: bool
    shift: int | None
    """Added to every pts; None until the first picture of a live run shows it."""
    pending: VideoFrame | None = None
    """The newest picture: its length is known when the next one comes."""
    count: int = 0

    @classmethod
    def start(
        cls,
        name: str,
        into: Path | StandardOutput,
        container: Container,
        coding: Coding,
        picture_format: PictureFormat,
        settings: OutputSettings,
    ) -> "Writing":
        """Open the output, add all tracks and write the header.

        Raises:
            OSError, ValueError: encoder or container refuse; what was opened is closed.
        """
        source = picture_format.source
        check_least_size(coding, picture_format.size_wh)
        if coding.encoder == "libsvtav1":
            os.environ.setdefault("SVT_LOG", "1")  # errors alone; it writes to stderr by itself
        size_wh = coded_size(coding, picture_format.size_wh)
        live = source is not None and source.live and is_safe(container)
        piped = isinstance(into, StandardOutput)
        recording = GrowingFile(into) if live and isinstance(into, Path) else None
        output = av.open(
            # An absolute path cannot be mistaken for a protocol ("a:b.mp4").
            recording or (str(into.absolute()) if isinstance(into, Path) else into),
            "w",
            format=container.muxer,
            container_options=recording_options(container) if live or piped else container.options,
        )
        tracks = None
        try:
            rate = picture_format.rate.limit_denominator(100_000)
            stream = output.add_stream(coding.encoder, rate=rate)
            assert isinstance(stream, VideoStream)
            context = stream.codec_context
            stream.width, stream.height = size_wh
            stream.pix_fmt = coding.pixel_format
            time_base = coded_time_base(coding, picture_format.time_base)
            stream.time_base = context.time_base = time_base
            context.flags |= Flags.frame_duration
            known = {option.name for option in context.supported_options.private}
            context.options = encoder_options(coding, size_wh, settings, known)
            if settings.codec != "auto" and coding not in container.codings.values():
                how = (coding.encoder, coding.pixel_format, context.options, size_wh, time_base)
                check_coding(container.muxer, *how)
            if live:
                context.options = {**context.options, **prompt_encoding(coding)}
            if context.codec.canonical_name == "hevc" and container.muxer in ("mp4", "mov"):
                context.codec_tag = "hvc1"  # the only one that Apple's players take
            tags = source.color if source is not None else ColorTags()
            if coding.pixel_format.startswith("yuvj"):
                tags = replace(tags, range="full")
            palette = None
            if coding.pixel_format == "pal8":
                clear = picture_format.kind == "rgba"
                palette = GifPalette(size_wh, picture_format.time_base, alpha=clear)
                whole = "rgba" if clear else "rgb24"
            converter = FrameConverter(
                tags, whole if palette is not None else coding.pixel_format, size_wh
            )
            if palette is None:
                converter.tag(context)
            if source is not None and source.media is not None and settings.audio != "none":
                tracks = CopiedTracks.add(output, container, source, settings)
            output.start_encoding()
        except BaseException:
            if tracks is not None:
                tracks.close()
            _give_up(output)
            if recording is not None:
                recording.close()
            raise
        end_s = source.duration_s if source is not None else None
        return cls(
            name=name,
            output=output,
            stream=stream,
            converter=converter,
            palette=palette,
            tracks=tracks,
            recording=recording,
            picture_format=picture_format,
            frame_units=max(1, round(1 / (picture_format.rate * picture_format.time_base))),
            end=None if end_s is None else Fraction(end_s).limit_denominator(1_000_000_000),
            premultiplied=settings.alpha == "premultiplied" and picture_format.kind == "rgba",
            shift=None if source is None or source.media is None else 0,
        )

    def add(self, picture: Picture) -> None:
        """Encode the picture before this one, whose length is now known, and keep this one."""
        if self.shift is None:
            self.shift = -picture.pts
        image = premultiply(picture.image) if self.premultiplied else picture.image
        frame = self.converter.to_frame(image)
        frame.pts = picture.pts + self.shift
        frame.time_base = picture.time_base
        self.count += 1
        before, self.pending = self.pending, frame
        if before is not None:
            assert frame.pts is not None and before.pts is not None
            before.duration = frame.pts - before.pts
            self._encode(before)

    def finish(self) -> None:
        """Encode what is pending, end the other tracks, write the trailer."""
        try:
            assert self.pending is not None and self.pending.pts is not None
            pts = self.pending.pts
            self.pending.duration = self._last_duration(pts)
            end = (pts + self.pending.duration) * self.picture_format.time_base
            self._encode(self.pending)
            self.pending = None
            self._encode(None)
            if self.tracks is not None:
                self.tracks.finish(end)
        except BaseException:
            self.abandon()
            raise
        if self.tracks is not None:
            self.tracks.close()
        try:
            self.output.close()
        finally:
            if self.recording is not None:
                self.recording.close()
        if self.recording is not None and self.recording.failed is not None:
            raise self.recording.failed

    def abandon(self) -> None:
        """Let go of everything; the file is to be removed, unless it is a recording."""
        if self.tracks is not None:
            self.tracks.close()
        _give_up(self.output)
        if self.recording is not None:
            self.recording.close()

    @property
    def recorded_s(self) -> Fraction:
        """Return how long a recording is, in seconds; 0 for other files."""
        if self.recording is None or self.pending is None or self.pending.pts is None:
            return Fraction(0)
        return self.pending.pts * self.picture_format.time_base

    def _last_duration(self, pts: int) -> int:
        """As long as the source says; the nominal length where it ended elsewhere."""
        time_base = self.picture_format.time_base
        if self.end is not None:
            left = round(self.end / time_base) - pts
            if 0 < left <= max(round(1 / time_base), 2 * self.frame_units):
                return left
        return self.frame_units

    def _encode(self, frame: VideoFrame | None) -> None:
        if self.palette is not None and frame is not None:
            frame = self.palette.apply(frame)
        try:
            packets = self.stream.encode(frame)
        except av.FFmpegError as error:
            raise SinkLost(f"{self.name}: not encoded ({reason_of(error)})") from error
        for packet in packets:
            repair_dts(packet)
            if self.tracks is not None and packet.dts is not None:
                # Sound goes in step with the picture, so that the muxer need not hold it.
                self.tracks.copy_until(packet.dts * packet.time_base)
            self.output.mux(packet)


def _give_up(output: OutputContainer) -> None:
    """Close a file that is not wanted any more."""
    try:
        output.close()  # PyAV always writes the trailer, which fails where the disk is full
    except (OSError, ValueError, av.FFmpegError) as error:
        _log.debug("while giving up: %s", error)


def reason_of(error: Exception) -> str:
    """Return what an error of the system or of FFmpeg says, in one line."""
    text = error.strerror if isinstance(error, OSError | av.FFmpegError) else None
    return str(text or error).splitlines()[0]
