"""Which container, encoder and pixel format an output file gets, and whether it can be written.

Plain functions, called before a run by the app (`check_output`) and by the sinks when they open.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from av.codec import Codec
from av.codec.codec import UnknownCodecError

from u2cam.stream.settings import OutputSettings

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
    """Encoder for sound that the container cannot hold as it is; None: no sound at all."""
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

CONTAINERS: dict[str, Container] = {
    ".mp4": Container(
        "mp4", {"rgb": _H264, "gray": _H264}, "aac", "mov_text", _FASTSTART, negative_times=True
    ),
    ".mov": Container(
        "mov",
        {
            "rgb": _H264,
            "gray": _H264,
            "rgba": Coding("prores_ks", "yuva444p10le", {"profile": "4444", "alpha_bits": "16"}),
        },
        "aac",
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
        "webvtt",
    ),
    ".gif": Container("gif", {"rgb": Coding("gif", "pal8"), "gray": Coding("gif", "pal8")}),
}
"""By ending, in lower case."""

IMAGE_KINDS: dict[str, tuple[Kind, ...]] = {
    ".png": ("rgb", "rgba", "gray"),
    ".jpg": ("rgb", "gray"),
    ".jpeg": ("rgb", "gray"),
}
"""Endings of still pictures and what they hold."""

_ENCODER_OPTIONS = {
    "libvpx-vp9": {"row-mt": "1", "cpu-used": "4"},
    "libx265": {"x265-params": "log-level=error"},
    # Constant quality: without these they aim at 2 Mbit/s and take quality as a ceiling.
    "h264_nvenc": {"rc": "vbr", "b": "0"},
    "hevc_nvenc": {"rc": "vbr", "b": "0"},
}
_ANY_SIZE = {"libvpx-vp9", "ffv1", "gif", "prores_ks"}
"""Encoders that take odd sizes whatever the pixel format."""
_ALPHA_FORMATS = ("yuva444p10le", "yuva420p", "bgra", "rgba")


def is_picture_path(path: Path) -> bool:
    """True where the output is a still picture, a numbered sequence or a folder for one."""
    return path.suffix.lower() in IMAGE_KINDS or (not path.suffix and path.is_dir())


def check_output(path: Path, kind: Kind = "rgb", settings: OutputSettings | None = None) -> None:
    """Make sure, before anything starts, that an output can be written; touches nothing.

    Args:
        path: the file; `out/%05d.png` or a folder that is there for a PNG sequence.
        kind: of the pictures to come.
        settings: codec; defaults where None.

    Raises:
        ValueError: ending, codec, or a kind that the ending cannot hold.
        FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError: the place.
    """
    if is_picture_path(path):
        check_kind(path, kind, IMAGE_KINDS[path.suffix.lower() or ".png"])
    else:
        choose_coding(path, kind, settings or OutputSettings())
    check_place(path)


def check_place(path: Path) -> None:
    """Raise a one-line error where the folder of an output is missing or not writable."""
    if path.suffix and path.is_dir():
        raise IsADirectoryError(f"{path}: is a folder; give the name of a file")
    folder = path.parent if path.suffix else path
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
        raise ValueError(f"{path.name}: unknown ending {path.suffix!r}; known are {known}")
    return container


def choose_coding(path: Path, kind: Kind, settings: OutputSettings) -> Coding:
    """Return encoder and pixel format for a file and a kind of picture.

    Raises:
        ValueError: unknown ending or codec, or no place for this kind.
    """
    container = choose_container(path)
    if settings.codec == "auto":
        check_kind(path, kind, tuple(container.codings))
        return container.codings[kind]
    try:
        codec = Codec(settings.codec, "w")
    except UnknownCodecError:
        raise ValueError(f"output.codec: FFmpeg here has no encoder {settings.codec!r}") from None
    if codec.type != "video":
        raise ValueError(f"output.codec: {settings.codec} encodes no pictures but {codec.type}")
    known = container.codings.get(kind)
    if known is not None and known.encoder == codec.name:
        return known
    formats = [shown.name for shown in codec.video_formats or ()]
    wanted = {"rgb": ("yuv420p",), "gray": ("gray", "yuv420p"), "rgba": _ALPHA_FORMATS}[kind]
    if kind == "gray" and codec.name != "ffv1":
        wanted = ("yuv420p",)  # few players show H.264 without chroma
    chosen = next((shown for shown in wanted if shown in formats), None)
    if chosen is None and kind == "rgba":
        raise ValueError(f"output.codec: {settings.codec} has no alpha; try ffv1 or prores_ks")
    if chosen is None:
        chosen = formats[0] if formats else "yuv420p"
    return Coding(codec.name, chosen)


def encoder_options(
    coding: Coding, size_wh: tuple[int, int], settings: OutputSettings, known: set[str]
) -> dict[str, str]:
    """Return the options of an encoder.

    Args:
        coding: encoder and its own options.
        size_wh: of the encoded picture.
        settings: quality and preset.
        known: names of the options that the encoder has.
    """
    options = dict(_ENCODER_OPTIONS.get(coding.encoder, {}))
    for name in ("crf", "cq"):  # cq: NVIDIA's word for it
        if name in known:
            options[name] = str(settings.crf)
    if coding.encoder.endswith("_qsv"):
        options["global_quality"] = str(max(1, settings.crf))
    if coding.encoder in ("libx264", "libx265"):
        options["preset"] = settings.preset
    if settings.crf == 0 and coding.encoder == "libvpx-vp9":
        options["lossless"] = "1"
    if settings.crf == 0 and coding.encoder == "libx265":
        options["x265-params"] += ":lossless=1"
    options |= coding.options
    if coding.encoder == "ffv1" and size_wh[0] < 8:
        options["level"] = "1"  # without slices, which do not fit into so narrow a picture
    return options


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
        able = [ending for ending, container in CONTAINERS.items() if kind in container.codings] + [
            ending for ending, kinds in IMAGE_KINDS.items() if kind in kinds
        ]
        what = {"rgba": "alpha", "gray": "a matte", "rgb": "colour"}[kind]
        raise ValueError(f"{path.name}: {path.suffix} cannot hold {what}; take {' '.join(able)}")
