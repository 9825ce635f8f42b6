"""Pictures from disk: reading one, a folder of them as slide show, animated GIF and WebP.

All pictures are read when the background is made, so that nothing is read from disk while the
pipeline runs; a file that cannot be read is refused then.
"""

from bisect import bisect_right
from pathlib import Path

import cv2
import numpy as np

from u2cam.core.arrays import ImageU8
from u2cam.core.errors import BackgroundError
from u2cam.effects.backgrounds.base import Fit, fit_picture

PICTURE_SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp", ".avif", ".jp2")
MEMORY_BYTES = 512 * 2**20
"""What the pictures of one background may take; beyond it they are kept smaller."""
MAX_LONG_SIDE = 3840
MAX_FILE_BYTES = 256 * 2**20


def read_picture(path: Path) -> ImageU8:
    """Read a picture, turned upright as its EXIF orientation says.

    Returns:
        (H, W, 3) uint8 RGB; 16-bit and gray pictures are converted, transparency is dropped.

    Raises:
        BackgroundError: the file cannot be read or is no picture.
    """
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BackgroundError(f"background {path}: larger than 256 MiB; take a smaller picture")
        # Through memory, since OpenCV opens no path with foreign letters on Windows.
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise BackgroundError(f"background {path}: {error.strerror or error}") from error
    try:
        bgr = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except cv2.error:
        bgr = None
    if bgr is None:
        raise BackgroundError(
            f"background {path}: not a picture that can be read; JPEG, PNG, WebP, TIFF and BMP can"
        )
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)


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


def read_slides(folder: Path) -> list[ImageU8]:
    """Read every picture of a folder, sorted by name.

    Raises:
        BackgroundError: no picture there, or one that cannot be read.
    """
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES)
    if not paths:
        raise BackgroundError(f"background {folder}: no picture in this folder")
    side = min(MAX_LONG_SIDE, int((MEMORY_BYTES / len(paths) / 3) ** 0.5))
    return [limit_size(read_picture(path), side) for path in paths]


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


def read_animation(path: Path, fit: Fit) -> Animation:
    """Read an animated GIF, WebP or PNG whole.

    Raises:
        BackgroundError: it cannot be read, or is too large for memory.
    """
    if not path.is_file():
        raise BackgroundError(f"background {path}: no such file")
    try:
        fine, animation = cv2.imreadanimation(str(path), 0, 32767)
    except cv2.error:
        fine = False
    if not fine or not animation.frames:
        raise BackgroundError(f"background {path}: not an animation that can be read")
    side = min(MAX_LONG_SIDE, int((MEMORY_BYTES / len(animation.frames) / 3) ** 0.5))
    code = {3: cv2.COLOR_BGR2RGB, 4: cv2.COLOR_BGRA2RGB}
    frames = [
        limit_size(cv2.cvtColor(f, code[f.shape[2]]).astype(np.uint8, copy=False), side)
        for f in animation.frames
    ]
    # Browsers show frames of 10 ms and less for 100 ms; so does everybody.
    durations_s = [d / 1000 if d > 10 else 0.1 for d in np.ravel(animation.durations).tolist()]
    return Animation(frames, durations_s, fit)
