"""A video file, encoded by FFmpeg through PyAV.

Runs in the sink's own thread; the encoder has threads of its own. The ending chooses container
and encoder (`containers`); sound, subtitles, chapters and metadata come from the source's
media (`copying`). The file grows under a temporary name beside the target, and gets its own
name when it is complete.
"""

import contextlib
import logging
import os
from dataclasses import replace
from pathlib import Path

import av

from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.imaging.standard_range import StandardRange
from u2cam.stream.media.hwaccel import Hardware
from u2cam.stream.media.targets import Target, files_read, part_name, real_path
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.coding.deep_color import coding_in_range
from u2cam.stream.sinks.coding.hardware_coding import hardware_coding
from u2cam.stream.sinks.coding.writing import Writing, reason_of
from u2cam.stream.sinks.containers import (
    check_place,
    choose_coding,
    choose_container,
)
from u2cam.stream.sinks.picture_gate import require_format

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
