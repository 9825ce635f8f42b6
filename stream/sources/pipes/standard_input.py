"""Standard input as a source, `-i -`: what comes decides how it is read."""

import threading
from fractions import Fraction
from typing import Literal, Self

from u2cam.core.errors import NotAVideoError, SourceError, UsageError
from u2cam.core.frame import Frame
from u2cam.imaging.picture_kind import is_animation
from u2cam.stream.media.pipes.names import INPUT, fault_of
from u2cam.stream.media.pipes.reader import PipeReader
from u2cam.stream.settings import CaptureSettings, LimitsSettings
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo
from u2cam.stream.sources.images import DEFAULT_FPS
from u2cam.stream.sources.pipes.contents import Contents, contents_of
from u2cam.stream.sources.pipes.picture_stream import PictureStream
from u2cam.stream.sources.pipes.raw import RawSource
from u2cam.stream.sources.pipes.splitting import PictureSplitter
from u2cam.stream.sources.video import FileSource
from u2cam.stream.sources.wrappers.part import PartSource

PipedKind = Literal["raw", "video", "image", "images", "animation"]

_STDIN = 0
_MOST_BYTES_A_PIXEL = 8
_SIZE = (
    f"raw RGB24 needs --width and --height, and --fps where it is not {DEFAULT_FPS:g} "
    "(capture.width, height and fps)"
)
_MULTI_PICTURE = b"MPF\0"
"""CIPA DC-007: a camera's JPEG that others follow, smaller or of depth, which belong to it."""


def check_standard_input() -> None:
    """Make sure that standard input is a pipe or a file.

    Raises:
        UsageError: it is a terminal, or closed.
    """
    fault = fault_of(_STDIN)
    if fault is not None:
        raise UsageError(f"--input: {INPUT} is {fault}; pipe a program or a file into it")


class StandardInput(Source):
    """Raw RGB24, y4m, pictures, or any container that FFmpeg reads from its front to its back.

    Args:
        capture: size and rate of what does not tell them itself; deinterlacing.
        limits: what is refused as too large or too long.
        raw: no header, whatever the first bytes look like.
        end_s: end at this second; None: at its end.
        max_frames: of a container: end after so many.
        keep_hdr: as of `FileSource`.
        pipe: what is read; None: standard input, once it is opened.
    """

    def __init__(
        self,
        capture: CaptureSettings,
        limits: LimitsSettings,
        *,
        raw: bool = False,
        end_s: float | None = None,
        max_frames: int | None = None,
        keep_hdr: bool = False,
        pipe: PipeReader | None = None,
    ) -> None:
        self._capture = capture
        self._limits = limits
        self._raw = raw
        self._end_s = end_s
        self._max_frames = max_frames
        self._keep_hdr = keep_hdr
        self._pipe = pipe
        self._closed = threading.Event()
        self._inner: Source | None = None
        self._kind: PipedKind = "raw"

    @property
    def kind(self) -> PipedKind:
        """What came; known once it is open."""
        return self._kind

    @property
    def info(self) -> SourceInfo:
        """Facts about the open source."""
        return self._opened().info

    def __enter__(self) -> Self:
        """Wait for the first bytes and open what they are.

        Raises:
            TooLargeError: more than the settings allow.
            NotAVideoError: nothing came, or nothing that is known.
            SourceError: damaged, or a file that no pipe can carry.
        """
        self._pipe = self._pipe or PipeReader(_STDIN)
        contents = "unknown" if self._raw else contents_of(self._pipe)
        self._inner = self._chosen(self._pipe, contents)
        if self._end_s is not None and self._kind == "image":
            raise UsageError(f"--end, end_s: {INPUT} is a single image; leave the option out")
        if self._end_s is not None and self._kind != "video":  # which ends its sound, too
            self._inner = PartSource(self._inner, self._end_s)
        try:
            self._inner.__enter__()
        except NotAVideoError as error:
            if contents != "unknown":
                raise
            raise NotAVideoError(f"{INPUT}: no video or picture that is known; {_SIZE}") from error
        return self

    def read(self) -> Frame:
        """Return the next frame; see `Source.read`."""
        if self._closed.is_set():  # what was read before is not wanted any more
            raise EndOfStream
        return self._opened().read()

    def close(self) -> None:
        """Wake a waiting `read`, and let go. Standard input itself stays open."""
        self._closed.set()
        if self._pipe is not None:
            self._pipe.close()
        if self._inner is not None:
            self._inner.close()

    def _opened(self) -> Source:
        if self._inner is None:
            raise SourceError(f"{INPUT}: not open")
        return self._inner

    def _chosen(self, pipe: PipeReader, contents: Contents) -> Source:
        size_wh = self._capture.width, self._capture.height
        if self._raw or (contents == "unknown" and None not in size_wh):
            return self._raw_source(pipe)
        if contents in ("unknown", "video"):
            self._kind = "video"
            return FileSource(
                pipe,
                end_s=self._end_s,
                max_frames=self._max_frames,
                limits=self._limits,
                keep_hdr=self._keep_hdr,
                deinterlace=self._capture.deinterlace == "auto",
            )
        most_bytes = round(self._limits.max_megapixels * 1e6 * _MOST_BYTES_A_PIXEL) + 2**20
        if contents == "pictures":
            splitter = PictureSplitter(pipe, most_bytes)
            first = splitter.next() or b""
            single = _MULTI_PICTURE in first[: 2**16] or is_animation(first) or splitter.ends()
            return self._picture_source(pipe, first, splitter, single=single)
        # One byte more shows that it is too long.
        return self._picture_source(pipe, pipe.read_whole(most_bytes + 1), None, single=True)

    def _picture_source(
        self, pipe: PipeReader, first: bytes, splitter: PictureSplitter | None, *, single: bool
    ) -> Source:
        if is_animation(first):
            self._kind = "animation"
            return AnimationSource(INPUT, limits=self._limits, data=first)
        self._kind = "image" if single else "images"
        return PictureStream(
            first,
            (lambda: None) if splitter is None else splitter.next,
            single=single,
            rate=self._rate(),
            limits=self._limits,
            close=pipe.close,
        )

    def _raw_source(self, pipe: PipeReader) -> RawSource:
        width, height = self._capture.width, self._capture.height
        if width is None or height is None:
            raise UsageError(f"{INPUT}: {_SIZE}")
        self._kind = "raw"
        return RawSource(pipe, (width, height), self._rate(), self._limits)

    def _rate(self) -> Fraction:
        return Fraction(self._capture.fps or DEFAULT_FPS).limit_denominator(1001)
