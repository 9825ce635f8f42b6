"""The virtual camera as other programs see it."""

import shutil
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.device.clients import opencv, pyav, v4l2_ctl, watch
from tests.device.processes import FORKS, interrupt, ready, started
from tests.device.program import run
from tests.device.scene import RATE, SIZE_WH, Image, is_composite, shows_room

Client = Callable[[str], AbstractContextManager[Callable[[], Image]]]


def check(pictures: list[Image]) -> None:
    """All are composites: no holding picture, and nothing of the room."""
    for picture in pictures:
        assert picture.shape == (SIZE_WH[1], SIZE_WH[0], 3)
        assert not shows_room(picture)
        assert is_composite(picture), picture[::30, ::40].tolist()


@pytest.mark.parametrize("client", [opencv, pyav])
def test_a_client_sees_the_composite_at_its_size_and_colours(client: Client, program: str) -> None:
    with client(program) as read:
        check([read() for _ in range(15)])


def test_v4l2_ctl_sees_the_composite(program: str, tmp_path: Path) -> None:
    if shutil.which("v4l2-ctl") is None:
        pytest.skip("v4l2-ctl is not installed")
    check(v4l2_ctl(program, SIZE_WH, 8, tmp_path)[1:])


def test_pictures_leave_at_the_cameras_rate(program: str) -> None:
    with opencv(program) as read:
        read()
        begin_s, count = time.monotonic(), 0
        while time.monotonic() - begin_s < 4:
            read()
            count += 1
        rate = count / (time.monotonic() - begin_s)
    assert abs(rate - RATE) <= 0.05 * RATE


def test_a_client_that_comes_and_goes_disturbs_nobody(program: str) -> None:
    receiving, sending = FORKS.Pipe(duplex=False)
    with started(watch, program, 6.0, sending) as stays:
        for _ in range(3):
            with opencv(program) as read:
                check([read() for _ in range(3)])
            time.sleep(0.3)
        assert receiving.poll(60), stays.exitcode
        count, pictures, elapsed_s = receiving.recv()
    check(pictures)
    assert count / elapsed_s > 0.8 * RATE


def test_two_clients_see_the_same(program: str) -> None:
    receiving, sending = FORKS.Pipe(duplex=False)
    with started(watch, program, 2.0, sending), pyav(program) as read:
        check([read() for _ in range(20)])
        assert receiving.poll(60)
    check(receiving.recv()[1])


def test_ctrl_c_leaves_the_device_usable_by_the_next_program(camera: str) -> None:
    for _ in range(2):
        with ready(run, camera, "/dev/video10") as process, opencv("/dev/video10") as read:
            check([read() for _ in range(3)])
            assert interrupt(process) == 0


def test_a_killed_program_leaves_the_device_usable_by_the_next(camera: str) -> None:
    with ready(run, camera, "/dev/video10") as process:
        process.kill()
        process.join(10)
    with ready(run, camera, "/dev/video10"), opencv("/dev/video10") as read:
        check([read() for _ in range(3)])
