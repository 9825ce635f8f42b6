"""What can be said of inputs and outputs by their names alone. Imports nothing heavy."""

import difflib
import os
from pathlib import Path

from u2cam.core.choices import FIRST_CAMERA, PictureKind
from u2cam.core.errors import UsageError
from u2cam.core.nearby import nearby
from u2cam.stream.media.numbered_name import NumberedName
from u2cam.stream.media.pipes.names import is_pipe
from u2cam.stream.media.targets import files_read

LIVE_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp"})
NO_FILES = ("virtual", "window", "null")
"""Outputs that are neither the name of a file nor a pipe."""
_SCREENS = ("virtual", "window")
_ANY_NAME = "*"


def is_live(given: str) -> bool:
    """Tell whether an input is a camera or a live stream."""
    return given == FIRST_CAMERA or _is_camera(given) or given.partition("://")[0] in LIVE_SCHEMES


def is_folder_output(name: str, *, of_folder: bool) -> bool:
    """Tell whether an output is a folder: `out/`, one that is there, or `out/*.jpg`.

    Args:
        name: the output.
        of_folder: the input is a folder; a name without ending, which no file of ours has, is then
            one that is yet to be.
    """
    if name in NO_FILES or is_pipe(name):
        return False
    ends_so = name.endswith(tuple(sign for sign in (os.sep, os.altsep) if sign))
    bare = of_folder and not Path(name).suffix
    return bare or ends_so or os.path.isdir(name) or names_any(Path(name))


def names_any(path: Path) -> bool:
    """True for `out/*.jpg`: every picture of a folder, with this ending."""
    return path.name.startswith(f"{_ANY_NAME}.")


def refuse_alpha(output: str, kind: PictureKind) -> None:
    """Raise UsageError where an output that is no file is to show transparency."""
    if kind == "rgba" and output in _SCREENS:
        raise UsageError(
            f"{output}: cannot show transparency; choose another --view, or a file output that can"
        )


def refuse_missing(given: str) -> None:
    """Make sure that an input that names a file names one that is there; nothing is read.

    Raises:
        UsageError: no name at all.
        FileNotFoundError: there is no such file.
    """
    if not given.strip():
        raise UsageError(
            "--input: an empty name; give a camera's number, a file, a folder, a URL or demo"
        )
    no_file = given in (FIRST_CAMERA, "demo") or is_pipe(given) or _is_camera(given)
    no_file = no_file or "://" in given
    if no_file or next(files_read(given), None) is not None:
        return
    path = Path(given)
    if NumberedName.meant_by(path) is not None:
        raise FileNotFoundError(f"{given}: no file fits this pattern")
    close = difflib.get_close_matches(given, ("demo", FIRST_CAMERA), n=1)
    near = close[0] if close else nearby(path)
    raise FileNotFoundError(
        f"{given}: no such file or folder" + (f"; did you mean {near}?" if near else "")
    )


def require_output(given: str, *, live: bool | None, outputs: int) -> None:
    """Make sure that there is an output where there is no natural one.

    Args:
        given: the input.
        live: what was asked for; None: as the input is.
        outputs: how many there are.

    Raises:
        UsageError: none, and the input is not live.
    """
    if not outputs and not live and not is_live(given):
        raise UsageError("an output is needed with this input, for example -o out.mp4")


def _is_camera(given: str) -> bool:
    return given.isdigit() or given.startswith("/dev/")
