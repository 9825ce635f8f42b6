"""`output.on_demand`: the camera is on only while the virtual one has a viewer."""

import time

from tests.device.clients import opencv, pyav, watch_until
from tests.device.conftest import CAMERA, VIRTUAL
from tests.device.feeder import feed
from tests.device.processes import ready, until
from tests.device.program import run
from tests.device.scene import is_composite
from u2cam.stream.devices.cameras import holders, list_devices


def is_on() -> bool:
    """Whether anybody besides the feeder has the camera open."""
    return len(holders(CAMERA)) > 1


def test_the_camera_is_on_only_while_somebody_watches() -> None:
    with ready(feed, CAMERA), ready(run, CAMERA, VIRTUAL, on_demand=True):
        until(lambda: not is_on(), "the camera is on without a viewer")
        for _ in range(4):
            list_devices()  # A look at the device, as programs do that offer a choice.
            time.sleep(0.5)
            assert not is_on()
        with opencv(VIRTUAL) as read:
            # The camera may be on before the first read: opening takes longer than settling.
            watch_until(is_composite, read, "the camera does not come on")
            assert is_on()
            for _ in range(2):
                with pyav(VIRTUAL) as other:
                    assert is_composite(other())
                    assert is_composite(read())
            # Longer than the camera lingers: the one that stays counts.
            until_s = time.monotonic() + 7
            while time.monotonic() < until_s:
                assert is_composite(read())
        until(lambda: not is_on(), "the camera stays on without a viewer")
