"""Where the network looks, on a device as on the host."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.core.frame import ComposedFrame, Frame
from u2cam.effects.gpu.chain import DeviceChain
from u2cam.effects.gpu.compositor import DevicePath
from u2cam.effects_slot import EffectsSlot
from u2cam.model.engines.device import Device
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.inputs.levels import GAIN, SHIFT
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
from u2cam.model.roi.gpu_matter import DeviceRegion, small
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.roi.tracker import PARTS, WHOLE

pytestmark = pytest.mark.usefixtures("one_thread")
SIZE = (640, 360)


class Bright:
    """A network that takes what is bright for a person, on the host and on a device alike."""

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


def frame(number: int, image: NDArray[np.uint8]) -> Frame:
    return Frame(image, number, number, Fraction(1, 30), 0.0)


def device(least: float = 0.0) -> tuple[DevicePath, DeviceRegion, Bright]:
    engine = Bright(least)
    matter = DeviceMatter(find_spec("u2net_live"), engine)  # type: ignore[arg-type]
    region = DeviceRegion(matter)
    chain = DeviceChain(torch.device("cpu"), None, "black", "matte", raw_matte=True)
    return DevicePath(matter, EffectsSlot(chain), region), region, engine


def host() -> tuple[RegionMatter, Bright]:
    engine = Bright()
    return RegionMatter(NetworkMatter(find_spec("u2net_live"), engine)), engine


def in_flight(path: DevicePath, images: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    """The pictures of frames, each submitted before the one before it is collected."""
    pictures = []
    for number, image in enumerate([*images, None]):
        if image is not None:
            path.submit([frame(number, image)])
        if number:
            promised = path.matte_size(SIZE)
            shown = ComposedFrame(frame(number, desk(0)), path.collect()[0], promised)
            pictures.append(np.asarray(shown.composite.picture))
    return pictures


def test_a_person_who_stays_is_seen_in_the_same_crop_as_on_the_host() -> None:
    path, region, engine = device()
    matter, host_engine = host()
    in_flight(path, [desk(200)] * 4)
    for _ in range(4):
        matter.matte(desk(200))
    assert region._region == matter._region != WHOLE
    assert len(engine.asked) == len(host_engine.asked)
    for here, there in zip(engine.asked, host_engine.asked, strict=True):
        assert np.abs(here[..., :3] - there[..., :3]).max() <= 3
        # The crop's sides fall between pixels of the matte that is told.
        assert (np.abs(here[..., 3] - there[..., 3]) > 3).mean() < 0.01


def test_the_picture_of_a_person_who_walks_is_whole() -> None:
    path, region, _ = device()
    lefts = [200] * 3 + list(range(204, 320, 4))
    pictures = in_flight(path, [desk(left) for left in lefts])
    assert region._region != WHOLE
    assert len(pictures) == len(lefts)
    for left, picture in zip(lefts, pictures, strict=True):
        truth = desk(left)[..., 0]
        assert np.abs(picture.astype(int) - truth).mean() < 2.5


def test_what_is_remembered_goes_along_as_on_the_host() -> None:
    path, _, engine = device()
    in_flight(path, [desk(left) for left in [200] * 3 + list(range(206, 380, 6))])
    for asked in engine.asked[6:]:
        seen = asked[..., 0] > 127
        if asked[..., 3].any():
            assert (seen & (asked[..., 3] > 127)).sum() > 0.85 * seen.sum()


def test_somebody_new_outside_the_crop_is_shown_after_a_look_at_the_whole_frame() -> None:
    path, region, _ = device()
    in_flight(path, [desk(40)] * 3)
    both = np.maximum(desk(40), desk(480))
    region._tracker._since_glance = 50
    pictures = in_flight(path, [both] * 16)
    shown = [bool(picture[300, 540] > 200) for picture in pictures]
    assert not shown[0] and shown[-1]
    assert all(shown[shown.index(True) :])


def far(left: int, top: int) -> NDArray[np.uint8]:
    image = np.zeros((SIZE[1], SIZE[0], 3), np.uint8)
    image[top : top + 100, left : left + 40] = 255
    return image


@pytest.mark.parametrize(("left", "top"), [(300, 120), (5, 5), (590, 255)])
def test_somebody_too_small_for_the_whole_frame_is_found_in_the_first(left: int, top: int) -> None:
    path, _, _ = device(least=0.03)
    for picture in in_flight(path, [far(left, top)] * 4):
        assert np.abs(picture.astype(int) - far(left, top)[..., 0]).mean() < 2.5


def test_somebody_small_who_comes_later_is_found_and_stays() -> None:
    path, _, _ = device(least=0.03)
    frames = [far(0, 0) * 0] * 12 + [far(500, 200)] * (8 * len(PARTS) + 3)
    shown = [bool(picture[250, 520] > 200) for picture in in_flight(path, frames)]
    assert shown == sorted(shown) and not any(shown[:13]) and shown[-1]


def test_a_broken_first_frame_is_not_searched() -> None:
    path, _, engine = device()
    in_flight(path, [far(0, 0) * 0])
    searched = len(engine.asked)
    path, _, engine = device()
    engine.broken = True
    path.submit([frame(0, far(0, 0) * 0)])
    assert len(engine.asked) <= searched - len(PARTS)


def test_a_broken_matte_stays_broken_and_the_next_frame_is_seen_whole() -> None:
    path, region, engine = device()
    in_flight(path, [desk(200)] * 3)
    engine.broken = True
    path.submit([frame(4, desk(200))])
    with pytest.raises(ValueError, match="matte"):
        ComposedFrame(frame(4, desk(200)), path.collect()[0], path.matte_size(SIZE))
    assert region._tracker.region == WHOLE


def test_what_was_on_its_way_when_all_was_forgotten_teaches_nothing() -> None:
    path, region, _ = device()
    in_flight(path, [desk(200)] * 3)
    path.submit([frame(4, desk(200))])
    path.reset()
    path.submit([frame(5, np.zeros((SIZE[1], SIZE[0], 3), np.uint8))])
    path.collect()
    assert region._tracker.region == WHOLE
    path.collect()
    assert region._tracker.region == WHOLE


def test_what_comes_down_is_small_and_never_broken() -> None:
    alpha = torch.tensor([[0.0, 9.0, 0.5], [9.0, 9.0, 9.0], [torch.nan, 9.0, torch.inf]])
    assert small(alpha[None]).tolist() == [[[0, 128], [0, 0]]]


def test_another_input_size_is_taken_at_once() -> None:
    path, _, engine = device()
    in_flight(path, [desk(200)] * 3)
    path._matter.use_input_size((256, 144))
    pictures = in_flight(path, [desk(200)] * 3)
    assert engine.asked[-1].shape[:2] == (144, 256)
    assert np.abs(pictures[-1].astype(int) - desk(200)[..., 0]).mean() < 2.5
