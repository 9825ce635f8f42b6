"""A video as background, looped at its own rate by the frames' own time; its sound is ignored.

Read on demand by the composite thread. It does not stall it: FFmpeg's own threads decode ahead
of the frames that are asked for, only frames that are shown are converted, and after a gap the
clip goes on where it was instead of decoding through the gap. The same times give the same
pictures. A clip that cannot be read any more stands still.
"""

import logging
import math
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import BackgroundError
from u2cam.imaging.decode_color import RgbConverter, read_color_tags
from u2cam.imaging.fit import Fit, fit_picture
from u2cam.imaging.pictures import over_color
from u2cam.imaging.wide_color import describe, is_wider

MAX_STEP_S = 0.5
"""The clip moves at most this far from one picture to the next."""

log = logging.getLogger(__name__)


class VideoBackground:
    """A looped clip."""

    def __init__(
        self, path: Path, fit: Fit = "cover", behind: tuple[int, int, int] = (0, 0, 0)
    ) -> None:
        """Open and decode the first picture.

        Args:
            path: of the clip.
            fit: how it is brought to size.
            behind: what its transparent parts show.

        Raises:
            BackgroundError: there is no picture in it that can be decoded.
        """
        self._path = path
        self._behind = behind
        self._fit: Fit = fit
        try:
            self._container: InputContainer = av.open(str(path))
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BackgroundError(f"background {path}: cannot be opened: {reason}") from error
        if not self._container.streams.video:
            raise BackgroundError(f"background {path}: no picture in it, only sound or data")
        self._stream = self._container.streams.video[0]
        if self._stream.codec_context is None:
            raise BackgroundError(f"background {path}: no decoder for its video format")
        self._stream.thread_type = "AUTO"
        rate = self._stream.average_rate or self._stream.guessed_rate
        self._frame_s = 1 / float(rate) if rate else 1 / 30
        self._frames = self._decode()
        self._next = self._first()
        self._current = self._next
        self._tags = read_color_tags(self._current)
        self._converter: RgbConverter | None = None
        aspect = self._stream.sample_aspect_ratio
        self._aspect = float(aspect) if aspect and 0.01 <= aspect <= 100 else 1.0
        if is_wider(self._tags):
            log.warning("background %s: %s is converted to BT.709", path, describe(self._tags))
        self._position_s = 0.0
        self._end_s = self._frame_s
        self._asked_s: float | None = None
        self._shown: VideoFrame | None = None
        self._picture = np.zeros((0, 0, 3), np.uint8)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the clip's frame for a time; the first call shows its first frame."""
        step_s = 0.0 if self._asked_s is None else time_s - self._asked_s
        self._asked_s = time_s
        self._advance(min(max(step_s, 0.0), MAX_STEP_S))
        return self._fitted(size_wh)

    def prepare(self, size_wh: tuple[int, int]) -> None:
        """Convert the frame that comes first; the clip's clock starts with the first `picture`."""
        self._fitted(size_wh)

    def _fitted(self, size_wh: tuple[int, int]) -> ImageU8:
        if self._shown is not self._current or self._picture.shape[1::-1] != size_wh:
            self._picture = fit_picture(self._convert(self._current, size_wh), size_wh, self._fit)
            self._shown = self._current
        return self._picture

    def _decode(self) -> Iterator[VideoFrame]:
        for frame in self._container.decode(self._stream):
            if isinstance(frame, VideoFrame) and frame.time is not None:
                yield frame

    def _first(self) -> VideoFrame:
        try:
            frame = next(self._frames)
        except (StopIteration, av.FFmpegError, OSError) as error:
            raise BackgroundError(f"background {self._path}: no frame can be decoded") from error
        self._start_s = float(frame.time or 0)
        return frame

    def _advance(self, step_s: float) -> None:
        self._position_s += step_s
        # A microsecond early: sums of thirtieths fall just short of tenths.
        while self._end_s <= self._position_s + 1e-6:
            self._current = self._next = self._following()

    def _following(self) -> VideoFrame:
        """Decode one frame, around the end if need be, and move the end of what is shown."""
        try:
            frame = next(self._frames)
        except (StopIteration, av.FFmpegError, OSError):
            # The end, or damage: what was readable is the clip.
            try:
                self._rewind()
                frame = self._first()
            except (BackgroundError, av.FFmpegError, OSError, IndexError) as error:
                log.warning("background %s: stands still from here on (%s)", self._path, error)
                self._end_s = math.inf
                return self._current
            self._position_s -= self._end_s
            self._end_s = 0.0
        self._end_s = max(self._end_s, float(frame.time or 0) - self._start_s) + self._frame_s
        return frame

    def _rewind(self) -> None:
        try:
            self._container.seek(0)
        except (av.FFmpegError, OSError):  # some formats cannot seek
            self._container.close()
            self._container = av.open(str(self._path))
            self._stream = self._container.streams.video[0]
        self._frames = self._decode()

    def _convert(self, frame: VideoFrame, size_wh: tuple[int, int]) -> ImageU8:
        """Convert to RGB as inputs are, scaled where that only shrinks, and turned upright."""
        turned = frame.rotation % 180 != 0
        stored_wh = (max(1, round(frame.width * self._aspect)), frame.height)
        width, height = stored_wh[::-1] if turned else stored_wh
        scale = max(size_wh[0] / width, size_wh[1] / height)
        if self._fit == "cover" and scale < 1:
            width_to = max(size_wh[0], round(width * scale))
            height_to = max(size_wh[1], round(height * scale))
        else:
            width_to, height_to = width, height
        if turned:
            width_to, height_to = height_to, width_to
        if self._converter is None or self._converter.size_wh != (width_to, height_to):
            self._converter = RgbConverter(self._tags, (width_to, height_to))
        rgb = self._converter.to_rgb(frame)
        alpha = self._converter.alpha_of(frame)
        if alpha is not None:
            rgb = over_color(rgb, alpha, self._behind)
        return np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / 90)), dtype=np.uint8)
