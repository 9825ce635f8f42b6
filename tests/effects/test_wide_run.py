"""A run that keeps high dynamic range: backgrounds are brought into the space of its frames."""

import numpy as np
import pytest

from tests.color_science import hdr_signal
from u2cam.effects.chain import EffectsChain
from u2cam.imaging.color_tags import ColorTags

SIZE_WH = (64, 48)


@pytest.mark.parametrize("transfer", ["arib-std-b67", "smpte2084"])
def test_backgrounds_before_and_during_the_run(transfer: str) -> None:
    chain = EffectsChain(background="#00b140")
    chain.use_frame_color(ColorTags("limited", "bt2020", "bt2020", transfer))
    frame, nobody = np.full((48, 64, 3), 90, np.uint8), np.zeros((48, 64), np.float32)
    for color, rgb in (("#00b140", (0, 177, 64)), ("#ffffff", (255, 255, 255))):
        chain.set_background(color)
        wanted = 255 * hdr_signal(np.array([rgb], float), transfer, "bt2020")[0]
        assert np.abs(chain.render(frame, nobody, 0.0).mean((0, 1)) - wanted).max() < 0.7


@pytest.mark.parametrize("background", ["blur", "#ffffff"])
def test_the_placeholder_is_no_brighter_than_diffuse_white(background: str) -> None:
    chain = EffectsChain(background=background)
    chain.use_frame_color(ColorTags("limited", "bt2020", "bt2020", "smpte2084"))
    shown = chain.holding_picture((320, 180), 0.0)
    assert 140 < shown.max() <= 149  # 58 % of PQ, by BT.2408
