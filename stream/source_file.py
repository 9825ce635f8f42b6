"""Frames of a video file or network stream, decoded by FFmpeg through PyAV.

Read by the capture thread; FFmpeg decodes in threads of its own. Delivers what a player shows:
turned as the display matrix asks, square pixels, RGB by the file's colour tags. Time stays the
file's own, to the unit. Sound and subtitles are left to the sink, which reads `info.media`.
"""

import threading
import time
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from stream.frame import Frame
from stream.rotation import Orientation
from stream.source import EndOfStream, SourceError, SourceInfo
from stream.source_color import RgbConverter, read_color_tags
from stream.source_decode import Decoded, FrameReader, track_end

_LIVE_SCHEMES = {"rtsp", "rtsps", "rtmp", "rtmps", "udp", "rtp", "srt", "tcp"}
_OPEN_TIMEOUT_S, _READ_TIMEOUT_S = 10.0, 5.0
_TEXT_ART = {"tty", "bin", "xbin", "adf", "idf"}
"""Demuxers that show a text file as a picture of text: never what was meant."""
_FREE_CLOCK = 0x0200
"""FFmpeg's AVFMT_TS_DISCONT: formats (MPEG-TS, RTSP) whose clock starts anywhere."""
_SEEK_TOLERANCE_S = Fraction(1, 10_000)
"""How far before `start_s` a frame may lie and still be taken: decimals are rounded."""


class NotAVideoError(SourceError, ValueError):
    """The input is no video at all: empty, foreign, or without a picture."""


class FileSource:
    """A file or URL as a stream of frames, each exactly once, in the order of presentation.

    Times: formats with a timeline of their own keep it (pts as stored, so a picture track that
    starts late stays late); MPEG-TS and the like start at 0. With `start_s` the first frame at or
    after that time has pts 0. `info.start_s` says where pts 0 lies in the media. Stamps that are
    missing or do not grow are repaired. A damaged file ends at the damage, with a warning.
    """

    def __init__(
        self, path_or_url: str, *, start_s: float = 0.0, max_frames: int | None = None
    ) -> None:
        """Remember what to open; nothing is touched yet.

        Args:
            path_or_url: a file, or a URL that FFmpeg opens (http, rtsp).
            start_s: first second to show, counted from the start of the media; >= 0.
            max_frames: end after this many frames; None for all.
        """
        self._address = _Address(path_or_url)
        self._start_s = start_s
        self._max_frames = max_frames
        self._opened: _Opened | None = None
        self._info: SourceInfo | None = None
        self._index = 0
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
            NotAVideoError: empty or foreign file, or one without a picture track.
            ValueError: `start_s` lies behind the end.
            SourceError: a video of which not one frame can be decoded, or a URL that fails.
        """
        self._closing = False
        self._index = 0
        self._opened = _open(self._address, self._start_s, self._max_frames)
        self._info = self._opened.info
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def read(self) -> Frame:
        """Return the next frame; see `Source.read`."""
        with self._reading:
            if self._closing:
                self._release()
            opened = self._opened
            if opened is None or self._index == self._max_frames:
                raise EndOfStream
            try:
                decoded = opened.reader.next()
            except av.FFmpegError as error:
                raise SourceError(f"{opened.info.name}: lost ({_reason(error)})") from error
            if decoded is None:
                raise EndOfStream
            frame = Frame(
                image=opened.orientation.apply(opened.converter.to_rgb(decoded.picture)),
                index=self._index,
                pts=decoded.pts - opened.origin,
                time_base=opened.info.time_base,
                captured_at_s=time.monotonic(),
            )
            self._index += 1
            return frame

    def reopen(self) -> bool:
        """Return False: a file that ended does not come back."""
        return False

    def close(self) -> None:
        """Release the file: at once, or at the next `read` while another thread is in one."""
        self._closing = True
        if self._reading.acquire(blocking=False):
            try:
                self._release()
            finally:
                self._reading.release()

    def _release(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.reader.close()
            opened.container.close()


class _Address:
    """A path or URL, and what to call it."""

    def __init__(self, path_or_url: str) -> None:
        self.is_url = "://" in path_or_url
        parts = urlsplit(path_or_url) if self.is_url else None
        self.live = parts is not None and parts.scheme.lower() in _LIVE_SCHEMES
        # An absolute path cannot be mistaken for a protocol ("a:b.mp4").
        self.media = path_or_url if self.is_url else Path(path_or_url).absolute()
        if parts is not None:  # without the password
            self.name = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
        else:
            self.name = Path(path_or_url).name or path_or_url


@dataclass(frozen=True, slots=True)
class _Opened:
    container: InputContainer
    reader: FrameReader
    converter: RgbConverter
    orientation: Orientation
    origin: int
    """The stamp that becomes pts 0."""
    info: SourceInfo


def _open(address: _Address, start_s: float, max_frames: int | None) -> _Opened:
    container = _open_container(address)
    try:
        return _open_track(container, address, start_s, max_frames)
    except av.FFmpegError as error:
        container.close()
        raise SourceError(f"{address.name}: cannot be decoded ({_reason(error)})") from error
    except BaseException:
        container.close()
        raise


def _open_container(address: _Address) -> InputContainer:
    name = address.name
    if isinstance(address.media, Path):
        _check_file(address.media)
        options, timeout = {}, None
    else:
        options = {"rtsp_transport": "tcp"} if address.live else {}
        timeout = (_OPEN_TIMEOUT_S, _READ_TIMEOUT_S)
    try:
        return av.open(
            str(address.media),
            "r",
            container_options=options,
            timeout=timeout,
            metadata_errors="replace",
        )
    except av.FFmpegError as error:
        if not isinstance(address.media, Path):
            raise SourceError(f"{name}: cannot be opened ({_reason(error)})") from error
        if _looks_like_video(address.media):
            raise SourceError(f"{name}: damaged, not one picture can be read") from error
        raise NotAVideoError(f"{name}: not a video that FFmpeg knows") from error


def _check_file(path: Path) -> None:
    """Raise a clear one-line error for what is no readable file."""
    if path.is_dir():
        raise IsADirectoryError(f"{path}: a folder, not a video file")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file") from None
    except PermissionError:
        raise PermissionError(f"{path}: no permission to read it") from None
    if empty:
        raise NotAVideoError(f"{path.name}: the file is empty")


def _looks_like_video(path: Path) -> bool:
    """True where the first bytes are those of a video container, though it cannot be opened."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] in (b"ftyp", b"moov", b"mdat") or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF")


def _open_track(
    container: InputContainer, address: _Address, start_s: float, max_frames: int | None
) -> _Opened:
    name = address.name
    stream = _picture_track(container, name)
    # Frame threads hold pictures back: not for a live stream.
    stream.thread_type = "SLICE" if address.live else "AUTO"
    time_base = stream.time_base or Fraction(1, 90_000)
    rate = _nominal_rate(stream)
    origin = _origin(container, stream)
    start = Fraction(start_s).limit_denominator(1_000_000)
    first_pts = origin + (start - _SEEK_TOLERANCE_S) / time_base if start > 0 else None
    reader = FrameReader(container, stream, name, 1 / (rate * time_base), first_pts, address.live)
    first = reader.peek()
    end = _end(container, stream)
    if first is None:
        if not reader.decoded_any:
            raise SourceError(f"{name}: not one picture could be decoded; the file is damaged")
        lasts = f"; it ends at {float(end - origin * time_base):.2f} s" if end is not None else ""
        raise ValueError(f"{name}: nothing is left to show from second {start_s:g} on{lasts}")
    if start > 0 or address.live:
        origin = first.pts
    tags = read_color_tags(first.picture)
    coded_wh = _square_size(stream, first)
    orientation = _orientation(first)
    length = end - origin * time_base if end is not None and not address.live else None
    frames = _frame_count(stream, length, rate, first.pts - origin, time_base, start > 0)
    if max_frames is not None and (frames is None or max_frames < frames):
        frames = max_frames
        length = (first.pts - origin) * time_base + max_frames / rate
    info = SourceInfo(
        name=name,
        size_wh=orientation.size_wh(coded_wh),
        rate=rate,
        live=address.live,
        time_base=time_base,
        frames=frames,
        duration_s=float(length) if length is not None else None,
        color=tags,
        media=None if address.live else address.media,
        start_s=float(origin * time_base),
    )
    return _Opened(container, reader, RgbConverter(tags, coded_wh), orientation, origin, info)


def _picture_track(container: InputContainer, name: str) -> VideoStream:
    """Return the video track that players choose; a cover picture is none."""
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


def _nominal_rate(stream: VideoStream) -> Fraction:
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate is not None and 0 < rate <= 1000:
            return rate
    return Fraction(25)


def _origin(container: InputContainer, stream: VideoStream) -> int:
    """Return the stamp of time 0, in units of the picture track.

    0 by the container's own timeline, but never behind the first picture; the start of the
    earliest track where the container's clock may start anywhere.
    """
    start = stream.start_time or 0
    if not container.format.flags & _FREE_CLOCK:
        return min(0, start)
    time_base = stream.time_base or Fraction(1, 90_000)
    others = [
        track.start_time * track.time_base / time_base
        for track in container.streams.audio
        if track.start_time is not None and track.time_base is not None
    ]
    return min(start, *(int(other) for other in others)) if others else start


def _end(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """Return the media time in seconds at which the last picture ends, if known."""
    end = track_end(stream)
    if end is None and container.duration is not None:
        end = Fraction((container.start_time or 0) + container.duration, av.time_base)
    return end


def _square_size(stream: VideoStream, first: Decoded) -> tuple[int, int]:
    """Return the stored picture's width and height with square pixels: the width is scaled."""
    width, height = first.picture.width, first.picture.height
    aspect = stream.sample_aspect_ratio
    if aspect is None or not Fraction(1, 100) <= aspect <= 100:
        return width, height
    return max(1, round(width * aspect)), height


def _orientation(first: Decoded) -> Orientation:
    matrix: Any = first.picture.side_data.get("DISPLAYMATRIX")
    return Orientation() if matrix is None else Orientation.from_display_matrix(bytes(matrix))


def _frame_count(
    stream: VideoStream,
    length: Fraction | None,
    rate: Fraction,
    first_pts: int,
    time_base: Fraction,
    partial: bool,
) -> int | None:
    if stream.frames and not partial:
        return stream.frames
    if length is None:
        return None
    return max(1, round((length - first_pts * time_base) * rate))


def _reason(error: av.FFmpegError) -> str:
    return str(error.strerror or type(error).__name__)
