"""A video as background, looped at its own rate by the frames' own time; its sound is ignored.

Read on demand by the composite thread. It does not stall it: FFmpeg's own threads decode ahead
of the frames that are asked for, only frames that are shown are converted, and after a gap the
clip goes on where it was instead of decoding through the gap. The same times give the same
pictures. A clip that cannot be read any more stands still.
"""

import logging
import math
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import BackgroundError, NotAVideoError
from u2cam.imaging.color_tags import ColorError, ColorTags
from u2cam.imaging.decode_color import RgbConverter, color_numbers, read_color_tags
from u2cam.imaging.decoding.alpha_decoder import alpha_decoder
from u2cam.imaging.decoding.picture_track import nominal_rate, picture_track
from u2cam.imaging.decoding.video_decoder import FrameReader
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
        self._container, stream, self._reader = self._opened()
        self._frame_s = 1 / float(nominal_rate(stream))
        self._time_base = stream.time_base or Fraction(1, 90_000)
        self._start_s = 0.0
        self._next = self._first()
        self._current = self._next
        self._tags = self._read_tags(self._current)
        self._coded = color_numbers(self._current)
        self._converter: RgbConverter | None = None
        aspect = stream.sample_aspect_ratio
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

    def _opened(self) -> tuple[InputContainer, VideoStream, FrameReader]:
        try:
            container = av.open(str(self._path))
        except (av.FFmpegError, OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise BackgroundError(f"background {self._path}: cannot be opened: {reason}") from error
        try:
            stream = picture_track(container, str(self._path))
        except NotAVideoError as error:
            raise BackgroundError(f"background {error}") from error
        stream.thread_type = "AUTO"
        time_base = stream.time_base or Fraction(1, 90_000)
        reader = FrameReader(
            container,
            stream,
            f"background {self._path.name}",
            1 / (nominal_rate(stream) * time_base),
            deinterlace=True,
            with_alpha=alpha_decoder(stream),
        )
        return container, stream, reader

    def _taken(self) -> tuple[VideoFrame, float] | None:
        """Return the next picture and its time; None at the end."""
        decoded = self._reader.next()
        if decoded is None:
            return None
        return decoded.picture, float(decoded.pts * self._time_base)

    def _first(self) -> VideoFrame:
        try:
            taken = self._taken()
        except (av.FFmpegError, OSError) as error:
            raise BackgroundError(f"background {self._path}: no frame can be decoded") from error
        if taken is None:
            raise BackgroundError(f"background {self._path}: no frame can be decoded")
        frame, self._start_s = taken
        return frame

    def _read_tags(self, frame: VideoFrame) -> ColorTags:
        try:
            return read_color_tags(frame)
        except ColorError as error:
            raise BackgroundError(f"background {self._path}: {error}") from error

    def _advance(self, step_s: float) -> None:
        self._position_s += step_s
        # A microsecond early: sums of thirtieths fall just short of tenths.
        while self._end_s <= self._position_s + 1e-6:
            self._current = self._next = self._following()

    def _following(self) -> VideoFrame:
        """Decode one frame, around the end if need be, and move the end of what is shown."""
        try:
            taken = self._taken()
        except (av.FFmpegError, OSError):
            taken = None
        if taken is None:
            # The end, or damage: what was readable is the clip.
            try:
                self._rewind()
                frame = self._first()
            except (BackgroundError, av.FFmpegError, OSError, IndexError) as error:
                log.warning("background %s: stands still from here on (%s)", self._path, error)
                self._end_s = math.inf
                return self._current
            self._position_s -= self._end_s
            self._end_s = self._frame_s
            return frame
        frame, time_s = taken
        self._end_s = max(self._end_s, time_s - self._start_s) + self._frame_s
        return frame

    def _rewind(self) -> None:
        if not self._reader.restart():  # some formats cannot seek
            self._container.close()
            self._container, _, self._reader = self._opened()

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
        if self._coded != color_numbers(frame):
            self._tags, self._coded = self._read_tags(frame), color_numbers(frame)
            self._converter = None
        if self._converter is None or self._converter.size_wh != (width_to, height_to):
            self._converter = RgbConverter(self._tags, (width_to, height_to))
        rgb = self._converter.to_rgb(frame)
        alpha = self._converter.alpha_of(frame)
        if alpha is not None:
            rgb = over_color(rgb, alpha, self._behind)
        return np.ascontiguousarray(np.rot90(rgb, round(frame.rotation / 90)), dtype=np.uint8)
