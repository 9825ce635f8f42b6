"""Still pictures: one file, or a numbered sequence; WebP may also move.

Runs in the sink's own thread. Pictures are written under temporary names in a hidden folder
beside the target, and get their own names when the run is complete.
"""

import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.imaging.icc import writable
from u2cam.imaging.standard_range import StandardRange
from u2cam.stream.media.encode_color import premultiply
from u2cam.stream.media.encode_picture import encode_picture
from u2cam.stream.media.numbered_name import NumberedName
from u2cam.stream.media.targets import part_name, put
from u2cam.stream.media.webp_animation import WebpAnimation
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.containers import IMAGE_KINDS, check_kind, check_place
from u2cam.stream.sinks.picture_gate import require_format


class ImageSink:
    """Writes one picture (`matte.png`), or each under its number (`out/%05d.png`).

    Numbers start at 1. A sequence knows no times: pictures follow one another. A WebP without a
    number takes more than one picture as an animation, with their times.

    Args:
        path: target. Its ending chooses the format; `%d` or `%05d` in its name makes a sequence
            (where no file has that very name).
        settings: whether colours are straight or premultiplied where there is alpha.
    """

    paced = False
    live = False

    def __init__(self, path: Path, settings: OutputSettings) -> None:
        self._path = path
        self._numbered = NumberedName.meant_by(path)
        self._premultiplied = settings.alpha == "premultiplied"
        self._keeps_profile = settings.icc == "keep"
        self._profile: bytes | None = None
        self._standard = StandardRange()
        self._pending: tuple[bytes, int] | None = None
        self._moving: WebpAnimation | None = None
        self._folder = self._path.with_name(part_name(self._path.name))
        self._written: list[Path] = []
        self._format: PictureFormat | None = None

    @property
    def name(self) -> str:
        """The file's name or pattern."""
        return self._path.name

    @property
    def one_picture(self) -> str | None:
        """What to do instead, where this can hold one picture only; None where it takes more."""
        if self._numbered is not None or self._path.suffix.lower() == ".webp":
            return None
        return (
            f"{self.name}: holds one picture; write {self._path.stem}_%05d{self._path.suffix} "
            "for all, or a video, or give --frames 1"
        )

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
        source = picture_format.source
        self._standard = StandardRange(None if source is None else source.color)
        self._profile = source.icc if source is not None and self._keeps_profile else None

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
        if self._numbered is None and self._path.suffix.lower() == ".webp":
            self._write_moving(picture)
            return
        if number > 1 and self.one_picture is not None:
            raise SinkError(self.one_picture)
        part = self._folder / (self._numbered.of(number) if self._numbered else self._path.name)
        coded = self._encode(picture.image)
        try:
            part.write_bytes(coded)
        except OSError as error:
            raise SinkLost(f"{self.name}: cannot be written ({error.strerror})") from error
        self._written.append(part)

    def close(self, *, failed: bool) -> None:
        """Give the pictures their names, or remove them where the run failed."""
        if self._format is None:
            return
        try:
            if not failed:
                self._finish_moving()
                for part in self._written:
                    put(part, self._path.with_name(part.name))
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise SinkError(f"{self.name}: cannot be finished ({reason})") from error
        finally:
            if self._moving is not None:
                self._moving.abandon()
            self._written, self._pending, self._moving, self._format = [], None, None, None
            shutil.rmtree(self._folder, ignore_errors=True)

    def discard(self) -> None:
        """Remove the pictures that have no names of their own yet."""
        for _ in range(3):  # the sink's own thread may put one more picture there meanwhile
            shutil.rmtree(self._folder, ignore_errors=True)

    def _write_moving(self, picture: Picture) -> None:
        """Keep a picture until the next tells how long it shows: more than one are an animation."""
        assert self._format is not None
        coded, pts_ms = self._encode(picture.image), round(1000 * picture.pts * picture.time_base)
        before, self._pending = self._pending, (coded, pts_ms)
        part = self._folder / self._path.name
        try:
            if before is None:
                part.write_bytes(coded)  # a still, as long as it is the only one
                self._written.append(part)
                return
            if self._moving is None:
                profile = writable(self._profile)
                self._moving = WebpAnimation(part, self._format.size_wh, profile)
            self._moving.add(before[0], pts_ms - before[1])
        except OSError as error:
            raise SinkError(f"{self.name}: cannot be written ({error.strerror})") from error

    def _finish_moving(self) -> None:
        if self._moving is None or self._pending is None or self._format is None:
            return
        coded, pts_ms = self._pending
        last_ms = round(1000 / self._format.rate)
        source = self._format.source
        if source is not None and source.duration_s is not None:
            left_ms = round(1000 * source.duration_s) - pts_ms
            last_ms = left_ms if 0 < left_ms <= max(1000, 2 * last_ms) else last_ms
        self._moving.add(coded, last_ms)
        self._moving.finish()

    def _encode(self, image: NDArray[np.uint8]) -> bytes:
        image = self._standard(image)
        if self._premultiplied and image.ndim == 3 and image.shape[2] == 4:
            image = premultiply(image)
        try:
            return encode_picture(image, self._path.suffix.lower(), self._profile)
        except (ValueError, OSError) as error:
            raise SinkError(f"{self.name}: a picture cannot be encoded ({error})") from error
