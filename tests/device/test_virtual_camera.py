"""The virtual camera as other programs see it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.device.clients import closest_rate, opencv, pyav, v4l2_ctl, watch
from tests.device.processes import FORKS, started
from tests.device.scene import RATE, SIZE_WH, Image, is_composite, shows_room

Client = Callable[[str], AbstractContextManager[Callable[[], Image]]]


def check(pictures: list[Image]) -> None:
    """All are composites: no placeholder, and nothing of the room."""
    assert pictures
    for picture in pictures:
        assert picture.shape == (SIZE_WH[1], SIZE_WH[0], 3)
        assert not shows_room(picture)
        assert is_composite(picture), picture[::30, ::40].tolist()


@pytest.mark.parametrize("client", [opencv, pyav])
def test_a_client_sees_the_composite_at_its_size_and_colours(client: Client, program: str) -> None:
    with client(program) as read:
        check([read() for _ in range(15)])


def test_v4l2_ctl_sees_the_composite(program: str, tmp_path: Path) -> None:
    check(v4l2_ctl(program, SIZE_WH, 8, tmp_path)[1:])


def test_pictures_leave_at_the_cameras_rate(program: str) -> None:
    with opencv(program) as read:
        rate = closest_rate(read, RATE)
    assert abs(rate - RATE) <= 0.05 * RATE, rate


@pytest.mark.parametrize("client", [opencv, pyav])
def test_clients_that_come_and_go_disturb_nobody(client: Client, program: str) -> None:
    receiving, sending = FORKS.Pipe(duplex=False)
    going, go = FORKS.Pipe(duplex=False)
    with started(watch, program, going, sending) as stays:
        assert receiving.poll(60) and receiving.recv() == "watching"
        for _ in range(4):
            with client(program) as read:
                check([read() for _ in range(3)])
        assert stays.is_alive()
        go.send("now")
        assert receiving.poll(60), stays.exitcode
        pictures, longest_s = receiving.recv()
    check(pictures)
    # Each who came got three: one that was there already, and two that the other saw too.
    assert len(pictures) >= 4 * 2
    assert longest_s < 2


def test_two_clients_see_the_same(program: str) -> None:
    with opencv(program) as one, pyav(program) as other:
        for _ in range(10):
            check([one(), other()])
