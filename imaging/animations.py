"""Animated pictures (WebP, PNG, GIF, AVIF): all frames, complete, with their times.

Pillow composes what the files hold as parts; what WebP and PNG say of times is read here, so that
the length is known before anything is decoded.
"""

import struct
from collections.abc import Callable, Iterator

import numpy as np

from u2cam.imaging.picture_kind import picture_kind
from u2cam.imaging.pictures import (
    UNREADABLE,
    PictureError,
    StillPicture,
    header_of,
    in_srgb,
    nclx_tags,
    quiet,
)

_SHORTEST_MS, _INSTEAD_MS = 10, 100
"""Browsers show frames of 10 ms and less for 100 ms; so does everybody."""


class AnimatedPicture:
    """An animation, decoded frame by frame in order.

    Args:
        data: the whole file.
        check_size: called with width and height before anything is decoded.

    Raises:
        PictureError: it is none, or damaged.
    """

    def __init__(self, data: bytes, check_size: Callable[[tuple[int, int]], None]) -> None:
        opened = header_of(data)
        if opened is None:
            raise PictureError("not an animation that can be read, or it is damaged")
        check_size(opened.size)
        self._opened = opened
        self._tags = nclx_tags(data)
        # PNG: a picture for those who know no animations may come first, and is none of it.
        self._skipped = 1 if opened.info.get("default_image") else 0
        self.count: int = getattr(opened, "n_frames", 1) - self._skipped
        self.durations_ms: list[int] | None = _durations_ms(data)
        """How long each frame shows; None where only decoding tells."""
        if self.durations_ms is not None and len(self.durations_ms) != self.count:
            self.durations_ms = None

    def frames(self) -> Iterator[tuple[StillPicture, int]]:
        """Yield each frame and how long it shows in ms; ends early where the file is damaged."""
        profile = self._opened.info.get("icc_profile")
        for number in range(self.count):
            try:
                with quiet():
                    self._opened.seek(number + self._skipped)
                    pixels = np.asarray(self._opened.convert("RGBA"))
                stated = self._opened.info.get("duration", _INSTEAD_MS)
            except UNREADABLE as error:
                if number == 0:
                    raise PictureError("a damaged animation") from error
                return
            duration_ms = _sane(stated if self.durations_ms is None else self.durations_ms[number])
            alpha = np.ascontiguousarray(pixels[..., 3])
            colors = np.ascontiguousarray(pixels[..., :3])
            hidden = alpha if alpha.min(initial=255) < 255 else None
            yield in_srgb(colors, hidden, profile, self._tags), duration_ms


def _sane(duration_ms: float) -> int:
    return round(duration_ms) if duration_ms > _SHORTEST_MS else _INSTEAD_MS


def _durations_ms(data: bytes) -> list[int] | None:
    kind = picture_kind(data[:256])
    try:
        if kind == "webp":
            return [_sane(one) for one in _webp_durations(data)]
        if kind == "png":
            return [_sane(one) for one in _png_durations(data)]
    except (struct.error, IndexError):
        pass  # cut off: as far as it can be decoded
    return None


def _webp_durations(data: bytes) -> Iterator[int]:
    at = 12
    while at + 8 <= len(data):
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        if data[at : at + 4] == b"ANMF":
            yield int.from_bytes(data[at + 20 : at + 23], "little")
        at += 8 + size + size % 2


def _png_durations(data: bytes) -> Iterator[float]:
    at = 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"fcTL":
            numerator, denominator = struct.unpack_from(">HH", data, at + 28)
            yield 1000 * numerator / (denominator or 100)
        at += 12 + size
