"""Crops around the person for frames on a GPU, as on the host."""

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.core.frame import single_frame
from u2cam.model.engines.device import Device
from u2cam.model.gpu_matter import GpuMatter
from u2cam.model.inputs.recurrent_input import GAIN, SHIFT
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
from u2cam.model.roi.gpu_matter import GpuArrays, GpuRegionMatter
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.roi.region import FULL_FRAME, PARTS

pytestmark = pytest.mark.usefixtures("one_thread")
SIZE = (640, 360)


class Bright:
    """A network that takes what is bright for a person, on the host and on a GPU alike."""

    device_label = "made up"
    precision = "fp32"
    device = Device(torch.device("cpu"), "made up")

    def __init__(self, least: float = 0.0) -> None:
        self.asked: list[NDArray[np.float32]] = []
        self.broken = False
        self.least = least
        """People who fill less of its input are overlooked."""

    def run(self, network_input: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._matte(network_input[0].astype(np.float32))

    def mattes(self, x: Tensor) -> Tensor:
        assert x.shape[0] == 1
        levels = x[0].permute(1, 2, 0).numpy()
        levels = (levels - np.float32(SHIFT)) / np.float32(GAIN)
        return torch.from_numpy(self._matte(levels))[None]

    launch = mattes

    def _matte(self, levels: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked.append(levels.round())
        if self.broken:
            return np.full(levels.shape[:2], np.nan, np.float32)
        person = levels[..., 0] > 127
        return (person & (person.mean() >= self.least)).astype(np.float32)


def desk(left: int, top: int = 180) -> NDArray[np.uint8]:
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    image[top:, left : left + 140] = 255
    return image


def on_gpu(least: float = 0.0) -> tuple[GpuRegionMatter, Bright]:
    engine = Bright(least)
    network = LoadedNetwork(find_spec("u2net_live"), engine)
    return GpuRegionMatter(GpuMatter(network, engine)), engine


def on_host() -> tuple[RegionMatter, Bright]:
    engine = Bright()
    return RegionMatter(NetworkMatter(LoadedNetwork(find_spec("u2net_live"), engine))), engine


def in_flight(matter: GpuRegionMatter, images: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """The mattes of frames in the frames' size, each run before the one before it is learnt."""
    shown = []
    before = None
    for image in images:
        made = matter.mattes([torch.from_numpy(image)])
        if before is not None:
            before.learn(before.summaries[0].numpy())
        before = made
        alpha = cv2.resize(made.alphas[0].numpy(), SIZE)
        shown.append(cv2.convertScaleAbs(alpha, alpha=255).astype(np.uint8))
    if before is not None:
        before.learn(before.summaries[0].numpy())
    return shown


def test_a_person_who_stays_is_seen_in_the_same_crop_as_on_the_host() -> None:
    matter, engine = on_gpu()
    host, host_engine = on_host()
    in_flight(matter, [desk(200)] * 4)
    for _ in range(4):
        host.matte(single_frame(desk(200)))
    assert matter.flow._crop == host.flow._crop != FULL_FRAME
    assert len(engine.asked) == len(host_engine.asked)
    for here, there in zip(engine.asked, host_engine.asked, strict=True):
        assert np.abs(here[..., :3] - there[..., :3]).max() <= 3
        # The crop's sides fall between pixels of the matte that is fed back.
        assert (np.abs(here[..., 3] - there[..., 3]) > 3).mean() < 0.01


def test_the_matte_of_a_person_who_walks_is_complete() -> None:
    matter, _ = on_gpu()
    lefts = [200] * 3 + list(range(204, 320, 4))
    pictures = in_flight(matter, [desk(left) for left in lefts])
    assert matter.flow._crop != FULL_FRAME
    assert len(pictures) == len(lefts)
    for left, picture in zip(lefts, pictures, strict=True):
        truth = desk(left)[..., 0]
        assert np.abs(picture.astype(int) - truth).mean() < 2.5


def test_what_is_fed_back_goes_along_as_on_the_host() -> None:
    matter, engine = on_gpu()
    in_flight(matter, [desk(left) for left in [200] * 3 + list(range(206, 380, 6))])
    for asked in engine.asked[6:]:
        seen = asked[..., 0] > 127
        if asked[..., 3].any():
            assert (seen & (asked[..., 3] > 127)).sum() > 0.85 * seen.sum()


def test_a_new_person_outside_the_crop_is_shown_after_a_full_frame_pass() -> None:
    matter, _ = on_gpu()
    in_flight(matter, [desk(40)] * 3)
    both = np.maximum(desk(40), desk(480))
    matter.flow.planner._since_pass = 50
    pictures = in_flight(matter, [both] * 16)
    shown = [bool(picture[300, 540] > 200) for picture in pictures]
    assert not shown[0] and shown[-1]
    assert all(shown[shown.index(True) :])


def far(left: int, top: int) -> NDArray[np.uint8]:
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    image[top : top + 100, left : left + 40] = 255
    return image


@pytest.mark.parametrize(("left", "top"), [(300, 120), (5, 5), (590, 255)])
def test_a_person_too_small_for_the_full_frame_is_found_in_the_first_frame(
    left: int, top: int
) -> None:
    matter, _ = on_gpu(least=0.03)
    for picture in in_flight(matter, [far(left, top)] * 4):
        assert np.abs(picture.astype(int) - far(left, top)[..., 0]).mean() < 2.5


def test_a_small_person_who_comes_later_is_found_and_stays() -> None:
    matter, _ = on_gpu(least=0.03)
    frames = [far(0, 0) * 0] * 12 + [far(500, 200)] * (8 * len(PARTS) + 3)
    shown = [bool(picture[250, 520] > 200) for picture in in_flight(matter, frames)]
    assert shown == sorted(shown) and not any(shown[:13]) and shown[-1]


def test_a_broken_first_frame_is_not_searched() -> None:
    matter, engine = on_gpu()
    in_flight(matter, [far(0, 0) * 0])
    searched = len(engine.asked)
    matter, engine = on_gpu()
    engine.broken = True
    in_flight(matter, [far(0, 0) * 0])
    assert len(engine.asked) <= searched - len(PARTS)


def test_a_broken_matte_stays_broken_and_the_next_frame_is_run_in_full() -> None:
    matter, engine = on_gpu()
    in_flight(matter, [desk(200)] * 3)
    engine.broken = True
    made = matter.mattes([torch.from_numpy(desk(200))])
    assert torch.isnan(made.alphas).any()
    made.learn(made.summaries[0].numpy())
    assert matter.flow.planner.crop == FULL_FRAME


def test_from_a_frame_that_was_run_before_a_reset_nothing_is_learnt() -> None:
    matter, _ = on_gpu()
    in_flight(matter, [desk(200)] * 3)
    before = matter.mattes([torch.from_numpy(desk(200))])
    matter.forget()
    now = matter.mattes([torch.zeros((SIZE[1], SIZE[0], 3), dtype=torch.uint8)])
    before.learn(before.summaries[0].numpy())
    assert matter.flow.planner.crop == FULL_FRAME
    now.learn(now.summaries[0].numpy())
    assert matter.flow.planner.crop == FULL_FRAME


def test_a_summary_is_small_and_never_broken() -> None:
    alpha = torch.tensor([[0.0, 9.0, 0.5], [9.0, 9.0, 9.0], [torch.nan, 9.0, torch.inf]])
    summary = GpuArrays().summary(alpha[None])
    assert summary.tolist() == [[[0, 128], [0, 0]]]


def test_another_input_size_is_taken_at_once() -> None:
    matter, engine = on_gpu()
    in_flight(matter, [desk(200)] * 3)
    matter.use_input_size((256, 144))
    pictures = in_flight(matter, [desk(200)] * 3)
    assert engine.asked[-1].shape[:2] == (144, 256)
    assert np.abs(pictures[-1].astype(int) - desk(200)[..., 0]).mean() < 2.5
