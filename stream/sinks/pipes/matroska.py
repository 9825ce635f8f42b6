"""A video to standard output: Matroska, which needs no way back, with the sound of the input."""

from dataclasses import replace
from pathlib import Path

from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.imaging.standard_range import StandardRange
from u2cam.stream.media.hwaccel import Hardware
from u2cam.stream.media.pipes.names import OUTPUT
from u2cam.stream.media.pipes.writer import StandardOutput
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.coding.deep_color import coding_in_range
from u2cam.stream.sinks.coding.hardware_coding import hardware_coding
from u2cam.stream.sinks.coding.writing import Writing, reason_of
from u2cam.stream.sinks.containers import choose_coding, choose_container
from u2cam.stream.sinks.picture_gate import require_format

MATROSKA = Path(f"{OUTPUT}.mkv")
"""As whose file encoder and container are chosen."""


class MatroskaPipeSink:
    """Writes what a file `out.mkv` would hold, but for the length and the index: not known yet.

    Args:
        settings: codec, quality, alpha and sound.
        hardware: what shall encode H.264, if it can.
    """

    name = OUTPUT
    paced = False
    live = True

    def __init__(self, settings: OutputSettings, hardware: Hardware | None = None) -> None:
        self._settings = settings
        self._hardware = hardware
        self._pipe: StandardOutput | None = None
        self._writing: Writing | None = None
        self._standard = StandardRange()

    def open(self, picture_format: PictureFormat) -> None:
        """Take standard output over and write the header.

        Raises:
            SinkError: it is closed, or the encoder refuses.
        """
        coding = choose_coding(MATROSKA, picture_format.kind, self._settings)
        coding, picture_format, self._standard = coding_in_range(
            MATROSKA, coding, picture_format, self._settings
        )
        if self._hardware is not None:
            size_wh = picture_format.size_wh
            coding = hardware_coding(OUTPUT, coding, size_wh, self._hardware, self._settings)
        self._pipe = StandardOutput()
        try:
            self._writing = Writing.start(
                OUTPUT,
                self._pipe,
                choose_container(MATROSKA),
                coding,
                picture_format,
                self._settings,
            )
        except BaseException as error:
            self._pipe.close()
            if isinstance(error, SinkError) or not isinstance(error, OSError | ValueError):
                raise
            raise SinkError(f"{OUTPUT}: cannot be started ({reason_of(error)})") from error

    def write(self, picture: Picture) -> None:
        """Encode one picture.

        Raises:
            SinkLost: the encoder refused it; it may take the next.
            SinkError: not open, or the reader has gone.
            ValueError: the picture is not of the opened format.
        """
        if self._writing is None:
            raise SinkError(f"{OUTPUT}: not open")
        require_format(picture, self._writing.picture_format, OUTPUT)
        image = self._standard(picture.image)
        if image is not picture.image:
            picture = replace(picture, image=image)
        try:
            self._writing.add(picture)
        except SinkError:
            raise
        except OSError as error:
            raise SinkError(f"{OUTPUT}: cannot be written ({reason_of(error)})") from error

    def close(self, *, failed: bool) -> None:
        """Write what the encoder still holds, and give standard output back.

        Where the run failed, the stream breaks off: what was written cannot be taken back.
        """
        writing, self._writing = self._writing, None
        pipe, self._pipe = self._pipe, None
        if pipe is None:
            return
        try:
            if writing is None:
                return
            if failed or not writing.count or pipe.failed:
                writing.abandon()
            else:
                writing.finish()
        except SinkError:
            raise
        except OSError as error:
            raise SinkError(f"{OUTPUT}: cannot be finished ({reason_of(error)})") from error
        finally:
            pipe.close()
