"""What the text of `-b` means, as far as the text and the names of files tell.

Imports nothing heavy: a misspelt name is an error before the slow imports.
"""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from u2cam.core.choices import BUILT_IN
from u2cam.core.errors import BackgroundError
from u2cam.core.nearby import nearby

COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
    "grey": (128, 128, 128),
    "silver": (192, 192, 192),
    "red": (255, 0, 0),
    "green": (0, 177, 64),
    "lime": (0, 255, 0),
    "blue": (0, 71, 187),
    "navy": (0, 0, 128),
    "teal": (0, 128, 128),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 165, 0),
    "pink": (255, 192, 203),
    "purple": (128, 0, 128),
    "brown": (139, 69, 19),
    "beige": (245, 245, 220),
}
"""Names as in CSS, but green and blue are the colours of chroma-key screens."""

SceneName = Literal["blur", "pixelate", "desaturate", "none"]
SCENE_NAMES: tuple[SceneName, ...] = ("blur", "pixelate", "desaturate", "none")
_MOST_PERCENT: dict[str, float] = {"blur": 20, "pixelate": 50}
_COLOUR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
NOT_PLACED = (
    "background.place, --place: over a new background only; blur, none, pixelate and desaturate "
    "show the person's own scene: choose another -b"
)
HINT = "take blur, none, #RRGGBB, a colour name, a built-in name or a file"


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """A background made of the frame itself."""

    name: SceneName
    percent: float | None = None
    """Strength, in percent of the frame's height; None: that of the settings."""


@dataclass(frozen=True, slots=True)
class ColourSpec:
    """One colour."""

    rgb: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class BuiltInSpec:
    """One of `BUILT_IN`."""

    name: str


@dataclass(frozen=True, slots=True)
class PathSpec:
    """A file or a folder that is there."""

    path: Path


Spec = SceneSpec | ColourSpec | BuiltInSpec | PathSpec


def understand(given: str) -> Spec:
    """Tell what a `-b` value asks for; nothing is read.

    Args:
        given: `blur`, `blur:STRENGTH` (percent of frame height), `pixelate[:STRENGTH]`,
            `desaturate`, `none`, `#RRGGBB`, a colour name, a built-in name, a picture, a folder
            of pictures, an animation or a video.

    Raises:
        BackgroundError: not understood, or not there; one line.
    """
    text = given.strip()
    path = _path(text)
    if Path(text).suffix and path.is_file() and not _COLOUR.fullmatch(text):
        return PathSpec(path)  # whatever else "#1.jpg" or "blur:1.png" could mean
    name, _, argument = text.partition(":")
    for scene in SCENE_NAMES:
        if name.lower() == scene and (argument or ":" not in text):
            return _scene(scene, argument)
    if text.startswith("#"):
        return ColourSpec(hex_colour(text))
    if text.lower() in COLOURS:
        return ColourSpec(COLOURS[text.lower()])
    if text.lower() in BUILT_IN:
        return BuiltInSpec(text.lower())
    if text and path.exists():
        return PathSpec(path)
    raise BackgroundError(_unknown(text))


def hex_colour(text: str) -> tuple[int, int, int]:
    """Return the colour that `#RGB` or `#RRGGBB` means.

    Raises:
        BackgroundError: it means none.
    """
    if re.fullmatch(r"#[0-9a-fA-F]{3}", text):
        text = "#" + "".join(2 * digit for digit in text[1:])
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise BackgroundError(f"background {text}: a colour is # and six hex digits, as #00b140")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _path(text: str) -> Path:
    """Return what a text means as a path, for which the file system can be asked."""
    try:
        path = Path(text).expanduser()
        path.exists()
    except (OSError, RuntimeError) as error:  # too long a name; no such user as in ~user
        reason = getattr(error, "strerror", None) or "no such user"
        raise BackgroundError(f"background {text[:40]}: cannot be a file ({reason})") from error
    return path


def _scene(name: SceneName, argument: str) -> SceneSpec:
    if not argument:
        return SceneSpec(name)
    most = _MOST_PERCENT.get(name)
    if most is None:
        raise BackgroundError(f"background {name}:{argument}: {name} takes no value")
    try:
        value = float(argument.removesuffix("%"))
    except ValueError:
        value = 0.0
    if not 0 < value <= most:
        raise BackgroundError(
            f"background {name}:{argument}: strength must be a number above 0 and up to {most:g}, "
            "in percent of the frame's height"
        )
    return SceneSpec(name, value)


def _unknown(text: str) -> str:
    if "/" in text or "\\" in text or Path(text).suffix:
        near = nearby(Path(text))
        found = f"; did you mean {near}?" if near else ""
        return f"background {text}: no such file or folder{found}"
    names = (*SCENE_NAMES, *COLOURS, *BUILT_IN)
    close = difflib.get_close_matches(text.lower(), names, n=1)
    found = f"did you mean {close[0]}? " if close else ""
    return f"background {text!r}: {found}{HINT} (built-in: {', '.join(BUILT_IN)})"
