"""Device tests run in the guest of `make test-device`; anywhere else they are skipped by name."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.feeder import feed
from tests.device.processes import ready
from tests.device.program import run
from tests.device.scene import SIZE_WH
from tests.device.v4l2 import is_guest

HERE = Path(__file__).resolve().parent
CAMERA = "/dev/video0"
VIRTUAL = "/dev/video10"
SPARE = "/dev/video20"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    guest = is_guest()
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(180))
            if not guest:
                item.add_marker(pytest.mark.skip(reason="needs the guest: make test-device"))


@pytest.fixture
def camera() -> Iterator[str]:
    """A camera that gives pictures of the usual size at 15 fps."""
    with ready(_feed, CAMERA):
        yield CAMERA


def _feed(path: str, event: object) -> None:
    feed(path, event, SIZE_WH)  # type: ignore[arg-type]


@pytest.fixture
def program(camera: str) -> Iterator[str]:
    """The program between camera and virtual camera; gives the latter's path."""
    with ready(run, camera, VIRTUAL):
        yield VIRTUAL
