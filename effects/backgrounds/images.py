"""Pictures from disk: reading one, a folder of them as slide show, and animations.

All pictures are read when the background is made, so that nothing is read from disk while the
pipeline runs; a file that cannot be read is refused then.
"""

from bisect import bisect_right
from pathlib import Path

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import BackgroundError
from u2cam.imaging.animations import AnimatedPicture
from u2cam.imaging.fit import Fit, fit_picture
from u2cam.imaging.pictures import PictureError, decode_picture

PICTURE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2"}
    | {".heic", ".heif", ".hif", ".avif", ".jxl"}
)
"""Endings of the pictures of a slide show; of a single file the contents decide."""
MEMORY_BYTES = 512 * 2**20
"""What the pictures of one background may take; beyond it they are kept smaller."""
MAX_LONG_SIDE = 3840
MAX_FILE_BYTES = 256 * 2**20


def read_picture(path: Path, behind: tuple[int, int, int] = (0, 0, 0)) -> ImageU8:
    """Read a picture, upright and in sRGB.

    Args:
        path: of the file; its contents tell its kind.
        behind: what its transparent parts show.

    Returns: (H, W, 3) uint8 RGB.

    Raises:
        BackgroundError: the file cannot be read or is no picture.
    """
    try:
        return decode_picture(_read(path), lambda size_wh: None).over(behind)
    except PictureError as error:
        raise BackgroundError(f"background {path}: {error}") from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BackgroundError(f"background {path}: larger than 256 MiB; take a smaller picture")
        return path.read_bytes()
    except OSError as error:
        raise BackgroundError(f"background {path}: {error.strerror or error}") from error


def limit_size(picture: ImageU8, long_side: int) -> ImageU8:
    """Shrink a picture so that its longer side is at most `long_side`."""
    height, width = picture.shape[:2]
    scale = long_side / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


class SlideShow:
    """Pictures one after the other, with a cross-fade, by the frames' own time."""

    def __init__(
        self, pictures: list[ImageU8], slide_s: float, crossfade_s: float, fit: Fit = "cover"
    ) -> None:
        if not pictures:
            raise BackgroundError("background: a slide show needs a picture")
        self._pictures = pictures
        self._slide_s = slide_s
        self._crossfade_s = min(crossfade_s, slide_s)
        self._fit: Fit = fit
        self._fitted: dict[int, ImageU8] = {}
        self._size_wh = (0, 0)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the picture, or the fade between two, at a time."""
        if size_wh != self._size_wh:
            self._fitted, self._size_wh = {}, size_wh
        count = len(self._pictures)
        index = int(time_s // self._slide_s) % count
        following = (index + 1) % count
        self._fitted = {i: p for i, p in self._fitted.items() if i in (index, following)}
        current = self._fit_one(index)
        left_s = self._slide_s - time_s % self._slide_s
        if count == 1 or left_s >= self._crossfade_s:
            return current
        share = 1 - left_s / self._crossfade_s
        following_picture = self._fit_one(following)
        return cv2.addWeighted(current, 1 - share, following_picture, share, 0).astype(
            np.uint8, copy=False
        )

    def _fit_one(self, index: int) -> ImageU8:
        if index not in self._fitted:
            self._fitted[index] = fit_picture(self._pictures[index], self._size_wh, self._fit)
        return self._fitted[index]


def read_slides(folder: Path, behind: tuple[int, int, int] = (0, 0, 0)) -> list[ImageU8]:
    """Read every picture of a folder, sorted by name; transparent parts show a colour.

    Raises:
        BackgroundError: no picture there, or one that cannot be read.
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
    if not paths:
        raise BackgroundError(f"background {folder}: no picture in this folder")
    side = min(MAX_LONG_SIDE, int((MEMORY_BYTES / len(paths) / 3) ** 0.5))
    return [limit_size(read_picture(path, behind), side) for path in paths]


class Animation:
    """An animated picture in memory, looped by the frames' own time."""

    def __init__(self, frames: list[ImageU8], durations_s: list[float], fit: Fit) -> None:
        self._frames = frames
        self._ends_s = np.cumsum(durations_s).tolist()
        self._fit: Fit = fit
        self._shown = -1
        self._picture = np.zeros((0, 0, 3), np.uint8)

    @property
    def frame_count(self) -> int:
        """Frames of one round; 1 for a still picture."""
        return len(self._frames)

    def picture(self, size_wh: tuple[int, int], time_s: float) -> ImageU8:
        """Return the frame for a time."""
        place_s = time_s % self._ends_s[-1]
        index = min(bisect_right(self._ends_s, place_s), len(self._frames) - 1)
        if index != self._shown or self._picture.shape[1::-1] != size_wh:
            self._picture = fit_picture(self._frames[index], size_wh, self._fit)
            self._shown = index
        return self._picture


def read_animation(path: Path, fit: Fit, behind: tuple[int, int, int] = (0, 0, 0)) -> Animation:
    """Read an animated GIF, WebP, PNG or AVIF whole.

    Args:
        path: of the file.
        fit: how its frames are brought to size.
        behind: what their transparent parts show.

    Raises:
        BackgroundError: it cannot be read.
    """
    try:
        animation = AnimatedPicture(_read(path), lambda size_wh: None)
        side = min(MAX_LONG_SIDE, int((MEMORY_BYTES / max(1, animation.count) / 3) ** 0.5))
        shown = [(limit_size(one.over(behind), side), ms) for one, ms in animation.frames()]
    except PictureError as error:
        raise BackgroundError(f"background {path}: {error}") from error
    return Animation([picture for picture, _ in shown], [ms / 1000 for _, ms in shown], fit)
