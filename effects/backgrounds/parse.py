"""What `-b` means: from the text of the option to a background, or one clear error."""

import difflib
import re
from pathlib import Path

from u2cam.core.choices import BUILT_IN
from u2cam.core.errors import BackgroundError
from u2cam.effects.backgrounds.base import (
    Background,
    BlurBackground,
    ColourBackground,
    DesaturateBackground,
    ImageBackground,
    KeepBackground,
    PixelateBackground,
)
from u2cam.effects.backgrounds.images import (
    PICTURE_SUFFIXES,
    SlideShow,
    read_animation,
    read_picture,
    read_slides,
)
from u2cam.effects.backgrounds.procedural import built_in
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.settings import BackgroundSettings

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

SCENE_NAMES = ("blur", "pixelate", "desaturate", "none")
ANIMATED_SUFFIXES = (".gif", ".apng")
HINT = "take blur, none, #RRGGBB, a colour name, a built-in name or a file"


def parse_background(spec: str, settings: BackgroundSettings) -> Background:
    """Make the background that a `-b` value asks for.

    Args:
        spec: `blur`, `blur:STRENGTH` (percent of frame height), `pixelate[:STRENGTH]`,
            `desaturate`, `none`, `#RRGGBB`, a colour name, a built-in name, a picture, a folder
            of pictures, an animation or a video.
        settings: fit, slide times and default strengths.

    Returns:
        The background, with everything read that can be refused.

    Raises:
        BackgroundError: not understood, not there, or not readable; one line.
    """
    text = spec.strip()
    name, _, argument = text.partition(":")
    key = name.lower()
    if key in SCENE_NAMES and (argument or ":" not in text):
        return _scene(key, argument, settings)
    if text.startswith("#"):
        return ColourBackground(_hex_colour(text))
    if text.lower() in COLOURS:
        return ColourBackground(COLOURS[text.lower()])
    if text.lower() in BUILT_IN:
        return built_in(text.lower())
    path = Path(text).expanduser()
    if text and path.is_dir():
        return SlideShow(read_slides(path), settings.slide_s, settings.crossfade_s, settings.fit)
    if text and path.exists():
        return _file(path, settings)
    raise BackgroundError(_unknown(text))


def _scene(key: str, argument: str, settings: BackgroundSettings) -> Background:
    if key == "blur":
        strength = _number(key, argument, settings.blur_percent, 20)
        return BlurBackground(strength, settings.blur_shape)
    if key == "pixelate":
        return PixelateBackground(_number(key, argument, settings.pixelate_percent, 50))
    if argument:
        raise BackgroundError(f"background {key}:{argument}: {key} takes no value")
    return DesaturateBackground() if key == "desaturate" else KeepBackground()


def _number(key: str, argument: str, default: float, most: float) -> float:
    if not argument:
        return default
    try:
        value = float(argument.removesuffix("%"))
    except ValueError:
        value = 0.0
    if not 0 < value <= most:
        raise BackgroundError(
            f"background {key}:{argument}: strength must be a number above 0 and up to {most:g}, "
            "in percent of the frame's height"
        )
    return value


def _hex_colour(text: str) -> tuple[int, int, int]:
    if re.fullmatch(r"#[0-9a-fA-F]{3}", text):
        text = "#" + "".join(2 * digit for digit in text[1:])
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", text):
        raise BackgroundError(f"background {text}: a colour is # and six hex digits, as #00b140")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def _file(path: Path, settings: BackgroundSettings) -> Background:
    suffix = path.suffix.lower()
    if suffix in ANIMATED_SUFFIXES:
        return read_animation(path, settings.fit)
    if suffix == ".webp":
        animation = read_animation(path, settings.fit)
        if animation.frame_count > 1:
            return animation
    if suffix in PICTURE_SUFFIXES:
        return ImageBackground(read_picture(path), settings.fit)
    return VideoBackground(path, settings.fit)


def _unknown(text: str) -> str:
    if "/" in text or "\\" in text or Path(text).suffix:
        near = _neighbours(Path(text))
        found = f"; did you mean {near}?" if near else ""
        return f"background {text}: no such file or folder{found}"
    names = (*SCENE_NAMES, *COLOURS, *BUILT_IN)
    close = difflib.get_close_matches(text.lower(), names, n=1)
    found = f"did you mean {close[0]}? " if close else ""
    return f"background {text!r}: {found}{HINT} (built-in: {', '.join(BUILT_IN)})"


def _neighbours(path: Path) -> str:
    try:
        names = [p.name for p in path.parent.iterdir()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return str(path.parent / close[0]) if close else ""
