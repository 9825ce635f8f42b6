"""What can be chosen by name. Imports nothing heavy, so that --help is quick."""

from typing import Literal, get_args

FIRST_CAMERA = "camera"
"""As an input: the first camera that is not a virtual one."""

View = Literal["composite", "matte", "foreground", "side-by-side", "cutout"]
"""What a picture shows: `composite` the finished picture; `matte`; `foreground` the person over
black; `cutout` the person with an alpha channel; `side-by-side` frame and composite."""

VIEWS: tuple[View, ...] = get_args(View)

PictureKind = Literal["rgb", "rgba", "gray"]

PICTURE_KINDS: dict[View, PictureKind] = {
    "composite": "rgb",
    "matte": "gray",
    "foreground": "rgb",
    "side-by-side": "rgb",
    "cutout": "rgba",
}
"""The kind of every picture of a run, by its view."""

BUILT_IN = ("studio", "studio-dark", "studio-warm", "studio-blue", "bokeh")
"""Backgrounds that need no file; `effects/backgrounds/procedural.py` makes them."""
