"""An image, or the images of a folder or of a numbered pattern as a sequence.

What comes in becomes 8-bit sRGB (`imaging.pictures`); transparent parts are black, and the frame's
coverage lets the background show there. All images of a sequence must have one size: a run's size
is fixed, and to crop or squeeze a user's pictures unasked would be worse than to say so.
"""

import re
import time
from fractions import Fraction
from pathlib import Path
from typing import Self

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame
from u2cam.imaging.pictures import PictureError, StillPicture, decode_picture
from u2cam.stream.media.limits import check_duration, check_image, check_size
from u2cam.stream.media.numbered_name import IMAGE_SUFFIXES, NumberedName
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.base import EndOfStream, Source, SourceInfo

DEFAULT_FPS = 30.0
_BLACK = (0, 0, 0)


class ImageSource(Source):
    """One image, or many at a fixed rate. Opened by entering the context.

    Args:
        path: an image; a folder, whose images come in natural order (9 before 10); or a pattern
            such as `shots/%04d.png`, whose numbers may start anywhere and have gaps.
        fps: of a sequence; 30 where not given.
        limits: what is refused as too large or too long.
    """

    def __init__(
        self, path: str | Path, *, fps: float | None = None, limits: LimitsSettings | None = None
    ) -> None:
        self._path = Path(path)
        self._limits = limits or LimitsSettings()
        self._rate = Fraction(fps or DEFAULT_FPS).limit_denominator(1001)
        self._files: list[Path] = []
        self._first: StillPicture | None = None
        self._info: SourceInfo | None = None
        self._index = 0
        self._is_open = False

    @property
    def single(self) -> bool:
        """True for one image; known before it is opened."""
        return not self._path.is_dir() and NumberedName.meant_by(self._path) is None

    @property
    def info(self) -> SourceInfo:
        """Facts about the open sequence."""
        if self._info is None:
            raise SourceError(f"{self._path}: not open")
        return self._info

    def __enter__(self) -> Self:
        """Find the files and read the first, which sets the size.

        Raises:
            FileNotFoundError: there is nothing at the path.
            TooLargeError: more than the settings allow.
            SourceError: no image in the folder, or the first is not one.
        """
        self._files = _find(self._path)
        check_duration(self._path.name, float(len(self._files) / self._rate), self._limits)
        first = read_still(self._files[0], self._limits)
        self._first = first
        height, width = first.image.shape[:2]
        self._info = SourceInfo(
            name=self._path.name or str(self._path),
            size_wh=(width, height),
            rate=self._rate,
            live=False,
            time_base=1 / self._rate,
            frames=len(self._files),
            duration_s=float(len(self._files) / self._rate),
            icc=first.icc,
        )
        self._is_open = True
        return self

    def read(self) -> Frame:
        """Read the next image.

        Raises:
            EndOfStream: after the last one.
            SourceError: it cannot be read, has another size than the first, or all is closed.
        """
        if not self._is_open:
            raise SourceError(f"{self._path}: read while it was not open")
        if self._index == len(self._files):
            raise EndOfStream
        file = self._files[self._index]
        still, self._first = self._first, None
        if still is None:
            still = read_still(file, self._limits)
        height, width = still.image.shape[:2]
        if (width, height) != self.info.size_wh:
            wanted = "{}x{}".format(*self.info.size_wh)
            raise SourceError(
                f"{file}: is {width}x{height}, but the sequence began with {wanted}; "
                "bring all to one size, or write them into a folder (-o out/), each at its own"
            )
        frame = Frame(
            image=still.over(_BLACK),
            index=self._index,
            pts=self._index,
            time_base=self.info.time_base,
            captured_at_s=time.monotonic(),
            coverage=still.coverage,
        )
        self._index += 1
        return frame

    def close(self) -> None:
        """Nothing is held open; later reads are refused."""
        self._is_open = False
        self._first = None


def read_image(path: Path, limits: LimitsSettings | None = None) -> ImageU8:
    """Read an image file as (H, W, 3) uint8 RGB, over black; errors as those of `read_still`."""
    return read_still(path, limits).over(_BLACK)


def read_still(path: Path, limits: LimitsSettings | None = None) -> StillPicture:
    """Read an image file, upright and in sRGB.

    Raises:
        FileNotFoundError: it is not there.
        TooLargeError: more than the settings allow; seen before it is decoded.
        SourceError: it cannot be read, or is no image.
    """
    allowed = limits or LimitsSettings()
    return decode_still(str(path), read_picture_file(path, allowed), allowed)


def decode_still(name: str, data: bytes, limits: LimitsSettings) -> StillPicture:
    """Decode the bytes of an image file, upright and in sRGB.

    Raises:
        TooLargeError: more than the settings allow; seen before it is decoded.
        SourceError: it is no image, or damaged.
    """

    def check(size_wh: tuple[int, int]) -> None:
        check_size(Path(name).name, size_wh, limits)

    try:
        picture = decode_picture(data, check)
    except PictureError as error:
        raise SourceError(f"{name}: {error}") from error
    check(picture.image.shape[1::-1])
    return picture


def read_picture_file(path: Path, limits: LimitsSettings) -> bytes:
    """Return a picture file's bytes; errors as those of `read_still`."""
    try:
        with path.open("rb") as file:
            head = file.read(2**20)
            check_image(path.name, head, path.stat().st_size, limits)
            return head + file.read()
    except SourceError:
        raise
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error


def picture_files(folder: Path) -> list[Path]:
    """Return the pictures of a folder, by their endings, in natural order (9 before 10).

    Raises:
        SourceError: there are none.
    """
    files = [p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file()]
    files = [p for p in files if not p.name.startswith(".")]
    if not files:
        raise SourceError(f"{folder}: no images in this folder")
    return sorted(files, key=_natural)


def _find(path: Path) -> list[Path]:
    """Return the files that a path means, in order; at least one."""
    if path.is_file():
        return [path]
    if path.is_dir():
        return picture_files(path)
    name = NumberedName.meant_by(path)
    if name is not None:
        return _numbered(path, name)
    raise FileNotFoundError(f"{path}: no such file or folder")


def _numbered(pattern: Path, name: NumberedName) -> list[Path]:
    """Return the files that a pattern such as `%04d.png` matches, ordered by number."""
    found = []
    for file in pattern.parent.iterdir() if pattern.parent.is_dir() else ():
        number = name.number_of(file.name)
        if number is not None:
            found.append((number, file))
    if not found:
        raise FileNotFoundError(f"{pattern}: no file fits this pattern")
    return [file for _number, file in sorted(found)]


def _natural(path: Path) -> list[tuple[int, str]]:
    """Sort key that puts `shot9` before `shot10`."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(int(part), "") if part.isdigit() else (-1, part) for part in parts]
