"""Device tests run in the guest of `make test-device`; anywhere else they are skipped by name."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.device.feeder import feed
from tests.device.processes import ready
from tests.device.program import run
from tests.device.usb import plugged_in
from tests.device.v4l2 import is_guest

HERE = Path(__file__).resolve().parent
CAMERA = "/dev/video0"
VIRTUAL = "/dev/video10"
USB_INDEX = 30


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    guest = is_guest()
    if os.environ.get("U2CAM_GUEST") == "1" and not guest:
        pytest.exit("the guest came up without its cameras", returncode=3)
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(180))
            if not guest:
                item.add_marker(pytest.mark.skip(reason="needs the guest: make test-device"))


@pytest.fixture
def camera() -> Iterator[str]:
    """A camera that gives pictures of the usual size and rate."""
    with ready(feed, CAMERA):
        yield CAMERA


@pytest.fixture(scope="module")
def program() -> Iterator[str]:
    """The program between a camera and the virtual camera, for all tests of a file; its path."""
    with ready(feed, CAMERA), ready(run, CAMERA, VIRTUAL):
        yield VIRTUAL


@pytest.fixture
def usb_camera() -> Iterator[str]:
    """A camera with sizes and rates to choose from, which can be plugged out."""
    with plugged_in(USB_INDEX) as path:
        yield path
