"""Which container, encoder and pixel format an output file gets, and whether it can be written.

Plain functions, called before a run by the app (`check_output`) and by the sinks when they open.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from av.codec import Codec
from av.codec.codec import UnknownCodecError

from u2cam.core.errors import UsageError
from u2cam.stream.media.targets import check_name, real_path
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.coding.quality import check_quality

Kind = Literal["rgb", "rgba", "gray"]


@dataclass(frozen=True, slots=True)
class Coding:
    """An encoder, its pixel format and its options besides quality and speed."""

    encoder: str
    pixel_format: str
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Container:
    """What files of one ending hold."""

    muxer: str
    codings: dict[Kind, Coding]
    """By kind of picture; a kind that is not there cannot be written."""
    audio: str | None = None
    """Encoder for sound that is not copied; None: no sound at all."""
    played: frozenset[str] | None = None
    """Sound that players of such files play; None: all that the container can hold."""
    subtitles: str | None = None
    """Encoder for text subtitles that it cannot hold as they are."""
    options: dict[str, str] = field(default_factory=dict)
    """Of the muxer."""
    negative_times: bool = False
    """True where sound may begin before time 0 (an edit list hides it)."""


_H264 = Coding("libx264", "yuv420p")
_VP9 = Coding("libvpx-vp9", "yuv420p")
_FFV1 = {"level": "3"}
_FASTSTART = {"movflags": "+faststart"}

_PLAYED_MP4 = frozenset({"aac", "mp3", "mp2", "ac3", "eac3", "alac", "flac", "opus"})
"""In browsers, or on phones and televisions."""
_PCM_KINDS = ("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be")
_PCM = {f"pcm_{kind}" for kind in (*_PCM_KINDS, "mulaw", "alaw")}
_PLAYED_MOV = _PLAYED_MP4 - {"flac", "opus"} | _PCM | {"adpcm_ima_qt"}
"""QuickTime's own."""

CONTAINERS: dict[str, Container] = {
    ".mp4": Container(
        "mp4",
        {"rgb": _H264, "gray": _H264},
        "aac",
        _PLAYED_MP4,
        "mov_text",
        _FASTSTART,
        negative_times=True,
    ),
    ".mov": Container(
        "mov",
        {
            "rgb": _H264,
            "gray": _H264,
            "rgba": Coding("prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "16"}),
        },
        "aac",
        _PLAYED_MOV,
        "mov_text",
        _FASTSTART,
        negative_times=True,
    ),
    ".mkv": Container(
        "matroska",
        {
            "rgb": _H264,
            "gray": Coding("ffv1", "gray", _FFV1),
            "rgba": Coding("ffv1", "bgra", _FFV1),
        },
        "libopus",
        None,
        "subrip",
    ),
    ".webm": Container(
        "webm",
        # FFmpeg: alternate reference frames and alpha exclude each other.
        {
            "rgb": _VP9,
            "gray": _VP9,
            "rgba": Coding("libvpx-vp9", "yuva420p", {"auto-alt-ref": "0"}),
        },
        "libopus",
        None,
        "webvtt",
    ),
    ".gif": Container(
        "gif",
        {kind: Coding("gif", "pal8") for kind in ("rgb", "gray", "rgba")},
    ),
}
"""By ending, in lower case."""

IMAGE_KINDS: dict[str, tuple[Kind, ...]] = {
    ".png": ("rgb", "rgba", "gray"),
    ".jpg": ("rgb", "gray"),
    ".jpeg": ("rgb", "gray"),
    ".webp": ("rgb", "rgba", "gray"),
    ".avif": ("rgb", "rgba", "gray"),
    ".tif": ("rgb", "rgba", "gray"),
    ".tiff": ("rgb", "rgba", "gray"),
}
"""Endings of still pictures and what they hold."""

_HEVC = Coding("libx265", "yuv420p10le")
DEEP = {
    ".mp4": _HEVC,
    ".mov": _HEVC,
    ".mkv": _HEVC,
    ".webm": Coding("libsvtav1", "yuv420p10le"),
}
"""By ending: 10 bits in what players show, also in high dynamic range. WebM holds no HEVC."""
_PRORES = Coding("prores_ks", "yuv422p10le", {"profile": "hq"})
"""For editors: ProRes 422 HQ, 10 bits and any size."""
_LEAST_WH = {"libsvtav1": (32, 32), "libx265": (64, 16), "dnxhd": (256, 120)}
"""SVT-AV1 never ends some smaller pictures, x265 writes beyond its memory, and DNxHR has none."""
_ANY_SIZE = {"libvpx-vp9", "ffv1", "gif", "prores_ks"}
"""Encoders that take odd sizes whatever the pixel format."""
_ALPHA_FORMATS = ("yuva444p10le", "yuva420p", "bgra", "rgba")


def is_picture_path(path: Path) -> bool:
    """True where the output is a still picture or a numbered sequence."""
    return path.suffix.lower() in IMAGE_KINDS


def check_output(path: Path, kind: Kind = "rgb", settings: OutputSettings | None = None) -> None:
    """Make sure, before anything starts, that an output can be written; touches nothing.

    Args:
        path: the file; `out/%05d.png` for a PNG sequence.
        kind: of the pictures to come.
        settings: codec; defaults where None.

    Raises:
        ValueError: ending, codec, or a kind that the ending cannot hold.
        FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError: the place.
    """
    if is_picture_path(path):
        check_kind(path, kind, IMAGE_KINDS[path.suffix.lower()])
    else:
        choose_coding(path, kind, settings or OutputSettings())
    check_place(path)


def check_place(path: Path) -> None:
    """Raise a one-line error where the folder of an output is missing or not writable."""
    check_name(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder; give the name of a file")
    folder = path.parent
    if path.is_symlink():
        folder = real_path(path).parent  # what is written is the file that it leads to
    if not folder.exists():
        raise FileNotFoundError(f"{path}: folder {folder} does not exist; make it first")
    if not folder.is_dir():
        raise NotADirectoryError(f"{path}: {folder} is not a folder")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(f"{path}: no permission to write into {folder}")


def choose_container(path: Path) -> Container:
    """Return the container of a file by its ending.

    Raises:
        ValueError: an ending that is not known, with the list of those known.
    """
    container = CONTAINERS.get(path.suffix.lower())
    if container is None:
        known = " ".join(sorted([*CONTAINERS, *IMAGE_KINDS]))
        raise UsageError(f"{path.name}: unknown ending {path.suffix!r}; known are {known}")
    return container


def choose_coding(path: Path, kind: Kind, settings: OutputSettings) -> Coding:
    """Return encoder and pixel format for a file and a kind of picture.

    Raises:
        ValueError: unknown ending or codec, or no place for this kind.
    """
    container = choose_container(path)
    if settings.codec == "auto":
        check_kind(path, kind, tuple(container.codings))
        if settings.bits == 10 and kind == "rgb" and path.suffix.lower() in DEEP:
            return DEEP[path.suffix.lower()]
        return container.codings[kind]
    try:
        codec = Codec(settings.codec, "w")
    except UnknownCodecError:
        raise UsageError(f"output.codec: FFmpeg here has no encoder {settings.codec!r}") from None
    if codec.type != "video":
        raise UsageError(f"output.codec: {settings.codec} encodes no pictures but {codec.type}")
    known = container.codings.get(kind)
    if known is not None and known.encoder == codec.name:
        return known
    if kind != "rgba" and codec.name == "prores_ks":
        return _PRORES
    if kind != "rgba" and codec.name == "dnxhd":
        return _dnxhr(settings)
    formats = [shown.name for shown in codec.video_formats or ()]
    # AV1 codes 10 bits as small as 8, and every decoder knows both.
    deep = settings.bits == 10 or codec.name == "libsvtav1"
    planes = ("yuv420p10le", "yuv420p") if deep else ("yuv420p",)
    wanted = {"rgb": planes, "gray": ("gray", "yuv420p"), "rgba": _ALPHA_FORMATS}[kind]
    if kind == "gray" and codec.name != "ffv1":
        wanted = ("yuv420p",)  # few players show H.264 without chroma
    chosen = next((shown for shown in wanted if shown in formats), None)
    if chosen is None and kind == "rgba":
        raise UsageError(f"output.codec: {settings.codec} has no alpha; try ffv1 or prores_ks")
    if chosen is None:
        chosen = formats[0] if formats else "yuv420p"
    if codec.name == "mjpeg":
        chosen = "yuvj420p"  # JPEG is full range; FFmpeg refuses the other
    check_quality(codec, settings)
    return Coding(codec.name, chosen)


def _dnxhr(settings: OutputSettings) -> Coding:
    """Return one of three profiles of any size: DNxHR has rates, and no quality."""
    if settings.bits == 10 or settings.crf <= 20:
        return Coding("dnxhd", "yuv422p10le", {"profile": "dnxhr_hqx"})
    return Coding("dnxhd", "yuv422p", {"profile": "dnxhr_sq" if settings.crf <= 28 else "dnxhr_lb"})


def check_least_size(coding: Coding, size_wh: tuple[int, int]) -> None:
    """Raise ValueError where an encoder takes no pictures so small."""
    least = _LEAST_WH.get(coding.encoder)
    if least is not None and (size_wh[0] < least[0] or size_wh[1] < least[1]):
        raise UsageError(
            "{} takes pictures from {}x{} on, these are {}x{}; take another output.codec".format(
                coding.encoder, *least, *size_wh
            )
        )


def coded_size(coding: Coding, size_wh: tuple[int, int]) -> tuple[int, int]:
    """Return the size to encode: even where the encoder needs it, one pixel wider or higher."""
    if coding.encoder in _ANY_SIZE:
        return size_wh
    width, height = size_wh
    if "420" in coding.pixel_format or coding.pixel_format == "nv12":
        return width + width % 2, height + height % 2
    return (width + width % 2, height) if "422" in coding.pixel_format else size_wh


def check_kind(path: Path, kind: Kind, holds: tuple[Kind, ...]) -> None:
    """Raise ValueError where a file cannot hold a kind of picture; names those that can."""
    if kind not in holds:
        # GIF comes last: its alpha is all or nothing.
        able = [ending for ending, container in CONTAINERS.items() if kind in container.codings]
        able += [ending for ending, kinds in IMAGE_KINDS.items() if kind in kinds]
        able.sort(key=lambda ending: ending == ".gif")
        what = {"rgba": "alpha", "gray": "a matte", "rgb": "colour"}[kind]
        raise UsageError(f"{path.name}: {path.suffix} cannot hold {what}; take {' '.join(able)}")
