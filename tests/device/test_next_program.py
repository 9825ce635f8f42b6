"""What a run leaves behind: a virtual camera that the next program can use."""

from tests.device.clients import opencv
from tests.device.conftest import VIRTUAL
from tests.device.processes import interrupt, ready
from tests.device.program import run
from tests.device.scene import is_composite


def test_ctrl_c_leaves_the_device_usable_by_the_next_program(camera: str) -> None:
    for _ in range(2):
        with ready(run, camera, VIRTUAL) as process, opencv(VIRTUAL) as read:
            assert all(is_composite(read()) for _ in range(3))
            assert interrupt(process) == 0


def test_a_killed_program_leaves_the_device_usable_by_the_next(camera: str) -> None:
    with ready(run, camera, VIRTUAL) as process:
        process.kill()
        process.join(10)
    with ready(run, camera, VIRTUAL), opencv(VIRTUAL) as read:
        assert all(is_composite(read()) for _ in range(3))
