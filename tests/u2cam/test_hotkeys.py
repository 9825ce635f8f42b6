"""What a key in the window does, and what it must not do to the window."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.fakes import FakeGui, FakeMatter, FakeSink, FakeSource, numbered_image
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.hotkeys import HotKeys
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.window import WindowSink

pytestmark = pytest.mark.timeout(60)


def run_with_keys(
    presentation: Presentation, keys: list[int], others: list[Sink]
) -> tuple[Any, FakeGui]:
    """Run 40 frames through a window whose viewer presses keys, one per picture."""
    hot_keys, gui = HotKeys(), FakeGui(keys)
    compositor = CpuCompositor(FakeMatter(), CpuRenderer(presentation))
    pipeline = Pipeline(
        FakeSource([numbered_image(n) for n in range(40)], rate=Fraction(200)),
        compositor,
        [WindowSink(hot_keys.press, gui=gui), *others],
        live=False,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
    )
    hot_keys.connect(pipeline, compositor)
    pipeline.run()
    return pipeline, gui


@pytest.mark.parametrize("alone", [True, False])
def test_a_background_that_is_gone_costs_a_line_and_no_window(
    tmp_path: Path, alone: bool, caplog: pytest.LogCaptureFixture
) -> None:
    wall = tmp_path / "wall.png"
    cv2.imwrite(str(wall), np.zeros((36, 64, 3), np.uint8))
    presentation = Presentation("red", backgrounds=("red", str(wall), "blur"))
    wall.unlink()
    others: list[Sink] = [] if alone else [FakeSink()]
    run, gui = run_with_keys(presentation, [-1, ord("b"), -1, ord("v")], others)
    assert run.failed_sinks == {}
    assert len(gui.shown) == 40
    assert gui.shown[-1][0, 0].tolist() != gui.shown[0][0, 0].tolist(), "key v still works"
    assert "key b: " in caplog.text
    assert "wall.png" in caplog.text


def test_keys_before_the_run_do_nothing() -> None:
    HotKeys().press("next_background")
