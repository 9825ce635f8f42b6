"""How large and how long media may be: foreign files are not trusted with our memory."""

from collections.abc import Iterator
from pathlib import Path

import av

from u2cam.core.errors import TooLargeError
from u2cam.imaging.image_header import image_size
from u2cam.stream.settings import LimitsSettings

_HEAD_BYTES = 2**20
_MOST_BYTES_A_PIXEL = 8
"""16 bits of RGBA, not compressed."""


def check_size(name: str, size_wh: tuple[int, int], limits: LimitsSettings) -> None:
    """Raise TooLargeError where a picture of this size is not allowed.

    Args:
        name: of the file, for the message.
        size_wh: as a header says; may be absurd.
        limits: from the settings.
    """
    width, height = size_wh
    for key, side, most in (
        ("max_width", width, limits.max_width),
        ("max_height", height, limits.max_height),
    ):
        if side > most:
            raise TooLargeError(
                f"{name}: {width}x{height} is more than limits.{key} = {most} allows; "
                "set it higher if you trust this file"
            )
    if width * height > limits.max_megapixels * 1e6:
        raise TooLargeError(
            f"{name}: {width}x{height} has {width * height / 1e6:.1f} million pixels, more than "
            f"limits.max_megapixels = {limits.max_megapixels:g} allows; set it higher if you trust "
            "this file"
        )


def check_duration(name: str, duration_s: float | None, limits: LimitsSettings) -> None:
    """Raise TooLargeError where an input lasts longer than is allowed; None is not known."""
    if duration_s is not None and duration_s > limits.max_hours * 3600:
        raise TooLargeError(
            f"{name}: {duration_s / 3600:.1f} hours are more than limits.max_hours = "
            f"{limits.max_hours:g} allows; set it higher, or take a part with --frames"
        )


def check_image(name: str, coded: bytes, file_bytes: int, limits: LimitsSettings) -> None:
    """Raise TooLargeError where a still picture is not to be decoded.

    Args:
        name: of the file, for the message.
        coded: its first bytes.
        file_bytes: its length.
        limits: from the settings.
    """
    size_wh = image_size(coded)
    if size_wh is not None:
        check_size(name, size_wh, limits)
    most = limits.max_megapixels * 1e6 * _MOST_BYTES_A_PIXEL + _HEAD_BYTES
    if file_bytes > most:
        raise TooLargeError(
            f"{name}: a file of {file_bytes / 1e6:.0f} MB holds more than limits.max_megapixels = "
            f"{limits.max_megapixels:g} can be; set it higher if you trust this file"
        )


def check_media(path: Path, limits: LimitsSettings) -> None:
    """Raise TooLargeError where a background's header tells of more than is allowed.

    Args:
        path: a picture, a video, or a folder of pictures; what is not understood passes, and its
            reader has the word.
        limits: from the settings.
    """
    for file in _files(path):
        try:
            with file.open("rb") as opened:
                head = opened.read(_HEAD_BYTES)
            size_wh = image_size(head) or _video_size(file)
        except OSError:
            continue
        if size_wh is not None:
            check_size(file.name, size_wh, limits)


def most_pixels(limits: LimitsSettings) -> int:
    """Return FFmpeg's `max_pixels`: it counts padded rows, and sizes change within a file."""
    return round(limits.max_megapixels * 2e6) + 1_000_000


def _files(path: Path) -> Iterator[Path]:
    for file in path.iterdir() if path.is_dir() else (path,):
        if file.is_file():
            yield file


def _video_size(path: Path) -> tuple[int, int] | None:
    try:
        with av.open(str(path.absolute()), metadata_errors="replace") as media:
            # A track that FFmpeg cannot decode has no codec, and no size.
            tracks = [one for one in media.streams.video if one.codec_context is not None]
            sizes = [(track.width, track.height) for track in tracks]
    except (av.FFmpegError, ValueError):
        return None
    return max(sizes, default=None)
