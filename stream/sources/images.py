"""An image, or the images of a folder or of a numbered pattern as a sequence.

What comes in becomes 8-bit RGB: EXIF orientation is applied (save for images with transparency,
which cameras do not write), 16 bits are scaled to 8, gray and palettes are expanded, and
transparent parts show black. All images of a sequence must have one size: a run's size is fixed,
and to crop or squeeze a user's pictures unasked would be worse than to say so.
"""

import re
import time
import zlib
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame, ImageU8
from u2cam.stream.media.limits import check_duration, check_image, check_size
from u2cam.stream.media.numbered_name import IMAGE_SUFFIXES, NumberedName
from u2cam.stream.settings import LimitsSettings
from u2cam.stream.sources.base import EndOfStream, SourceInfo

DEFAULT_FPS = 30.0
_JPEG_MAGIC = b"\xff\xd8"
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


class ImageSource:
    """One image, or many at a fixed rate. Opened by entering the context.

    Args:
        path: an image; a folder, whose images come in natural order (9 before 10); or a pattern
            such as `shots/%04d.png`, whose numbers may start anywhere and have gaps.
        fps: of a sequence; 30 where not given.
        limits: what is refused as too large or too long.
    """

    dropped = 0
    """None: it waits for its reader."""

    def __init__(
        self, path: str | Path, *, fps: float | None = None, limits: LimitsSettings | None = None
    ) -> None:
        self._path = Path(path)
        self._limits = limits or LimitsSettings()
        self._rate = Fraction(fps or DEFAULT_FPS).limit_denominator(1001)
        self._files: list[Path] = []
        self._first: ImageU8 | None = None
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
        self._first = read_image(self._files[0], self._limits)
        height, width = self._first.shape[:2]
        self._info = SourceInfo(
            name=self._path.name or str(self._path),
            size_wh=(width, height),
            rate=self._rate,
            live=False,
            time_base=1 / self._rate,
            frames=len(self._files),
            duration_s=float(len(self._files) / self._rate),
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
        image, self._first = self._first, None
        if image is None:
            image = read_image(file, self._limits)
        height, width = image.shape[:2]
        if (width, height) != self.info.size_wh:
            wanted = "{}x{}".format(*self.info.size_wh)
            raise SourceError(
                f"{file}: is {width}x{height}, but the sequence began with {wanted}; "
                "bring all images to one size, or give them one by one"
            )
        frame = Frame(image, self._index, self._index, self.info.time_base, time.monotonic())
        self._index += 1
        return frame

    def reopen(self) -> bool:
        """Nothing to look for: files do not come back."""
        return False

    def close(self) -> None:
        """Nothing is held open; later reads are refused."""
        self._is_open = False
        self._first = None

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()


def read_image(path: Path, limits: LimitsSettings | None = None) -> ImageU8:
    """Read an image file as (H, W, 3) uint8 RGB.

    Raises:
        FileNotFoundError: it is not there.
        TooLargeError: more than the settings allow; seen before it is decoded.
        SourceError: it cannot be read, or is no image.
    """
    limits = limits or LimitsSettings()
    try:
        with path.open("rb") as file:
            check_image(path.name, file.read(2**20), path.stat().st_size, limits)
        # Not cv2.imread, which cannot open every name on Windows.
        coded = np.fromfile(path, np.uint8)
    except SourceError:
        raise
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error
    try:
        image = _decode(coded)
    except cv2.error as error:
        reason = " ".join(str(error.err).split())
        raise SourceError(f"{path}: OpenCV cannot decode this image ({reason})") from error
    if image is None:
        raise SourceError(f"{path}: not an image that OpenCV can read, or it is damaged")
    check_size(path.name, (image.shape[1], image.shape[0]), limits)
    return image


def _decode(coded: NDArray[np.uint8]) -> ImageU8 | None:
    # OpenCV's and libpng's own messages would surround our one line.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    if coded.size == 0 or not _is_whole(coded):
        return None
    if coded[:2].tobytes() != _JPEG_MAGIC:
        raw = cv2.imdecode(coded, cv2.IMREAD_UNCHANGED)
        if raw is not None and raw.ndim == 3 and raw.shape[2] == 4:
            return _over_black(raw)
    image_bgr = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    if image_bgr is None:
        return None
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)


def _is_whole(coded: NDArray[np.uint8]) -> bool:
    """Check a PNG's chunks, because libpng prints what it finds wrong; other formats pass."""
    data = coded.tobytes()
    if data[:8] != _PNG_MAGIC:
        return True
    start = 8
    while start + 12 <= len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4], "big")
        if end > len(data):
            return False
        if zlib.crc32(data[start + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return False
        if data[start + 4 : start + 8] == b"IEND":
            return True
        start = end
    return False


def _over_black(image_bgra: NDArray[Any]) -> ImageU8:
    """Show a picture with straight alpha over black, in its own gamma."""
    full = float(np.iinfo(image_bgra.dtype).max) if image_bgra.dtype.kind == "u" else 1.0
    image = cv2.cvtColor(image_bgra, cv2.COLOR_BGRA2RGBA).astype(np.float32)
    shown = image[..., :3] * (image[..., 3:] * (255.0 / (full * full)))
    return np.asarray(np.rint(np.clip(shown, 0, 255)), dtype=np.uint8)


def _find(path: Path) -> list[Path]:
    """Return the files that a path means, in order; at least one."""
    if path.is_file():
        return [path]
    if path.is_dir():
        files = [p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file()]
        files = [p for p in files if not p.name.startswith(".")]
        if not files:
            raise SourceError(f"{path}: no images in this folder")
        return sorted(files, key=_natural)
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
