"""What a run shows, without pixels of the camera: view, kind and size of picture, background.

Both renderers use one. `set_background`, `next_background` and `cycle_view` may be called from any
thread: what is new is built there first and then put in place by one assignment. The rest belongs
to the thread that renders.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from u2cam.core.choices import BUILT_IN, PICTURE_KINDS, VIEWS, PictureKind, View
from u2cam.core.errors import BackgroundError, UsageError
from u2cam.effects.backgrounds.base import Background, Replacement
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.backgrounds.placeholder import write_text
from u2cam.effects.backgrounds.procedural import Studio
from u2cam.effects.backgrounds.spec import NOT_PLACED
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.backgrounds.wide import WideBackground, in_space, widened
from u2cam.effects.settings import EffectsSettings
from u2cam.imaging.color_tags import ColorTags

_CHANNELS: dict[PictureKind, tuple[int, ...]] = {"rgb": (3,), "rgba": (4,), "gray": ()}


class Presentation:
    """View, background and placeholder of a run."""

    def __init__(
        self,
        background: str | Background = "blur",
        view: str = "composite",
        *,
        settings: EffectsSettings | None = None,
        backgrounds: Sequence[str] = (),
    ) -> None:
        """Read everything that can fail.

        Args:
            background: a `-b` value, or a background made already.
            view: what a picture shows; fixes the kind and size of the run's pictures.
            settings: of backgrounds and placeholder; None takes the defaults.
            backgrounds: `-b` values that `next_background` goes through; none: the first
                background, blur and the built-in ones.

        Raises:
            BackgroundError: a background that is not understood or cannot be read.
            ValueError: no such view.
        """
        self._settings = settings or EffectsSettings()
        self.frame_color = ColorTags()
        """The space of the run's frames, into which backgrounds are brought."""
        self.view = _known(view)
        """What a picture shows now."""
        self.picture_kind = PICTURE_KINDS[self.view]
        """The kind of every picture of this run: rgb, rgba (cutout) or gray (matte)."""
        self._wide = view == "side-by-side"
        # A matte and a cutout have no background.
        self._places = self._settings.background.placement is not None and (
            self.picture_kind == "rgb"
        )
        self.background = self._parsed(background)
        """What is behind the person now."""
        first = (background,) if isinstance(background, str) else ()
        choices = tuple(backgrounds) or tuple(dict.fromkeys((*first, "blur", *BUILT_IN)))
        self._choices = tuple(c for c in choices if not self._places or c != "blur")
        self._chosen = 0
        self._behind_placeholder: Replacement = Studio("studio-dark")
        self.frame_wh = (0, 0)
        """Size of the last frame, set by the renderer: new backgrounds are fitted to it."""

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the pictures made from frames of a size."""
        return (2 * size_wh[0], size_wh[1]) if self._wide else size_wh

    def picture_shape(self, size_wh: tuple[int, int]) -> tuple[int, ...]:
        """Return (H, W, 3), (H, W, 4) or (H, W): of the pictures made from frames of a size."""
        width, height = self.picture_size(size_wh)
        return height, width, *_CHANNELS[self.picture_kind]

    def use_frame_color(self, tags: ColorTags) -> None:
        """Bring backgrounds into the space of the run's frames; before the first of them."""
        self.frame_color = tags
        self.background = widened(self.background, tags)
        self._behind_placeholder = widened(self._behind_placeholder, tags)

    def set_background(self, background: str | Background) -> None:
        """Change the background.

        Raises:
            BackgroundError: not understood or not readable; the old background stays.
        """
        made = self._parsed(background)
        if min(self.frame_wh) > 0:  # fitted to the frame here, not in the pipeline
            if isinstance(made, VideoBackground | WideBackground):
                made.prepare(self.frame_wh)
            elif isinstance(made, Replacement):
                made.picture(self.frame_wh, 0.0)
        self.background = made

    def next_background(self) -> str:
        """Take the next of `backgrounds` and return its `-b` value."""
        self._chosen = (self._chosen + 1) % len(self._choices)
        self.set_background(self._choices[self._chosen])
        return self._choices[self._chosen]

    def cycle_view(self) -> View:
        """Take the next view that gives pictures of the run's kind and size."""
        alike = [view for view in VIEWS if PICTURE_KINDS[view] == self.picture_kind]
        fitting = [view for view in alike if (view == "side-by-side") == self._wide]
        self.view = fitting[(fitting.index(self.view) + 1) % len(fitting)]
        return self.view

    def placeholder(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        """Return the picture that stands in while there is no valid matte.

        Made of the replacement background, or a dark studio wall where the background is the
        camera's own scene, and the text of the settings. A matte's is black, a cutout's empty.
        """
        if self.picture_kind != "rgb":
            return np.zeros(self.picture_shape(size_wh), np.uint8)
        background = self.background
        replacement = background if isinstance(background, Replacement) else None
        if replacement is None or self.view == "foreground":
            replacement = self._behind_placeholder
        white = in_space(np.full((1, 1, 3), 255, np.uint8), self.frame_color)[0, 0].tolist()
        behind = replacement.picture(size_wh, time_s)
        picture = write_text(behind, self._settings.holding.text, tuple(white))
        return np.hstack([picture, picture]) if self._wide else picture

    def _parsed(self, background: str | Background) -> Background:
        if isinstance(background, str):
            background = parse_background(background, self._settings.background)
        if self._places and not isinstance(background, Replacement):
            raise BackgroundError(NOT_PLACED)
        return widened(background, self.frame_color)


def _known(view: str) -> View:
    for known in VIEWS:
        if known == view:
            return known
    raise UsageError(f"view {view!r}: must be one of {', '.join(VIEWS)}")
