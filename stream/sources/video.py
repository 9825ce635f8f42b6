"""Frames of a video file or network stream, decoded by FFmpeg through PyAV.

Read by the capture thread; FFmpeg decodes in threads of its own. Delivers what a player shows:
turned as the display matrix asks, square pixels, RGB by the file's colour tags. Time stays the
file's own, to the unit. Sound and subtitles are left to the sink, which reads `info.media`.
"""

import logging
import threading
import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Self

import av
from av.container import InputContainer

from u2cam.core.errors import SourceError, SourceLost
from u2cam.core.frame import Frame
from u2cam.imaging.color_tags import ColorError, ColorTags
from u2cam.imaging.decode_color import read_color_tags
from u2cam.imaging.decoding.alpha_decoder import alpha_decoder
from u2cam.imaging.decoding.decoded import Decoded
from u2cam.imaging.decoding.picture_track import nominal_rate, picture_track
from u2cam.imaging.decoding.video_decoder import FrameReader
from u2cam.imaging.wide_color import describe
from u2cam.stream.media.hwaccel import Hardware
from u2cam.stream.media.limits import check_duration, check_size, most_pixels
from u2cam.stream.media.pipes.one_pass import OnePassMedia
from u2cam.stream.media.pipes.reader import PipeReader
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.decoding.address import Address, open_container, reason_of
from u2cam.stream.sources.decoding.picture_shape import PictureShape, square_size
from u2cam.stream.sources.decoding.video_track import (
    frame_count,
    has_free_clock,
    media_end,
    read_orientation,
    time_origin,
)
from u2cam.stream.sources.rotation import Orientation

log = logging.getLogger(__name__)

_SEEK_TOLERANCE_S = Fraction(1, 10_000)
"""How far before `start_s` a frame may lie and still be taken (and before `end_s`, and not be):
decimals are rounded."""


class FileSource(Source):
    """A file, URL or pipe as a stream of frames, each exactly once, in the order of presentation.

    Times: formats with a timeline of their own keep it (pts as stored, so a picture track that
    starts late stays late); MPEG-TS and the like start at 0. With `start_s` the first frame at or
    after that time has pts 0. `info.start_s` says where pts 0 lies in the media. Stamps that are
    missing or do not grow are repaired. A damaged file ends at the damage, with a warning.
    """

    def __init__(
        self,
        path_or_url: str | PipeReader,
        *,
        start_s: float = 0.0,
        end_s: float | None = None,
        max_frames: int | None = None,
        limits: LimitsSettings | None = None,
        hardware: Hardware | None = None,
        keep_hdr: bool = False,
        deinterlace: bool = True,
    ) -> None:
        """Remember what to open; nothing is touched yet.

        Args:
            path_or_url: a file, a URL that FFmpeg opens (http, rtsp), or a pipe, which is read
                from its beginning: `start_s` is 0.
            start_s: first second to show, counted from the start of the media; >= 0.
            end_s: second at which to end, counted as `start_s`; None for all.
            max_frames: end after this many frames; None for all.
            limits: what is refused as too large or too long.
            keep_hdr: give HLG and PQ as they are coded, and not in BT.709.
            hardware: what shall decode a file, if it can; live streams are decoded in software.
            deinterlace: make pictures that are flagged as interlaced progressive.
        """
        self._address = Address(path_or_url)
        self._end: Fraction | None = None
        self._max_frames = max_frames
        self._how = _How(
            start_s, end_s, max_frames, limits or LimitsSettings(), keep_hdr, deinterlace
        )
        piped = isinstance(self._address.media, PipeReader)
        # A pipe cannot be opened again where the hardware fails.
        self._hardware = None if self._address.live or piped else hardware
        self._opened: _Opened | None = None
        self._info: SourceInfo | None = None
        self._index = 0
        self._last: Frame | None = None
        self._closing = False
        self._reading = threading.Lock()  # held by read(): close() must not free under it

    @property
    def info(self) -> SourceInfo:
        """Facts about the source; they stay after closing."""
        if self._info is None:
            raise SourceError(f"{self._address.name}: not open; enter the source first")
        return self._info

    def __enter__(self) -> Self:
        """Open and decode the first frame.

        Raises:
            FileNotFoundError, IsADirectoryError, PermissionError: the path.
            TooLargeError: more than the settings allow.
            NotAVideoError: empty or foreign file, or one without a picture track.
            ValueError: `start_s` lies behind the end, or no picture between it and `end_s`.
            SourceError: a video of which not one frame can be decoded, or a URL that fails.
        """
        self._closing = False
        self._index = 0
        self._opened = _open_best(self._address, self._how, self._hardware)
        self._info, self._end = self._opened.info, self._opened.end
        return self

    def read(self) -> Frame:
        """Return the next frame; see `Source.read`."""
        with self._reading:
            if self._closing:
                self._release()
            opened = self._opened
            if opened is None or self._index == self._max_frames:
                raise EndOfStream
            if isinstance(opened.info.media, OnePassMedia):
                opened.info.media.begin()
            try:
                decoded = opened.reader.next()
            except av.FFmpegError as error:
                lost = SourceLost if self._address.live else SourceError
                raise lost(f"{self._address.name}: lost ({reason_of(error)})") from error
            if decoded is None:
                if opened.decoder is not None and opened.reader.damaged:
                    # Damage, or the hardware's own failure: only software can tell.
                    raise SourceError(
                        f"{self._address.name}: {opened.decoder} failed before the end; "
                        "run again with --hw-decode none"
                    )
                if self._address.live:
                    raise SourceLost(f"{self._address.name}: the stream broke off")
                raise EndOfStream
            pts = decoded.pts - opened.origin
            if self._end is not None and pts >= self._end:
                raise EndOfStream
            try:
                shaped = opened.shape.shaped(decoded)
            except ColorError as error:
                raise SourceError(f"{self._address.name}: {error}") from error
            turned, coverage = opened.orientation.apply, shaped.coverage
            frame = Frame(
                image=turned(shaped.image),
                index=self._index,
                pts=pts,
                time_base=opened.info.time_base,
                captured_at_s=time.monotonic(),
                coverage=None if coverage is None else turned(coverage),
            )
            if not self._address.live:
                # The header may have lied.
                check_duration(self._address.name, frame.time_s, self._how.limits)
            self._index += 1
            self._last = frame
            return frame

    def reopen(self) -> bool:
        """Connect to a live stream again, on the same clock; False for files, which have ended."""
        with self._reading:
            last, before = self._last, self._info
            if self._closing or not self._address.live or last is None or before is None:
                return False
            self._release()
            try:
                again = _open(self._address, replace(self._how, start_s=0.0, max_frames=None))
            except (OSError, ValueError):
                return False
            first = again.reader.peek()
            if again.info.time_base != last.time_base or first is None:
                again.container.close()
                return False
            away_s = Fraction(time.monotonic() - last.captured_at_s)
            pts = last.pts + max(1, round(away_s / last.time_base))
            size_wh = again.orientation.size_wh(before.size_wh)  # turned back: as stored
            self._opened = replace(
                again,
                origin=first.pts - pts,
                shape=again.reshaped(self._address.name, first, size_wh, before.color),
            )
            return True

    def close(self) -> None:
        """Release the file: at once, or at the next `read` while another thread is in one."""
        self._closing = True
        if isinstance(self._address.media, PipeReader):
            self._address.media.close()
        if self._reading.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._reading.release()

    def _release(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.reader.close()
            if isinstance(opened.info.media, OnePassMedia):
                opened.info.media.end()
            opened.container.close()


@dataclass(frozen=True, slots=True)
class _Opened:
    container: InputContainer
    reader: FrameReader
    shape: PictureShape
    orientation: Orientation
    origin: int
    """The stamp that becomes pts 0."""
    info: SourceInfo
    decoder: str | None = None
    """The kind of hardware that decodes; None for software."""
    end: Fraction | None = None
    """Pictures from this pts on are not shown."""

    def reshaped(
        self, name: str, first: Decoded, size_wh: tuple[int, int], shown: ColorTags
    ) -> PictureShape:
        """Return what brings pictures to the size and the space with which a run began."""
        aspect = picture_track(self.container, name).sample_aspect_ratio
        return PictureShape(name, first, aspect, self.shape.tags, size_wh, shown=shown)


@dataclass(frozen=True, slots=True)
class _How:
    """Which part of a file is wanted, and how large it may be."""

    start_s: float
    end_s: float | None
    max_frames: int | None
    limits: LimitsSettings
    keep_hdr: bool = False
    deinterlace: bool = True


def _open_best(address: Address, how: _How, wanted: Hardware | None) -> _Opened:
    """Open with hardware if it decodes the first picture, else in software."""
    if wanted is not None:
        try:
            opened = _open(address, how, wanted.kind)
        except (av.FFmpegError, OSError, ValueError, RuntimeError) as error:
            # Whatever it is: where the file is to blame, software says so below.
            failed: Exception = error
        else:
            log.info("%s: decoded by %s", address.name, wanted.kind)
            return opened
    opened = _open(address, how)
    if wanted is not None:
        log.log(
            logging.WARNING if wanted.asked else logging.INFO,
            "%s: %s cannot decode it here (%s); the processor does",
            address.name,
            wanted.kind,
            " ".join(str(failed).split()),
        )
    return opened


def _open(address: Address, how: _How, decoder: str | None = None) -> _Opened:
    container = open_container(address, how.limits, decoder)
    try:
        return _open_track(container, address, how, decoder)
    except av.FFmpegError as error:
        container.close()
        raise SourceError(f"{address.name}: cannot be decoded ({reason_of(error)})") from error
    except BaseException:
        container.close()
        raise


def _open_track(
    container: InputContainer, address: Address, how: _How, decoder: str | None
) -> _Opened:
    name, limits, start_s, max_frames = address.name, how.limits, how.start_s, how.max_frames
    stream = picture_track(container, name)
    check_size(name, (stream.codec_context.width, stream.codec_context.height), limits)
    stream.codec_context.options = {"max_pixels": str(most_pixels(limits))}
    # Frame threads hold pictures back: not for a live stream.
    stream.thread_type = "SLICE" if address.live or decoder is not None else "AUTO"
    time_base = stream.time_base or Fraction(1, 90_000)
    rate = nominal_rate(stream)
    origin = time_origin(container, stream)
    start = Fraction(start_s).limit_denominator(1_000_000)
    first_pts = origin + (start - _SEEK_TOLERANCE_S) / time_base if start > 0 else None
    # Hardware that cannot decode a file says so at every packet: once is enough.
    patient = decoder is None
    frame_units = 1 / (rate * time_base)
    media = None if address.live or isinstance(address.media, PipeReader) else address.media
    one_pass = None
    if isinstance(address.media, PipeReader):
        one_pass = OnePassMedia(container, stream, address.media)
    reader = FrameReader(
        container,
        stream,
        name,
        frame_units,
        first_pts,
        address.live,
        patient,
        how.deinterlace,
        "; capture.deinterlace = off leaves it",
        alpha_decoder(stream),
        None if one_pass is None else one_pass.pictures(),
    )
    first = reader.peek()
    end = media_end(container, stream)
    if first is None:
        if not reader.decoded_any:
            raise SourceError(f"{name}: not one picture could be decoded; the file is damaged")
        lasts = f"; it ends at {float(end - origin * time_base):.2f} s" if end is not None else ""
        raise ValueError(f"{name}: nothing is left to show from second {start_s:g} on{lasts}")
    time_zero = origin
    if start > 0 or address.live:
        origin = first.pts
    shown_until = _shown_until(how, start, origin - time_zero, time_base, live=address.live)
    end_pts = None if shown_until is None else shown_until - _SEEK_TOLERANCE_S / time_base
    if end_pts is not None and first.pts - origin >= end_pts:
        raise ValueError(f"{name}: no picture lies between second {start_s:g} and {how.end_s:g}")
    try:
        tags = read_color_tags(first.picture)
    except ColorError as error:
        raise SourceError(f"{name}: {error}") from error
    aspect = stream.sample_aspect_ratio
    coded_wh = square_size((first.picture.width, first.picture.height), aspect)
    check_size(name, coded_wh, limits)
    orientation = read_orientation(first)
    shape = PictureShape(name, first, aspect, tags, coded_wh, keep_hdr=how.keep_hdr)
    if shape.shown_tags != tags:
        log.warning("%s: %s is converted to BT.709", name, describe(tags))
    length = end - origin * time_base if end is not None and not address.live else None
    known = one_pass is None or (length is not None and 0 < length <= limits.max_hours * 3600)
    # Who writes into a pipe begins before the length is known, and may leave anything there.
    length = length if known else None
    if shown_until is not None and length is not None:
        length = min(length, shown_until * time_base)
    partial = start > 0 or shown_until is not None
    frames = None
    if known:
        frames = frame_count(stream, length, rate, first.pts - origin, time_base, partial)
    if max_frames is not None and (frames is None or max_frames < frames):
        frames = max_frames
        length = (first.pts - origin) * time_base + max_frames / rate
    if not address.live and not has_free_clock(container):
        check_duration(name, float(length) if length is not None else None, limits)
    info = SourceInfo(
        name=name,
        size_wh=orientation.size_wh(coded_wh),
        rate=rate,
        live=address.live,
        time_base=time_base,
        frames=frames,
        duration_s=float(length) if length is not None else None,
        color=shape.shown_tags,
        media=one_pass or media,
        piped=one_pass is not None,
        start_s=float(origin * time_base),
    )
    return _Opened(container, reader, shape, orientation, origin, info, decoder, end_pts)


def _shown_until(
    how: _How, start: Fraction, origin: int, time_base: Fraction, *, live: bool
) -> Fraction | None:
    """Return the pts from which on pictures are not shown; None where all are.

    Args:
        how: with the second at which to end.
        start: the second at which to begin.
        origin: stamp of pts 0, counted from the start of the media.
        time_base: seconds per unit.
        live: a stream's seconds are counted from its first picture.
    """
    if how.end_s is None:
        return None
    end = Fraction(how.end_s).limit_denominator(1_000_000)
    return (end - start if live else end - origin * time_base) / time_base
