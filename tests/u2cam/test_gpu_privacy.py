"""The promise of `tests/stream/test_privacy.py`, with frames that stay on the GPU.

Everything but the network is what a run takes; the network's failures are scripted. The secret is
in the right half of every frame, the matte covers the left.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tests.fakes import FakeSink, FakeSource
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.settings import EffectsSettings, MatteSettings
from u2cam.model.engines.device import Device
from u2cam.model.gpu_matter import GpuMatter
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.registry import find_spec
from u2cam.model.roi.gpu_matter import GpuRegionMatter
from u2cam.model.roi.region import FULL_FRAME
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings

pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("one_thread")]
WIDTH, HEIGHT = 64, 36
GREEN = (0, 177, 64)
FAR = WIDTH * 3 // 4
"""Columns from here on no refinement or smoothing of the matte reaches."""


class ScriptedEngine:
    """Foreground on the left, or in its lower half; what goes wrong comes by call number."""

    device_label = "made up"
    precision = "fp32"
    device = Device(torch.device("cpu"), "made up")

    def __init__(self, failures: dict[int, str], small: bool) -> None:
        self.failures = failures
        self.small = small
        self.calls = 0

    def mattes(self, x: Tensor) -> Tensor:
        failure = self.failures.get(self.calls)
        self.calls += 1
        if failure == "raise":
            raise RuntimeError("the device failed")
        if failure == "memory":
            raise torch.OutOfMemoryError("CUDA out of memory")
        alpha = torch.zeros((x.shape[0], *x.shape[2:]))
        alpha[:, x.shape[2] // 2 if self.small else 0 :, : x.shape[3] // 2] = 1
        broken = {"nan": torch.nan, "infinite": torch.inf, "high": 1.5, "low": -1.0}
        if failure in broken:
            alpha[-1, 5, 2 * x.shape[3] // 3] = broken[failure]
        return alpha

    def run(self, network_input: np.ndarray) -> np.ndarray:
        raise AssertionError("the host's path")


def secret(number: int) -> np.ndarray:
    return np.random.default_rng(number).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)


@settings(max_examples=15, deadline=None)
@given(
    failures=st.dictionaries(
        st.integers(0, 16),
        st.sampled_from(["raise", "memory", "nan", "infinite", "high", "low"]),
        max_size=6,
    ),
    live=st.booleans(),
    batch=st.sampled_from([1, 3]),
    smoothing=st.sampled_from(["flow", "off"]),
    small=st.booleans(),
)
def test_no_fault_of_the_device_lets_the_background_through(
    failures: dict[int, str], live: bool, batch: int, smoothing: Any, small: bool
) -> None:
    engine: Any = ScriptedEngine(failures, small)
    network = LoadedNetwork(find_spec("u2netp"), engine, input_size_wh=(32, 18), degrades=live)
    matter = GpuRegionMatter(GpuMatter(network, engine, batch=batch))
    effects = EffectsSettings(matte=MatteSettings(smoothing=smoothing))
    renderer = GpuRenderer(matter.torch_device, Presentation("#00b140"), effects)
    sink = FakeSink(paced=live)
    run = Pipeline(
        FakeSource([secret(number) for number in range(14)], live=live, rate=Fraction(100)),
        GpuCompositor(matter, renderer),
        [sink],
        live=live,
        settings=PipelineSettings(hold_after_s=0.05, max_failures=4),
        capture=CaptureSettings(),
    )
    try:
        run.run()
    except (RuntimeError, ValueError) as failure:
        assert failure.__notes__
    shown = [picture for picture in sink.pictures if not picture.placeholder]
    for picture in shown:
        assert (picture.image[:, FAR:] == GREEN).all(), f"camera pixels in {picture.pts}"
    if not failures and not live:
        assert len(shown) == 14
        # The property would notice: the person's half is the camera's.
        assert not (shown[0].image[-4:, : WIDTH // 8] == GREEN).all(axis=2).any()
        assert (matter.flow.planner.crop != FULL_FRAME) == small
