"""After a gap a person who has moved is in the first picture, though a crop was in use before."""

from typing import Any

import numpy as np
import pytest

from tests.fakes import FakeSink, FakeSource
from u2cam.core.errors import SourceLost
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
from u2cam.model.roi.matter import RegionMatter
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings

pytestmark = pytest.mark.timeout(60)
SIZE_WH = (640, 360)
LOST_AT = 10


class Bright:
    """A network that takes what is bright for a person."""

    device_label = "made up"
    precision = "fp32"

    def run(self, network_input: np.ndarray) -> np.ndarray:
        return (network_input[0, ..., 0] > 127).astype(np.float32)


def person_at(left: int) -> np.ndarray:
    image = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    image[180:, left : left + 140] = 255
    return image


def test_the_first_picture_after_a_gap_has_the_whole_person() -> None:
    source = FakeSource(
        [person_at(40)] * LOST_AT + [person_at(460)] * 2,
        fail_at=LOST_AT,
        error=SourceLost("fake: unplugged"),
    )
    engine: Any = Bright()
    matter = RegionMatter(NetworkMatter(LoadedNetwork(find_spec("u2net_live"), engine)))
    sink = FakeSink()
    Pipeline(
        source,
        CpuCompositor(matter, CpuRenderer(Presentation(view="matte"), raw_matte=True)),
        [sink],
        live=False,
        settings=PipelineSettings(),
        capture=CaptureSettings(reconnect_min_s=0.01),
    ).run()
    before, after = sink.pictures[LOST_AT - 1].image, sink.pictures[LOST_AT].image
    assert before[200:340, 60:160].mean() > 250
    assert after[200:340, 480:580].mean() > 250
    assert after[200:340, 60:160].max() == 0
