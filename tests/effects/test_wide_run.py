"""A run that keeps high dynamic range: backgrounds are brought into the space of its frames."""

import numpy as np
import pytest

from tests.color_science import hdr_signal
from u2cam.core.frame import single_frame
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.imaging.color_tags import ColorTags


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_backgrounds_before_and_during_the_run(transfer: str) -> None:
    presentation = Presentation("#00b140")
    renderer = CpuRenderer(presentation)
    presentation.use_frame_color(ColorTags("limited", "bt2020", "bt2020", transfer))
    frame = single_frame(np.full((48, 64, 3), 90, np.uint8))
    empty = np.zeros((48, 64), np.float32)
    for color, rgb in (("#00b140", (0, 177, 64)), ("#ffffff", (255, 255, 255))):
        presentation.set_background(color)
        wanted = 255 * hdr_signal(np.array([rgb], float), transfer, "bt2020")[0]
        assert np.abs(renderer.render(frame, empty).mean((0, 1)) - wanted).max() < 0.7


@pytest.mark.parametrize("background", ["blur", "#ffffff"])
def test_the_placeholder_is_no_brighter_than_diffuse_white(background: str) -> None:
    presentation = Presentation(background)
    presentation.use_frame_color(ColorTags("limited", "bt2020", "bt2020", "smpte2084"))
    shown = presentation.placeholder((320, 180), 0.0)
    assert 140 < shown.max() <= 149  # 58 % of PQ, by BT.2408
