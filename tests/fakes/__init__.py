"""Stand-ins for devices, networks and effects, scripted by the tests that use them."""

from tests.fakes.capture import FakeCapture, Step
from tests.fakes.clock import FakeClock
from tests.fakes.compositor import FakeGpuCompositor
from tests.fakes.gui import FakeGui
from tests.fakes.image import numbered_image
from tests.fakes.matter import Failure, FakeMatter, FakePropagator
from tests.fakes.renderer import FakeRenderer
from tests.fakes.sink import FakeSink
from tests.fakes.source import TIME_BASE, FakeSource
from tests.fakes.virtual_backend import FakeVirtualBackend

__all__ = [
    "TIME_BASE",
    "Failure",
    "FakeCapture",
    "FakeClock",
    "FakeGpuCompositor",
    "FakeGui",
    "FakeMatter",
    "FakePropagator",
    "FakeRenderer",
    "FakeSink",
    "FakeSource",
    "FakeVirtualBackend",
    "Step",
    "numbered_image",
]
