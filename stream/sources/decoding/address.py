"""A file, URL or pipe: what to call it, and FFmpeg's container of it, opened."""

import errno
from pathlib import Path
from urllib.parse import urlsplit

import av
from av.container import InputContainer

from u2cam.core.errors import NotAVideoError, SourceError
from u2cam.stream.media import hwaccel as hardware
from u2cam.stream.media.limits import most_pixels
from u2cam.stream.media.names import LIVE_SCHEMES
from u2cam.stream.media.pipes.names import INPUT
from u2cam.stream.media.pipes.reader import PipeReader
from u2cam.stream.settings import LimitsSettings

_OPEN_TIMEOUT_S, _READ_TIMEOUT_S = 10.0, 5.0


class Address:
    """A path, URL or pipe, and what to call it."""

    def __init__(self, path_or_url: str | PipeReader) -> None:
        self.media: Path | str | PipeReader
        if isinstance(path_or_url, PipeReader):
            self.is_url = self.live = False
            self.media, self.name = path_or_url, INPUT
            return
        self.is_url = "://" in path_or_url
        parts = urlsplit(path_or_url) if self.is_url else None
        self.live = parts is not None and parts.scheme.lower() in LIVE_SCHEMES
        # An absolute path cannot be mistaken for a protocol ("a:b.mp4").
        self.media = path_or_url if self.is_url else Path(path_or_url).absolute()
        if parts is not None:  # without the password
            host = parts.netloc.rpartition("@")[2]
            self.name = f"{parts.scheme}://{host}{parts.path}"
        else:
            self.name = Path(path_or_url).name or path_or_url


def open_container(address: Address, limits: LimitsSettings, decoder: str | None) -> InputContainer:
    """Open a file, URL or pipe, with the limits and the hardware of its decoders.

    Raises:
        FileNotFoundError, IsADirectoryError, PermissionError: the path.
        NotAVideoError: empty or foreign.
        SourceError: damaged, or a URL that fails.
    """
    name = address.name
    if isinstance(address.media, Path):
        _check_file(address.media)
    if isinstance(address.media, Path | PipeReader):
        options, timeout = {}, None
    else:
        options = {"rtsp_transport": "tcp"} if address.live else {}
        timeout = (_OPEN_TIMEOUT_S, _READ_TIMEOUT_S)
    try:
        return av.open(
            address.media if isinstance(address.media, PipeReader) else str(address.media),
            "r",
            # For the decoders that look at the first pictures.
            options={"max_pixels": str(most_pixels(limits))},
            container_options=options,
            timeout=timeout,
            metadata_errors="replace",
            hwaccel=None if decoder is None else hardware.decoding_device(decoder),
        )
    except av.FFmpegError as error:
        if isinstance(address.media, PipeReader):
            raise NotAVideoError(f"{name}: not a video that FFmpeg can read from a pipe") from error
        if not isinstance(address.media, Path):
            raise SourceError(f"{name}: cannot be opened ({reason_of(error)})") from error
        if _looks_like_video(address.media):
            raise SourceError(f"{name}: damaged, not one picture can be read") from error
        raise NotAVideoError(f"{name}: not a video that FFmpeg knows") from error


def _check_file(path: Path) -> None:
    """Raise a clear one-line error for what is no readable file."""
    if path.is_dir():
        raise IsADirectoryError(f"{path}: a folder, not a video file")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: no such file") from None
    except PermissionError:
        raise PermissionError(f"{path}: no permission to read it") from None
    if empty:
        raise NotAVideoError(f"{path.name}: the file is empty")


def _looks_like_video(path: Path) -> bool:
    """True where the first bytes are those of a video container, though it cannot be opened."""
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] in (b"ftyp", b"moov", b"mdat") or head[:4] in (b"\x1aE\xdf\xa3", b"RIFF")


def reason_of(error: av.FFmpegError) -> str:
    """Return FFmpeg's own words in short, where they say something."""
    if error.errno == errno.EINVAL:  # "Invalid argument", but nothing was argued
        return "damaged, or not as its format wants it"
    return str(error.strerror or type(error).__name__)
