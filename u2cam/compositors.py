"""Puts network and effects together for a run: both on the GPU where that pays, else on the CPU.

`model.resident` is auto, on or off: whether frames may stay on the network's device from upload to
composite. What is decided against is logged with the reason; `on` is then refused in one line.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TypeAlias

import numpy as np

from u2cam.build import InputPlan
from u2cam.cli.arguments import Arguments, UsageError
from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.effects.backgrounds.procedural import BUILT_IN
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import EffectsSettings
from u2cam.model.build import gpu_matter, host_matter, keeps_frames_on_gpu, open_network
from u2cam.model.engines.cuda_graph import Recorded
from u2cam.settings import Settings
from u2cam.stream.media.limits import check_media

log = logging.getLogger(__name__)

RunCompositor: TypeAlias = CpuCompositor[CpuRenderer] | GpuCompositor


def effects_settings(settings: Settings) -> EffectsSettings:
    """Return the sections that the effects need."""
    return EffectsSettings(
        matte=settings.matte,
        color=settings.color,
        background=settings.background,
        holding=settings.holding,
    )


def build_presentation(arguments: Arguments, settings: Settings) -> Presentation:
    """Build what the pictures show: background and view.

    Raises:
        ValueError: a background that is not known, cannot be read or is too large.
    """
    background = Path(arguments.background.strip()).expanduser()
    if arguments.background.strip() and background.exists():
        check_media(background, settings.limits)
    return Presentation(
        arguments.background,
        arguments.view,
        settings=effects_settings(settings),
        backgrounds=tuple(dict.fromkeys((*BUILT_IN, "blur", arguments.background))),
    )
