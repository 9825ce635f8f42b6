"""Renderers for benchmarks that hand in frames and mattes themselves."""

import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import AlphaF32, ImageU8, single_frame
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import EffectsSettings


def cpu_renderer(
    background: str,
    view: str = "composite",
    settings: EffectsSettings | None = None,
    *,
    raw_matte: bool = False,
) -> CpuRenderer:
    """Build a renderer on the CPU; arguments as of `Presentation` and `CpuRenderer`."""
    presentation = Presentation(background, view, settings=settings)
    return CpuRenderer(presentation, settings, raw_matte=raw_matte)


def render(
    renderer: CpuRenderer, image: ImageU8, alpha: AlphaF32, time_s: float = 0.0
) -> NDArray[np.uint8]:
    """Render one image of a clip at a time."""
    return renderer.render(single_frame(image, time_s), alpha)
