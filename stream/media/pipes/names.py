"""What standard input and output are called on the command line: `-`, or a format before it.

`y4m:-` is how ImageMagick writes it. An option such as FFmpeg's `-f` would have to say which of
several outputs it is for.
"""

import os
from typing import Literal, get_args

from u2cam.core.choices import PictureKind

PipeFormat = Literal["mkv", "y4m", "rgb24", "png"]
FORMATS: tuple[PipeFormat, ...] = get_args(PipeFormat)
INPUT, OUTPUT = "standard input", "standard output"
"""For messages."""
_RAW = "rgb24:-"
_HOLDS: dict[PipeFormat, tuple[PictureKind, ...]] = {
    "mkv": ("rgb", "rgba", "gray"),
    "y4m": ("rgb", "gray"),
    "rgb24": ("rgb", "gray"),
    "png": ("rgb", "rgba", "gray"),
}
"""Formats and what they hold; a matte is gray in three channels where there is no other way."""


def is_pipe(name: str) -> bool:
    """True for `-` and for whatever ends as `y4m:-` does."""
    return name == "-" or name.endswith(":-")


def is_raw_input(name: str) -> bool:
    """Tell whether the pictures of standard input have no header, whatever they begin with.

    Raises:
        ValueError: a format that the contents tell.
    """
    if name not in ("-", _RAW):
        raise ValueError(
            f"{name}: standard input is -, its contents tell the format; raw pictures are {_RAW}"
        )
    return name == _RAW


def output_format(name: str) -> PipeFormat:
    """Return what is written to standard output.

    Raises:
        ValueError: a format that is not known.
    """
    asked = "mkv" if name == "-" else name.removesuffix(":-")
    for known in FORMATS:
        if asked == known:
            return known
    able = ", ".join(f"{known}:-" for known in FORMATS)
    raise ValueError(f"{name}: standard output takes {able}; - is the first of them")


def check_pipe_kind(name: str, written: PipeFormat, kind: PictureKind) -> None:
    """Raise ValueError where standard output cannot hold a kind of picture; names what can."""
    if kind not in _HOLDS[written]:
        what = {"rgba": "alpha", "gray": "a matte", "rgb": "colour"}[kind]
        able = " or ".join(f"{known}:-" for known, kinds in _HOLDS.items() if kind in kinds)
        raise ValueError(f"{name}: {written} cannot hold {what}; take {able}")


def fault_of(descriptor: int) -> Literal["closed", "a terminal"] | None:
    """Return why standard input or output cannot be a pipe or a file; None where it is one."""
    try:
        os.fstat(descriptor)
    except OSError:
        return "closed"
    return "a terminal" if os.isatty(descriptor) else None
