"""The effects chain: from a frame and its matte to the picture that the viewer sees.

Run by the composite thread. `set_background`, `next_background` and `cycle_view` may be called
from any other thread: what is new is built there first and then put in place by one assignment.
Fulfils the pipeline's `Effects` protocol without importing it.
"""

from collections.abc import Sequence
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8, ImageU8, MapF32
from u2cam.effects.backgrounds.base import (
    Background,
    ColourBackground,
    Replacement,
    SceneBackground,
)
from u2cam.effects.backgrounds.parse import parse_background
from u2cam.effects.backgrounds.placeholder import holding_picture
from u2cam.effects.backgrounds.procedural import BUILT_IN, Studio
from u2cam.effects.backgrounds.video import VideoBackground
from u2cam.effects.backgrounds.wide import WideBackground, in_space, widened
from u2cam.effects.color.color_match import Match
from u2cam.effects.color.composite import blend, blend_linear, cut_out
from u2cam.effects.color.foreground import estimate_means, unmix
from u2cam.effects.color.light_wrap import screen_light, wrap_light
from u2cam.effects.grid import grid_size, shrink
from u2cam.effects.matte.steps import REFERENCE_HEIGHT, MatteChain, resize_matte
from u2cam.effects.scratch import Scratch
from u2cam.effects.settings import EffectsSettings
from u2cam.imaging.color_tags import ColorTags

View = Literal["composite", "matte", "foreground", "side-by-side", "cutout"]
VIEWS: tuple[View, ...] = get_args(View)
PictureKind = Literal["rgb", "rgba", "gray"]

WIDE_PX, NARROW_PX = 12.0, 6.0
"""Radii of foreground estimation at 1080p; `effects.foreground` says why the first is small."""


class EffectsChain:
    """The picture of a run: matte steps, colour steps, background and view."""

    def __init__(
        self,
        settings: EffectsSettings | None = None,
        background: str | Background = "blur",
        view: str = "composite",
        *,
        raw_matte: bool = False,
        backgrounds: Sequence[str] = (),
    ) -> None:
        """Prepare everything that can fail, and compile the kernels.

        Args:
            settings: all steps' settings; None takes the defaults.
            background: a `-b` value, or a background made already.
            view: what a picture shows; fixes the kind and size of the run's pictures.
            raw_matte: the network's matte, only resized.
            backgrounds: `-b` values that `next_background` goes through; none: the first
                background, blur and the built-in ones.

        Raises:
            BackgroundError: a background that is not understood or cannot be read.
            ValueError: no such view.
        """
        self._settings = settings or EffectsSettings()
        self._view = _known(view)
        self._kind = _KINDS[self._view]
        self._wide = view == "side-by-side"
        self._raw_matte = raw_matte
        self._matte = MatteChain(self._settings.matte)
        self._match = Match(self._settings.color.match)
        self.frame_color = ColorTags()
        self._holding_background: Replacement = Studio("studio-dark")
        self._background: Background = self._parsed(background)
        first = (background,) if isinstance(background, str) else ()
        self._choices = tuple(backgrounds) or tuple(dict.fromkeys((*first, "blur", *BUILT_IN)))
        self._chosen = 0
        self._size_wh = (0, 0)
        self._scratch = Scratch()
        self._front = np.zeros((0, 0, 3), np.uint8)
        self._warm_up()

    @property
    def picture_kind(self) -> PictureKind:
        """The kind of every picture of this run: rgb, rgba (cutout) or gray (matte)."""
        return self._kind

    @property
    def view(self) -> View:
        """What a picture shows now."""
        return self._view

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the pictures made from frames of a size."""
        return (2 * size_wh[0], size_wh[1]) if self._wide else size_wh

    def use_frame_color(self, tags: ColorTags) -> None:
        """Bring backgrounds into the space of the run's frames; before the first of them."""
        self.frame_color = tags
        self._background = widened(self._background, tags)
        self._holding_background = widened(self._holding_background, tags)

    def set_background(self, background: str | Background) -> None:
        """Change the background; for any thread.

        Raises:
            BackgroundError: not understood or not readable; the old background stays.
        """
        made = self._parsed(background)
        if min(self._size_wh) > 0:  # fitted to the frame here, not in the pipeline
            if isinstance(made, VideoBackground | WideBackground):
                made.prepare(self._size_wh)
            elif isinstance(made, Replacement):
                made.picture(self._size_wh, 0.0)
        self._background = made

    def next_background(self) -> str:
        """Take the next of `backgrounds` and return its `-b` value; for any thread."""
        self._chosen = (self._chosen + 1) % len(self._choices)
        self.set_background(self._choices[self._chosen])
        return self._choices[self._chosen]

    def cycle_view(self) -> View:
        """Take the next view that gives pictures of the run's kind and size; for any thread."""
        fitting = [
            v for v in VIEWS if _KINDS[v] == self._kind and (v == "side-by-side") == self._wide
        ]
        self._view = fitting[(fitting.index(self._view) + 1) % len(fitting)]
        return self._view

    def render(self, image: ImageU8, alpha: AlphaF32, time_s: float) -> NDArray[np.uint8]:
        """Return the picture for a frame, its matte and its time.

        Args:
            image: (H, W, 3) uint8 RGB. Not written into.
            alpha: (h, w) float32 in [0, 1] over the same field of view, of any size.
            time_s: presentation time in seconds; smoothing and moving backgrounds follow it.

        Returns:
            A new array of the run's kind: (H, W, 3) RGB, twice as wide for side-by-side,
            (H, W, 4) straight RGBA for cutout, (H, W) gray for matte.

        Raises:
            ValueError: not a frame, or not a matte (dimensions, or a value that is not finite).
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
            raise ValueError(
                f"effects: a frame is (H, W, 3) uint8, got {image.shape} {image.dtype}"
            )
        if alpha.ndim != 2 or not alpha.size or not np.isfinite(alpha).all():
            raise ValueError(f"effects: a matte is (h, w) and finite, got {alpha.shape}")
        image = np.ascontiguousarray(image)
        # A network's matte may be cut out of a larger array: without its bars.
        alpha = np.ascontiguousarray(alpha, np.float32)
        view = self._view
        self._size_wh = size_wh = (image.shape[1], image.shape[0])
        small = shrink(image, grid_size(size_wh))
        alpha_u8 = self._alpha_u8(image, small, alpha, time_s)
        if view == "matte":
            return alpha_u8
        if view == "foreground":
            front = self._foreground(image, small, alpha_u8, None, time_s)
            return blend(front, np.zeros_like(front), alpha_u8)
        if view == "cutout":
            front = self._foreground(image, small, alpha_u8, None, time_s)
            return cut_out(front, alpha_u8)
        background = self._background
        if isinstance(background, SceneBackground):
            back = background.from_frame(image, alpha_u8)
        else:
            back = background.picture(size_wh, time_s)
        front = self._foreground(image, small, alpha_u8, back, time_s)
        mix = blend_linear if self._settings.color.linear_light else blend
        picture = mix(front, back, alpha_u8)
        return np.hstack([image, picture]) if view == "side-by-side" else picture

    def holding_picture(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        """Return the picture that stands in while there is no valid matte.

        Made of the replacement background, or a dark studio wall where the background is the
        camera's own scene, and the text of the settings. A matte's is black, a cutout's empty.
        """
        width, height = self.picture_size(size_wh)
        if self._kind == "gray":
            return np.zeros((height, width), np.uint8)
        if self._kind == "rgba":
            return np.zeros((height, width, 4), np.uint8)
        background = self._background
        replacement = background if isinstance(background, Replacement) else None
        if replacement is None or self._view == "foreground":
            replacement = self._holding_background
        back = replacement.picture(size_wh, time_s)
        white = in_space(np.full((1, 1, 3), 255, np.uint8), self.frame_color)[0, 0].tolist()
        picture = holding_picture(back, self._settings.holding.text, tuple(white))
        return np.hstack([picture, picture]) if self._wide else picture

    def reset(self) -> None:
        """Forget smoothing state: after a scene cut or a gap."""
        self._matte.reset()
        self._match.reset()

    def _parsed(self, background: str | Background) -> Background:
        if isinstance(background, str):
            background = parse_background(background, self._settings.background)
        return widened(background, self.frame_color)

    def _alpha_u8(self, image: ImageU8, small: ImageU8, alpha: AlphaF32, time_s: float) -> AlphaU8:
        if self._raw_matte:
            return resize_matte(alpha, self._size_wh)
        return self._matte.alpha_u8(image, small, alpha, time_s)

    def _foreground(
        self,
        image: ImageU8,
        small: ImageU8,
        alpha_u8: AlphaU8,
        back: ImageU8 | None,
        time_s: float,
    ) -> ImageU8:
        """Return the person's own colours; the frame itself where no step changes them."""
        color = self._settings.color
        # With the untouched scene behind, the frame is exact already.
        if back is image:
            return image
        if color.foreground == "off" and (back is None or not (color.match or color.light_wrap)):
            return image
        if self._front.shape != image.shape:
            self._front = np.empty_like(image)
        front = self._front
        np.copyto(front, image)
        rows, columns = small.shape[:2]
        alpha_small = _unit(shrink(alpha_u8, (columns, rows)))
        scale = rows / REFERENCE_HEIGHT
        if color.foreground == "blur_fusion":
            wide, narrow = max(2, round(WIDE_PX * scale)), max(1, round(NARROW_PX * scale))
            means = estimate_means(small, alpha_small, wide, narrow, self._scratch)
            unmix(image, alpha_u8, means, front)
        if back is None or not (color.match or color.light_wrap):
            return front
        back_small = shrink(back, (columns, rows))
        if color.match:
            tables = self._match.tables(small, alpha_small, back_small, time_s)
            cv2.LUT(front, tables[:, None, :].transpose(1, 0, 2), front)
        if color.light_wrap:
            radius = max(1, round(color.light_wrap_px * scale))
            screen_light(
                front, alpha_u8, wrap_light(back_small, alpha_small, radius, color.light_wrap)
            )
        return front

    def _warm_up(self) -> None:
        """Compile every kernel that this run calls, before the first frame waits for it."""
        chosen = self._background
        if not isinstance(chosen, SceneBackground):
            self._background = ColourBackground((0, 0, 0))  # a video's clock must not start here
        image = np.zeros((64, 64, 3), np.uint8)
        alpha = np.full((64, 64), 0.5, np.float32)
        alpha[:6] = 0
        alpha[2, 2] = 0.5  # an island: it is removed by kernels of its own
        for index in range(2):  # smoothing begins with the second
            self.render(image, alpha, index / 30)
        self.reset()
        self._background = chosen
        self._size_wh = (0, 0)


_KINDS: dict[View, PictureKind] = {
    "composite": "rgb",
    "matte": "gray",
    "foreground": "rgb",
    "side-by-side": "rgb",
    "cutout": "rgba",
}


def _known(view: str) -> View:
    for known in VIEWS:
        if known == view:
            return known
    raise ValueError(f"view {view!r}: must be one of {', '.join(VIEWS)}")


def _unit(values: NDArray[np.uint8]) -> MapF32:
    return np.multiply(values, np.float32(1 / 255), dtype=np.float32)
