"""What is fed back to a recurrent network, on the host and on a GPU alike."""

from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from u2cam.model.engines.device import Device
from u2cam.model.engines.torch import NetworkInput
from u2cam.model.gpu_recurrence import TorchBackend
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.recurrence import FIRST_PASSES, STATELESS_EVERY, NumpyBackend, Recurrence

FIRST_RUNS = 1 + FIRST_PASSES
BOX = Letterbox.fit((16, 9), (16, 9))


class Scripted:
    """A network with a confidence that is set, with and without the previous matte."""

    device_label = "made up"
    precision = "fp32"
    device = Device(torch.device("cpu"), "made up")

    def __init__(self) -> None:
        self.with_previous = self.stateless = 1.0
        self.fed_back: list[float] = []

    def run(self, network_input: NetworkInput) -> np.ndarray:
        return self._matte(network_input[0, ..., 3] / 255)

    def mattes(self, x: Tensor) -> Tensor:
        return torch.from_numpy(self._matte(x[0, 3].numpy()))[None]

    launch = mattes

    def _matte(self, previous: np.ndarray) -> np.ndarray:
        self.fed_back.append(float(previous.max()))
        return np.full(
            previous.shape, self.with_previous if previous.any() else self.stateless, "f4"
        )


class Repeating:
    """A recurrence of either backend that runs one picture again and again."""

    def __init__(self, kind: str) -> None:
        self.network = Scripted()
        self.recurrence: Any
        self.picture: Any
        if kind == "host":
            self.recurrence = Recurrence(NumpyBackend(self.network))
            self.picture = np.full((9, 16, 3), 90, np.uint8)
        else:
            self.recurrence = Recurrence(TorchBackend(self.network))
            self.picture = torch.zeros(3, 9, 16)

    def run(self, count: int) -> list[float]:
        """Run so many frames; return the most that was fed back in each run of the network."""
        self.network.fed_back.clear()
        for _ in range(count):
            self.recurrence.run(self.picture, BOX)
        return self.network.fed_back


@pytest.fixture(params=["host", "gpu"])
def repeating(request: pytest.FixtureRequest) -> Repeating:
    return Repeating(request.param)


def test_one_picture_of_many_is_also_seen_stateless(repeating: Repeating) -> None:
    repeating.run(1)
    fed_back = repeating.run(3 * STATELESS_EVERY)
    assert fed_back.count(0.0) == 3 and len(fed_back) == 3 * STATELESS_EVERY + 3
    assert np.diff(np.flatnonzero(np.array(fed_back) == 0.0)).tolist() == [STATELESS_EVERY + 1] * 2


def test_what_the_previous_matte_lost_is_fed_back_at_half_strength_in_every_frame(
    repeating: Repeating,
) -> None:
    repeating.run(1)
    repeating.network.with_previous = 0.0
    fed_back = repeating.run(2 * STATELESS_EVERY)
    assert fed_back[0] == 1.0
    assert [one for one in fed_back[1:] if one] == pytest.approx(
        [0.5] * (2 * STATELESS_EVERY - 1), abs=0.01
    )


def test_what_came_later_is_fed_back_after_a_stateless_pass(repeating: Repeating) -> None:
    repeating.network.stateless = repeating.network.with_previous = 0.0
    repeating.run(1)
    repeating.network.stateless = 1.0
    assert max(repeating.run(1)) == 0.0
    assert repeating.run(1)[-1] == 1.0


def test_what_is_gone_is_fed_back_until_the_next_stateless_pass(
    repeating: Repeating,
) -> None:
    repeating.run(1)
    repeating.network.stateless = repeating.network.with_previous = 0.0
    fed_back = repeating.run(STATELESS_EVERY + 2)
    assert fed_back[1] == pytest.approx(0.5, abs=0.01) and fed_back[-2:] == [0.0, 0.0]


def test_a_stateless_pass_takes_nothing_from_the_previous_matte(repeating: Repeating) -> None:
    repeating.run(1)
    repeating.network.stateless = 0.0
    fed_back = repeating.run(2 * STATELESS_EVERY)
    assert [one for one in fed_back if one] == [1.0] * (2 * STATELESS_EVERY)


def test_a_reset_forgets_the_stateless_pass_too(repeating: Repeating) -> None:
    repeating.run(2)
    repeating.recurrence.reset()
    repeating.network.stateless = 0.0
    assert repeating.run(1) == [0.0] * FIRST_RUNS


def test_nothing_of_a_broken_stateless_pass_is_fed_back(repeating: Repeating) -> None:
    repeating.run(STATELESS_EVERY - 1)
    repeating.network.stateless = float("nan")
    repeating.run(2)
    repeating.network.stateless = repeating.network.with_previous = 0.0
    assert repeating.run(3)[-1] == 0.0


def test_what_is_fed_back_moves_to_another_view_alike_on_the_host_and_on_a_gpu() -> None:
    fed_back = np.random.default_rng(2).integers(0, 256, (36, 64)).astype(np.uint8)
    fed_back = cv2.GaussianBlur(fed_back, (0, 0), 2)
    network = Scripted()
    for scale, shift_x, shift_y in ((1.0, 3.0, -2.0), (0.8, 5.5, 7.25), (1.3, -8.0, -4.5)):
        matrix = np.array(((scale, 0.0, shift_x), (0.0, scale, shift_y)))
        host = NumpyBackend(network).warp(fed_back, matrix)
        tensor = torch.from_numpy(fed_back / np.float32(255))[None]
        gpu = TorchBackend(network).warp(tensor, matrix)[0].numpy() * 255
        assert np.abs(host - gpu).max() < 4  # OpenCV goes by steps of a 32nd of a pixel.
        inside = (10, 12)
        there = round(inside[0] * scale + shift_y), round(inside[1] * scale + shift_x)
        assert abs(float(host[inside]) - float(fed_back[there])) < 12
