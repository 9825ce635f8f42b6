"""What a network with a memory is told, on the host and on a device alike."""

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from u2cam.model.engines.device import Device
from u2cam.model.engines.torch import NetworkInput
from u2cam.model.gpu_matter import DeviceLooks
from u2cam.model.recurrence import AFRESH_EVERY, SECOND_LOOKS, HostLooks

FIRST_RUNS = 1 + SECOND_LOOKS


class Forgetful:
    """A network that sees somebody as surely as it is set to, told something or told nothing."""

    device_label = "made up"
    precision = "fp32"
    device = Device(torch.device("cpu"), "made up")

    def __init__(self) -> None:
        self.told_something = self.told_nothing = 1.0
        self.told: list[float] = []

    def run(self, network_input: NetworkInput) -> np.ndarray:
        return self._matte(network_input[0, ..., 3] / 255)

    def mattes(self, x: Tensor) -> Tensor:
        return torch.from_numpy(self._matte(x[0, 3].numpy()))[None]

    def _matte(self, told: np.ndarray) -> np.ndarray:
        self.told.append(float(told.max()))
        return np.full(told.shape, self.told_something if told.any() else self.told_nothing, "f4")


class Watching:
    """Looks of either kind at one picture again and again."""

    def __init__(self, kind: str) -> None:
        self.network = Forgetful()
        self.looks: HostLooks | DeviceLooks
        self.looks = HostLooks(self.network) if kind == "host" else DeviceLooks(self.network)  # type: ignore[arg-type]

    def look(self, count: int) -> list[float]:
        """Look so many times; return what the network was told in each of its runs, at most."""
        self.network.told.clear()
        for _ in range(count):
            if isinstance(self.looks, HostLooks):
                self.looks.look(np.full((9, 16, 3), 90, np.uint8))
            else:
                self.looks.look(torch.zeros(3, 9, 16))
        return self.network.told


@pytest.fixture(params=["host", "device"])
def watching(request: pytest.FixtureRequest) -> Watching:
    return Watching(request.param)


def test_one_picture_of_many_is_also_seen_told_nothing(watching: Watching) -> None:
    watching.look(1)
    told = watching.look(3 * AFRESH_EVERY)
    assert told.count(0.0) == 3 and len(told) == 3 * AFRESH_EVERY + 3
    assert np.diff(np.flatnonzero(np.array(told) == 0.0)).tolist() == [AFRESH_EVERY + 1] * 2


def test_what_memory_lost_is_told_at_half_strength_in_every_picture(watching: Watching) -> None:
    watching.look(1)
    watching.network.told_something = 0.0
    told = watching.look(2 * AFRESH_EVERY)
    assert told[0] == 1.0
    assert [one for one in told[1:] if one] == pytest.approx(
        [0.5] * (2 * AFRESH_EVERY - 1), abs=0.01
    )


def test_what_came_later_is_told_once_it_is_seen_without_memory(watching: Watching) -> None:
    watching.network.told_nothing = watching.network.told_something = 0.0
    watching.look(1)
    watching.network.told_nothing = 1.0
    assert max(watching.look(1)) == 0.0  # The network sees it without what it was told.
    assert watching.look(1)[-1] == 1.0


def test_what_is_gone_is_told_until_the_next_picture_seen_without_memory(
    watching: Watching,
) -> None:
    watching.look(1)
    watching.network.told_nothing = watching.network.told_something = 0.0
    told = watching.look(AFRESH_EVERY + 2)
    assert told[1] == pytest.approx(0.5, abs=0.01) and told[-2:] == [0.0, 0.0]


def test_a_hint_takes_nothing_from_what_is_remembered(watching: Watching) -> None:
    watching.look(1)
    watching.network.told_nothing = 0.0
    told = watching.look(2 * AFRESH_EVERY)
    assert [one for one in told if one] == [1.0] * (2 * AFRESH_EVERY)


def test_forgetting_forgets_the_hint_too(watching: Watching) -> None:
    watching.look(2)
    watching.looks.forget()
    watching.network.told_nothing = 0.0
    assert watching.look(1) == [0.0] * FIRST_RUNS


def test_a_broken_matte_hints_at_nothing(watching: Watching) -> None:
    watching.look(AFRESH_EVERY - 1)
    watching.network.told_nothing = float("nan")
    watching.look(2)
    watching.network.told_nothing = watching.network.told_something = 0.0
    assert watching.look(3)[-1] == 0.0


def test_what_is_carried_to_another_view_is_the_same_on_the_host_and_on_a_device() -> None:
    told = np.random.default_rng(2).integers(0, 256, (36, 64)).astype(np.uint8)
    told = cv2.GaussianBlur(told, (0, 0), 2)
    network = Forgetful()
    for scale, shift_x, shift_y in ((1.0, 3.0, -2.0), (0.8, 5.5, 7.25), (1.3, -8.0, -4.5)):
        matrix = np.array(((scale, 0.0, shift_x), (0.0, scale, shift_y)))
        host = HostLooks(network)._carried(told, matrix)
        tensor = torch.from_numpy(told / np.float32(255))[None]
        device = DeviceLooks(network)._carried(tensor, matrix)[0].numpy() * 255  # type: ignore[arg-type]
        assert np.abs(host - device).max() < 4  # OpenCV goes by steps of a 32nd of a pixel.
        inside = (10, 12)
        there = round(inside[0] * scale + shift_y), round(inside[1] * scale + shift_x)
        assert abs(float(host[inside]) - float(told[there])) < 12
