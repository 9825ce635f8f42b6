"""Renders on the CPU: from a frame and its matte to the picture that the viewer sees.

Fulfils the pipeline's `Renderer`; used by the composite thread.
"""

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8, ImageU8
from u2cam.core.frame import Frame, single_frame
from u2cam.core.scene import SceneGate
from u2cam.effects.backgrounds.base import Background, ColourBackground, SceneBackground
from u2cam.effects.color.composite import blend, blend_linear, cut_out
from u2cam.effects.color.placed import place, place_matte, under
from u2cam.effects.color.steps import ColorSteps
from u2cam.effects.grid import grid_size
from u2cam.effects.matte.steps import MatteSteps, resize_matte
from u2cam.effects.presentation import Presentation
from u2cam.effects.settings import EffectsSettings
from u2cam.imaging.pyramid import Pyramid


class CpuRenderer:
    """The picture of a run: matte steps, colour steps, background and view."""

    def __init__(
        self,
        presentation: Presentation,
        settings: EffectsSettings | None = None,
        *,
        raw_matte: bool = False,
    ) -> None:
        """Compile the kernels, so that the first frame need not wait for that.

        Args:
            presentation: what is shown.
            settings: of matte and colour; None takes the defaults.
            raw_matte: the network's matte, only resized.
        """
        settings = settings or EffectsSettings()
        self.presentation = presentation
        self._raw_matte = raw_matte
        self._linear_light = settings.color.linear_light
        self._placement = settings.background.placement
        self._matte = MatteSteps(settings.matte)
        self._color = ColorSteps(settings.color)
        self._scene = SceneGate()
        self._warm_up()

    def render(self, frame: Frame, alpha: AlphaF32) -> NDArray[np.uint8]:
        """Return the picture for a frame and its matte.

        Args:
            frame: not written into. Smoothing and moving backgrounds follow its time; smoothing
                begins anew where its scene changed.
            alpha: (h, w) float32 in [0, 1] over the same field of view, of any size.

        Returns:
            A new array of the run's kind: (H, W, 3) RGB, twice as wide for side-by-side,
            (H, W, 4) straight RGBA for cutout, (H, W) gray for matte.

        Raises:
            ValueError: not a frame, or not a matte (dimensions, or a value that is not finite).
        """
        require_image(frame)
        if alpha.ndim != 2 or not alpha.size or not np.isfinite(alpha).all():
            raise ValueError(f"effects: a matte is (h, w) and finite, got {alpha.shape}")
        if self._scene.is_new(frame.scene):
            self._forget()
        self.presentation.frame_wh = frame.size_wh
        return self._render(frame, alpha, self.presentation.background)

    def reset(self) -> None:
        """Forget smoothing state before the next frame; from any thread."""
        self._scene.reset()

    def _forget(self) -> None:
        self._matte.reset()
        self._color.reset()

    def _render(self, frame: Frame, alpha: AlphaF32, background: Background) -> NDArray[np.uint8]:
        view = self.presentation.view
        picture = Pyramid(np.ascontiguousarray(frame.image), frame.levels)
        small = picture.at(grid_size(frame.size_wh))
        # A network's matte may be cut out of a larger array: without its bars.
        alpha = np.ascontiguousarray(alpha, np.float32)
        alpha_u8 = self._alpha_u8(picture, small, alpha, frame.time_s)
        covered = frame.coverage
        if covered is not None:  # last of all: nothing may show the person where no picture is
            alpha_u8 = np.minimum(alpha_u8, covered)
        placement = self._placement
        if view == "matte":
            return alpha_u8 if placement is None else place_matte(alpha_u8, placement)
        matte = Pyramid(alpha_u8)
        back: ImageU8 | None = None
        if view in ("composite", "side-by-side"):
            if isinstance(background, SceneBackground):
                # To a blur, what is not there is as little of the scene as the person is.
                hidden = matte if covered is None else Pyramid(np.maximum(alpha_u8, ~covered))
                back = background.from_frame(picture, hidden)
            else:
                back = background.picture(frame.size_wh, frame.time_s)
        behind = back
        if back is not None and placement is not None:
            behind = under(back, placement)
        front = self._color.foreground(picture, small, matte, behind, frame.time_s)
        if placement is not None:
            front, alpha_u8 = place(front, alpha_u8, placement)
        if view == "cutout":
            return cut_out(front, alpha_u8)
        if back is None:
            return blend(front, np.zeros_like(front), alpha_u8)
        mixed = (blend_linear if self._linear_light else blend)(front, back, alpha_u8)
        return np.hstack([frame.image, mixed]) if view == "side-by-side" else mixed

    def _alpha_u8(
        self, picture: Pyramid, small: ImageU8, alpha: AlphaF32, time_s: float
    ) -> AlphaU8:
        if self._raw_matte:
            return resize_matte(alpha, (picture.image.shape[1], picture.image.shape[0]))
        return self._matte.alpha_u8(picture.image, small, alpha, time_s)

    def _warm_up(self) -> None:
        """Compile every kernel that this run calls."""
        background = self.presentation.background
        if not isinstance(background, SceneBackground):
            background = ColourBackground((0, 0, 0))  # a video's clock must not start here
        alpha = np.full((64, 64), 0.5, np.float32)
        alpha[:6] = 0
        alpha[2, 2] = 0.5  # an island: it is removed by kernels of its own
        for index in range(2):  # smoothing begins with the second
            frame = single_frame(np.zeros((64, 64, 3), np.uint8), index / 30)
            self._render(frame, alpha, background)
        self._forget()


def require_image(frame: Frame) -> None:
    """Refuse what is no frame's image.

    Raises:
        ValueError: not (H, W, 3) uint8 with at least one pixel, or with a coverage of another size.
    """
    image, coverage = frame.image, frame.coverage
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise ValueError(f"effects: a frame is (H, W, 3) uint8, got {image.shape} {image.dtype}")
    if coverage is not None and (coverage.shape != image.shape[:2] or coverage.dtype != np.uint8):
        raise ValueError(
            f"effects: a frame's coverage is {image.shape[:2]} uint8, "
            f"got {coverage.shape} {coverage.dtype}"
        )
