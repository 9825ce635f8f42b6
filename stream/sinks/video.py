"""A video file, encoded by FFmpeg through PyAV.

Runs in the sink's own thread; the encoder has threads of its own. The ending chooses container
and encoder (`containers`); sound, subtitles, chapters and metadata come from the source's
media (`copying`). The file grows under a temporary name beside the target, and gets its own
name when it is complete.
"""

import contextlib
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

from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.imaging.color_tags import ColorTags
from u2cam.imaging.standard_range import StandardRange
from u2cam.stream.media.coding_trial import check_coding
from u2cam.stream.media.encode_color import FrameConverter, premultiply
from u2cam.stream.media.hwaccel import Hardware
from u2cam.stream.media.packet_times import repair_dts
from u2cam.stream.media.pipes.writer import StandardOutput
from u2cam.stream.media.targets import Target, files_read, part_name, real_path
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import (
    Coding,
    Container,
    check_least_size,
    check_place,
    choose_coding,
    choose_container,
    coded_size,
)
from u2cam.stream.sinks.copying.remux import CopiedTracks
from u2cam.stream.sinks.deep_color import coding_in_range
from u2cam.stream.sinks.gif_palette import GifPalette
from u2cam.stream.sinks.growing_file import GrowingFile
from u2cam.stream.sinks.hardware_coding import hardware_coding
from u2cam.stream.sinks.picture_gate import require_format
from u2cam.stream.sinks.quality import coded_time_base, encoder_options
from u2cam.stream.sinks.recording import is_safe, prompt_encoding, recording_options

_log = logging.getLogger(__name__)


_NAMED_AFTER_S = 1
"""A live recording that is as long has its own name."""


class FileSink:
    """Writes a run's pictures as a video: each with its own pts, the last one as long as it was.

    Args:
        path: target; its ending chooses the container.
        settings: codec, quality, alpha and sound.
        hardware: what shall encode H.264, if it can.

    Sizes that the encoder cannot take (odd ones in 4:2:0) grow by one pixel, whose colour is that
    of its neighbour: nothing of the picture is lost.
    """

    paced = False
    live = False

    def __init__(
        self, path: Path, settings: OutputSettings, hardware: Hardware | None = None
    ) -> None:
        self._path = path
        self._settings = settings
        self._hardware = hardware
        self._target = path
        self._part = path.with_name(part_name(path.name))
        self._named = False
        self._writing: Writing | None = None
        self._standard = StandardRange()

    @property
    def name(self) -> str:
        """The file's name."""
        return self._path.name

    def open(self, picture_format: PictureFormat) -> None:
        """Create the file and write its header.

        Raises:
            SinkError: the place, the encoder or the container refuses; one line says why.
            ValueError: ending or codec, as `check_output` says before a run.
        """
        self._named = False
        container = choose_container(self._path)
        coding = choose_coding(self._path, picture_format.kind, self._settings)
        self._check_place(picture_format)
        coding, picture_format, self._standard = coding_in_range(
            self._path, coding, picture_format, self._settings
        )
        if self._hardware is not None:
            coding = hardware_coding(
                self.name, coding, picture_format.size_wh, self._hardware, self._settings
            )
        try:
            self._writing = Writing.start(
                self.name, self._part, container, coding, picture_format, self._settings
            )
        except (OSError, ValueError, av.FFmpegError) as error:
            self._part.unlink(missing_ok=True)
            reason = reason_of(error)
            if self._settings.codec != "auto":
                width, height = picture_format.size_wh
                reason += (
                    f": output.codec {self._settings.codec} does not encode {width}x{height} "
                    f"({coding.pixel_format}) for {self._path.suffix} here; auto does"
                )
            raise SinkError(f"{self.name}: cannot be started ({reason})") from error
        except BaseException:
            self._part.unlink(missing_ok=True)
            raise

    def write(self, picture: Picture) -> None:
        """Encode one picture; returns when the encoder has taken the one before it.

        Raises:
            SinkLost: the encoder refused a picture; it may take the next.
            SinkError: not open, or the disk is full: FFmpeg's writer remembers its first error.
            ValueError: the picture is not of the opened format.
        """
        if self._writing is None:
            raise SinkError(f"{self.name}: not open")
        require_format(picture, self._writing.picture_format, self.name)
        image = self._standard(picture.image)
        if image is not picture.image:
            picture = replace(picture, image=image)
        try:
            self._writing.add(picture)
        except SinkError:
            raise
        except (OSError, av.FFmpegError) as error:
            raise SinkError(f"{self.name}: cannot be written ({reason_of(error)})") from error
        if self._writing.recorded_s > _NAMED_AFTER_S:
            self._name_recording()

    def close(self, *, failed: bool) -> None:
        """Finish the file and give it its name; remove it where the run failed or was empty.

        A live recording is kept as far as it goes, whatever failed: it cannot be made again.
        """
        writing, self._writing = self._writing, None
        if writing is None:
            return
        keep = writing.count > 0 and (not failed or writing.recording is not None)
        try:
            if keep:
                writing.finish()
                self._give_name()
            else:
                writing.abandon()
        except (OSError, av.FFmpegError) as error:
            kept = ""
            if writing.recording is not None:
                self._name_recording()
                kept = "; what was recorded until then is kept"
            raise SinkError(
                f"{self.name}: cannot be finished ({reason_of(error)}){kept}"
            ) from error
        finally:
            self._part.unlink(missing_ok=True)

    def discard(self) -> None:
        """Remove the file that is not finished; a recording that has its name is kept."""
        with contextlib.suppress(OSError):  # Windows: not while it is open
            self._part.unlink(missing_ok=True)

    def _give_name(self) -> None:
        if not self._named:
            os.replace(self._part, self._target)
            self._named = True

    def _name_recording(self) -> None:
        """Give a recording its name while it grows: after a power cut it is where it is sought."""
        try:
            self._give_name()
        except OSError as error:  # Windows: not while it is open
            _log.debug("%s: named at the end (%s)", self.name, error)

    def _check_place(self, picture_format: PictureFormat) -> None:
        """Make sure of the place, and find the file behind a symbolic link: that is written."""
        try:
            check_place(self._path)
            self._target = real_path(self._path)
        except OSError as error:
            raise SinkError(str(error)) from error
        self._part = self._target.with_name(part_name(self._target.name))
        source = picture_format.source
        if source is None or not isinstance(source.media, Path | str):
            return
        if Target.of(str(self._path)).replaces(files_read(str(source.media))) is not None:
            raise SinkError(f"{self._path}: is the input; choose another output")


@dataclass(slots=True)
class Writing:
    """An output that has been started: for the sinks that write a video."""

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
