"""Options of how frames come in and how pictures go out: turned, cut, scaled, placed, paced."""

import argparse
from typing import Any

from u2cam.core.errors import UsageError

GEOMETRY_NAMES = {
    **{f"capture.{name}": f"--{name}" for name in ("mirror", "flip", "rotate", "crop", "zoom")},
    "output.size": "--size",
    "output.rate": "--rate",
    "background.place": "--place",
}
"""As `OPTION_NAMES` of `arguments`."""


def add_geometry_options(parser: argparse.ArgumentParser) -> None:
    """Add the groups `frame` and `size and rate`."""
    group = parser.add_argument_group("frame, before the network sees it")
    group.add_argument("--mirror", action="store_true", default=None, help="swap left and right")
    group.add_argument("--flip", action="store_true", default=None, help="swap top and bottom")
    group.add_argument(
        "--rotate",
        type=_degrees,
        choices=(0, 90, 180, 270, "auto"),
        metavar="DEGREES",
        help="turn clockwise by 90, 180 or 270, after the file's own rotation; auto: by 180 where "
        "the first frames show people upside down",
    )
    group.add_argument(
        "--crop",
        metavar="X,Y,W,H",
        help="work on a part of it: left, top, width, height in shares (0.1,0,0.8,1) or pixels",
    )
    group.add_argument(
        "--zoom", type=float, metavar="FACTOR", help="enlarge its middle, at the same size"
    )
    group = parser.add_argument_group("size and rate of all outputs")
    group.add_argument(
        "--size",
        metavar="WxH",
        help="scale to this size, with bars where the shape differs (output.fit: or cover, "
        "stretch); of 1280x or x720 the other side follows",
    )
    group.add_argument(
        "--rate",
        type=float,
        metavar="FPS",
        help="constant rate: pictures are doubled or left out, sound stays as it is",
    )
    group.add_argument(
        "--place",
        metavar="SCALE,V,H",
        help="the person smaller over the new background: 0.1 to 1, then bottom, center or top, "
        "then left, center or right, as 0.7,bottom,left",
    )


def _degrees(text: str) -> int | str:
    return int(text) if text.isdigit() else text


def geometry_settings(given: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Return what the options mean in settings; None where one was not given."""
    return {
        "capture": {
            name: getattr(given, name) for name in ("mirror", "flip", "rotate", "crop", "zoom")
        },
        "output": {"size": given.size, "rate": given.rate},
        "background": {"place": given.place},
    }


def refuse_for_images(kind: str, name: str, options: dict[str, dict[str, Any]]) -> None:
    """Refuse a rate for a single image.

    Raises:
        UsageError: in one line.
    """
    if kind == "image" and "rate" in options.get("output", {}):
        raise UsageError(f"--rate: {name} is a single image; leave the option out")
