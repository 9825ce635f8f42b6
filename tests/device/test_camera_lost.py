"""The camera goes away and comes back while a viewer watches."""

import time

import pytest

from tests.device.clients import opencv, watch_until
from tests.device.conftest import CAMERA, USB_INDEX, VIRTUAL
from tests.device.feeder import feed
from tests.device.processes import ready
from tests.device.program import run
from tests.device.scene import (
    PLACEHOLDER,
    REPLACEMENT,
    Image,
    is_composite,
    is_placeholder,
    near,
    shows_room,
)
from tests.device.usb import LINK, plug_in, plug_out, plugged_in

GONE_S = 4.5
"""Longer than the camera may stall: the program lets go of it."""


def test_a_killed_camera_shows_the_placeholder_and_comes_back_without_a_raw_frame() -> None:
    with (
        ready(feed, CAMERA) as first,
        ready(run, CAMERA, VIRTUAL),
        opencv(VIRTUAL) as read,
    ):
        assert is_composite(read())
        first.kill()
        first.join(10)
        watch_until(is_placeholder, read, "no placeholder")
        time.sleep(GONE_S)
        with ready(feed, CAMERA):
            watch_until(is_composite, read, "the camera did not come back")
            assert all(is_composite(read()) for _ in range(10))


@pytest.mark.parametrize("given", [USB_INDEX, str(LINK)])
def test_a_camera_plugged_in_as_another_index_is_found_again(given: int | str) -> None:
    with (
        plugged_in(USB_INDEX),
        ready(run, given, VIRTUAL),
        opencv(VIRTUAL) as read,
    ):
        watch_until(is_replaced, read, "no composite")
        plug_out()
        watch_until(has_placeholder_corner, read, "no placeholder")
        plug_in(USB_INDEX + 1)
        watch_until(is_replaced, read, "the camera was not found again")
        assert all(is_replaced(read()) for _ in range(5))


def is_replaced(image: Image) -> bool:
    """The camera is on, and its corner, which is no person, is replaced."""
    return near(image[5:15, 5:15], REPLACEMENT) and not shows_room(image)


def has_placeholder_corner(image: Image) -> bool:
    """The placeholder's corner."""
    return near(image[5:15, 5:15], PLACEHOLDER)
