"""Still pictures: one file, or a numbered PNG sequence.

Runs in the sink's own thread. Pictures are written under temporary names in a hidden folder
beside the target, and get their own names when the run is complete.
"""

import os
import shutil
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.media.encode_color import premultiply
from u2cam.stream.media.numbered_name import NumberedName
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import IMAGE_KINDS, check_kind, check_place
from u2cam.stream.sinks.picture_gate import require_format

_TO_CV = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}


class ImageSink:
    """Writes one picture (`matte.png`), or each under its number (`out/%05d.png`, or a folder).

    Numbers start at 1. A sequence knows no times: pictures follow one another.

    Args:
        path: target. Its ending chooses the format; `%d` or `%05d` in its name makes a sequence
            (where no file has that very name), and so does a folder that is there (`00001.png`
            and on).
        settings: whether colours are straight or premultiplied where there is alpha.
    """

    paced = False
    live = False

    def __init__(self, path: Path, settings: OutputSettings) -> None:
        self._path = path
        self._numbered = NumberedName.meant_by(path)
        if not path.suffix and path.is_dir():
            self._path, self._numbered = path / "%05d.png", NumberedName("", 5, ".png")
        self._premultiplied = settings.alpha == "premultiplied"
        self._folder = self._path.with_name(f".{self._path.name}.part")
        self._written: list[Path] = []
        self._format: PictureFormat | None = None

    @property
    def name(self) -> str:
        """The file's name or pattern."""
        return self._path.name

    def open(self, picture_format: PictureFormat) -> None:
        """Check the place and make room.

        Raises:
            SinkError: the folder is missing or not writable.
            ValueError: the ending cannot hold this kind of picture.
        """
        check_kind(self._path, picture_format.kind, IMAGE_KINDS[self._path.suffix.lower()])
        try:
            check_place(self._path)
            shutil.rmtree(self._folder, ignore_errors=True)  # of a run that was killed
            self._folder.mkdir()
        except OSError as error:
            raise SinkError(f"{self.name}: cannot be started ({error})") from error
        self._format = picture_format

    def write(self, picture: Picture) -> None:
        """Encode and store one picture.

        Raises:
            SinkLost: the disk is full or does not answer; there may be room for a later picture.
            SinkError: not open, or a second picture for a file that holds one.
            ValueError: the picture is not of the opened format.
        """
        if self._format is None:
            raise SinkError(f"{self.name}: not open")
        require_format(picture, self._format, self.name)
        number = len(self._written) + 1
        if number > 1 and self._numbered is None:
            raise SinkError(
                f"{self.name}: holds one picture; write {self._path.stem}_%05d{self._path.suffix} "
                "for all, or a video, or give --frames 1"
            )
        part = self._folder / (self._numbered.of(number) if self._numbered else self._path.name)
        try:
            part.write_bytes(self._encode(picture.image))
        except OSError as error:
            raise SinkLost(f"{self.name}: cannot be written ({error.strerror})") from error
        self._written.append(part)

    def close(self, *, failed: bool) -> None:
        """Give the pictures their names, or remove them where the run failed."""
        if self._format is None:
            return
        self._format = None
        try:
            if not failed:
                for part in self._written:
                    os.replace(part, self._path.with_name(part.name))
        except OSError as error:
            raise SinkError(f"{self.name}: cannot be finished ({error.strerror})") from error
        finally:
            self._written = []
            shutil.rmtree(self._folder, ignore_errors=True)

    def _encode(self, image: NDArray[np.uint8]) -> bytes:
        if image.ndim == 3:
            if self._premultiplied and image.shape[2] == 4:
                image = premultiply(image)
            image = np.asarray(cv2.cvtColor(image, _TO_CV[image.shape[2]]), dtype=np.uint8)
        suffix = self._path.suffix.lower()
        options = [cv2.IMWRITE_JPEG_QUALITY, 95] if suffix in (".jpg", ".jpeg") else []
        done, encoded = cv2.imencode(suffix, image, options)
        if not done:
            raise SinkError(f"{self.name}: OpenCV could not encode a picture")
        return encoded.tobytes()
