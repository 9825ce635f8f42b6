"""What can be said of inputs and outputs by their names alone. Imports nothing heavy."""

import difflib
from pathlib import Path

from u2cam.core.choices import FIRST_CAMERA
from u2cam.core.errors import UsageError
from u2cam.core.nearby import nearby
from u2cam.stream.media.numbered_name import NumberedName
from u2cam.stream.media.targets import files_read

LIVE_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp"})
NO_FILES = ("virtual", "window", "null", "-")
"""Outputs that are not the name of a file."""


def is_live(given: str) -> bool:
    """Tell whether an input is a camera or a live stream."""
    return given == FIRST_CAMERA or _is_camera(given) or given.partition("://")[0] in LIVE_SCHEMES


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
    no_file = given in (FIRST_CAMERA, "demo", "-") or _is_camera(given) or "://" in given
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
