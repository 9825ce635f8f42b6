"""The camera goes away and comes back while somebody watches."""

import time

from tests.device.clients import opencv
from tests.device.conftest import _feed
from tests.device.processes import ready
from tests.device.program import run
from tests.device.scene import is_composite, is_holding, shows_room

PATIENCE_S = 60.0


def test_a_killed_camera_shows_the_holding_picture_and_comes_back_without_a_raw_frame() -> None:
    seen = 0
    with (
        ready(_feed, "/dev/video0") as first,
        ready(run, "/dev/video0", "/dev/video10"),
        opencv("/dev/video10") as read,
    ):
        assert is_composite(read())
        first.kill()
        first.join(10)
        begin_s = time.monotonic()
        while not is_holding(picture := read()):
            assert not shows_room(picture)
            assert time.monotonic() - begin_s < PATIENCE_S, "no holding picture"
            seen += 1
        time.sleep(4)  # Longer than the camera may stall: the program lets go of it.
        with ready(_feed, "/dev/video0"):
            begin_s = time.monotonic()
            while not is_composite(picture := read()):
                assert not shows_room(picture)
                assert time.monotonic() - begin_s < PATIENCE_S, "the camera did not come back"
                seen += 1
            assert all(is_composite(read()) for _ in range(10))
    assert seen
