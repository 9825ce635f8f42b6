from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.core.frame import Frame, single_frame
from u2cam.model.build import host_matter
from u2cam.model.engines.torch import Engine
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
from u2cam.model.roi.flow import planner_for
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.roi.planner import RegionPlanner
from u2cam.model.roi.region import FULL_FRAME, PARTS


def network(name: str, engine: Engine, *, still: bool = False) -> NetworkMatter:
    return NetworkMatter(LoadedNetwork(find_spec(name), engine), still=still)


class BrightEngine:
    """A network that takes what is bright for a person; keeps what it was shown."""

    device_label = "cpu"
    precision = "fp32"

    def __init__(self) -> None:
        self.asked: list[NDArray[np.float32]] = []

    def run(self, network_input: NDArray[np.float32]) -> NDArray[np.float32]:
        self.asked.append(network_input.copy())
        # The middle of the normalised range lies between black and white, whatever the constants.
        colour = network_input[0, :, :, :3].mean(axis=2)
        return (colour > 0.3).astype(np.float32)


def scene(*lefts: int) -> Frame:
    """A dark wide shot with bright people, 40 high, at some places."""
    image = np.zeros((360, 640, 3), np.uint8)
    for left in lefts:
        image[200:240, left : left + 16] = 255
    return single_frame(image)


def tracked(full_frame_every: int = 30) -> tuple[RegionMatter, BrightEngine]:
    engine = BrightEngine()
    planner = RegionPlanner(full_frame_every=full_frame_every)
    return RegionMatter(network("u2netp", engine), planner), engine


def share(alpha: NDArray[np.float32], left: int) -> float:
    """How much of the person at a place is in the matte."""
    wide = cv2.resize(alpha, (640, 360))
    return float(wide[206:234, left + 4 : left + 12].mean())


def test_the_network_sees_the_person_large_from_the_first_frame_on() -> None:
    matter, engine = tracked()
    whole = network("u2netp", engine).matte(scene(300))
    first = matter.matte(scene(300))
    second = matter.matte(scene(300))
    assert first.shape == second.shape == (320, 320)
    bright = [(asked[0, :, :, :3].mean(axis=2) > 0.3).mean() for asked in engine.asked]
    assert len(bright) == 4
    assert bright[2] == bright[3] > 5 * bright[1]
    assert share(second, 300) > 0.95
    assert np.array_equal(first, second)
    assert abs(float(second.sum()) / float(whole.sum()) - 1) < 0.2


def test_photos_have_nothing_in_common() -> None:
    engine = BrightLevels()
    matter = RegionMatter(network("u2net_live", engine, still=True))
    alphas = [matter.matte(desk(left)) for left in (40, 400, 40)]
    assert np.array_equal(alphas[0], alphas[2])
    assert [asked[..., 3].max() for asked in engine.asked].count(0) == 3 * 2
    for left, alpha in zip((40, 400), alphas, strict=False):
        truth = cv2.resize(desk(left).image[..., 0] / np.float32(255), alpha.shape[::-1])
        assert np.abs(alpha - truth).mean() < 0.006


def test_a_person_who_walks_in_elsewhere_is_seen_at_the_next_full_frame_pass() -> None:
    matter, _ = tracked(full_frame_every=6)
    for _ in range(3):
        matter.matte(scene(60))
    shares = [share(matter.matte(scene(60, 560)), 560) for _ in range(6)]
    assert shares[0] == 0
    assert shares[-1] > 0.9
    assert [value > 0.9 for value in shares].index(True) < 4


def test_without_a_person_there_is_the_full_frame_and_an_empty_matte() -> None:
    matter, _ = tracked()
    matter.matte(scene(300))
    matter.matte(scene(300))
    assert matter.matte(scene()).max() == 0
    matter.matte(scene())
    assert matter.flow.planner.crop == FULL_FRAME


def test_reset_forgets_the_crop() -> None:
    matter, _ = tracked()
    matter.matte(scene(300))
    matter.reset()
    assert share(matter.matte(scene(40)), 40) > 0.9


class BrightLevels:
    """A recurrent network that takes what is bright for a person, grey with less confidence."""

    device_label = "cpu"
    precision = "fp32"

    def __init__(self) -> None:
        self.asked: list[NDArray[np.uint8]] = []
        self.grey = 0.5
        """Its confidence in what is grey."""

    def run(self, network_input: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked.append(network_input.copy())
        level = network_input[0, ..., 0]
        return np.where(level > 200, 1, np.where(level > 100, self.grey, 0)).astype(np.float32)

    def fed_back(self) -> NDArray[np.float32]:
        """What was fed back in its last run, in [0, 1]."""
        return self.asked[-1][0, ..., 3] / np.float32(255)


def live(full_frame_every: int = 60) -> tuple[RegionMatter, BrightLevels]:
    engine = BrightLevels()
    planner = planner_for(find_spec("u2net_live"))
    planner._full_frame_every = full_frame_every
    return RegionMatter(network("u2net_live", engine), planner), engine


def desk(left: int, top: int = 150, size_wh: tuple[int, int] = (640, 360)) -> Frame:
    """A bright person at a dark desk, a third of the frame wide, down to the lower edge."""
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    image[top:, left : left + 140] = 255
    return single_frame(image)


def test_a_network_that_keeps_the_aspect_gets_crops_in_the_shape_of_the_frame() -> None:
    for size_wh in ((640, 360), (640, 480), (427, 391)):
        matter, engine = live()
        for left in range(200, 260, 10):
            matter.matte(desk(left, size_wh=size_wh))
        assert {asked.shape for asked in engine.asked} == {engine.asked[0].shape}
        bright = [(asked[0, ..., 0] > 200).mean() for asked in engine.asked]
        assert bright[-1] > 1.5 * bright[0]


def test_the_matte_of_a_crop_lies_where_the_person_is() -> None:
    matter, _ = live()
    for left in (200, 203, 207, 230, 260):
        alpha = matter.matte(desk(left))
        truth = cv2.resize(desk(left).image[..., 0] / np.float32(255), alpha.shape[::-1])
        assert np.abs(alpha - truth).mean() < 0.006


def test_what_is_fed_back_goes_along_with_the_crop() -> None:
    matter, engine = live()
    for _ in range(3):
        matter.matte(desk(200))
    region, before = matter.flow._crop, len(engine.asked)
    walk = range(208, 400, 8)
    for left in walk:
        matter.matte(desk(left))
        seen = engine.asked[-1][0, ..., 0] > 200
        # The person has moved by eight pixels since, but not by as much as the crop.
        assert (seen & (engine.fed_back() > 0.5)).sum() > 0.85 * seen.sum()
    assert matter.flow._crop not in (region, FULL_FRAME)
    assert len(engine.asked) - before <= len(walk) + 1  # There was no first frame again.


def test_on_a_much_closer_crop_there_is_a_first_frame_again() -> None:
    matter, engine = live()
    matter.matte(desk(200, top=260))
    assert matter.flow._crop != FULL_FRAME
    # Without the previous matte, then with it: full, and again on the crop.
    fed_back = [bool(asked[..., 3].any()) for asked in engine.asked]
    assert fed_back == [False, True, True] * 2


def test_a_full_frame_pass_is_one_run_and_leaves_what_is_fed_back_alone() -> None:
    matter, engine = live(full_frame_every=8)
    for _ in range(6):  # The first is run twice.
        matter.matte(desk(200))
    before, fed_back = len(engine.asked), engine.fed_back()
    matter.matte(desk(200))
    assert len(engine.asked) == before + 2
    assert engine.asked[-2][..., 3].max() == 0
    assert np.array_equal(engine.fed_back(), fed_back)


@pytest.mark.parametrize(("grey", "shown"), [(0.5, False), (0.75, False), (0.9, True)])
def test_what_has_little_confidence_outside_the_crop_does_not_flicker(
    grey: float, shown: bool
) -> None:
    matter, engine = live(full_frame_every=8)
    matter.matte(desk(400))
    image = desk(400).image
    image[100:200, 40:80] = 150
    engine.grey = grey
    seen = [float(matter.matte(single_frame(image))[:, :80].max()) > 0 for _ in range(20)]
    # Nothing at first; where it is a person, from the full-frame pass on and for good.
    assert seen == sorted(seen) and not seen[0]
    assert seen[-1] == shown


class ShortSighted(BrightLevels):
    """A network that overlooks people who fill little of its input."""

    def run(self, network_input: NDArray[np.uint8]) -> NDArray[np.float32]:
        alpha = super().run(network_input)
        return alpha if alpha.mean() > 0.03 else np.zeros_like(alpha)


def far(left: int, top: int) -> Frame:
    """A person whom a short-sighted network does not see on the full frame."""
    image = np.zeros((360, 640, 3), np.uint8)
    image[top : top + 100, left : left + 40] = 255
    return single_frame(image)


EMPTY = single_frame(np.zeros((360, 640, 3), np.uint8))


@pytest.mark.parametrize("still", [False, True])
@pytest.mark.parametrize(("left", "top"), [(300, 120), (5, 5), (590, 255)])
def test_a_person_too_small_for_the_full_frame_is_found_in_the_first_frame(
    left: int, top: int, still: bool
) -> None:
    full = network("u2net_live", ShortSighted(), still=still)
    assert full.matte(far(left, top)).max() == 0
    matter = RegionMatter(network("u2net_live", ShortSighted(), still=still))
    for _ in range(3):
        alpha = matter.matte(far(left, top))
        truth = cv2.resize(far(left, top).image[..., 0] / np.float32(255), alpha.shape[::-1])
        assert np.abs(alpha - truth).mean() < 0.006


def test_a_small_person_who_comes_later_is_found_and_stays() -> None:
    engine = ShortSighted()
    matter = RegionMatter(network("u2net_live", engine))
    for _ in range(20):
        assert matter.matte(EMPTY).max() == 0
    seen = [float(matter.matte(far(500, 200)).max()) > 0 for _ in range(8 * len(PARTS) + 2)]
    assert seen == sorted(seen) and not seen[0] and seen[-1]
    assert not any(matter.matte(EMPTY).max() for _ in range(3))


def test_without_a_person_one_frame_in_eight_is_run_twice() -> None:
    matter, engine = live()
    matter.matte(EMPTY)
    before = len(engine.asked)
    for _ in range(24):
        matter.matte(EMPTY)
    # One of them is the stateless pass.
    assert len(engine.asked) - before == 24 + 24 // 8 + 1
    for _ in range(3):
        matter.matte(desk(200))
    before = len(engine.asked)
    for _ in range(8):
        matter.matte(desk(200))
    assert len(engine.asked) == before + 8


def test_official_networks_do_not_search() -> None:
    engine = BrightEngine()
    matter = RegionMatter(network("u2netp", engine))
    for _ in range(20):
        matter.matte(scene())
    assert len(engine.asked) == 20


@pytest.mark.parametrize(
    ("name", "still", "wanted", "crops"),
    [
        ("u2net_live", False, True, True),
        ("u2net_live", True, True, True),
        ("u2netp", False, True, True),
        ("u2netp", True, True, False),
        ("u2net_live", False, False, False),
    ],
)
def test_only_photos_are_always_full_frames_for_official_networks(
    name: str, still: bool, wanted: bool, crops: bool
) -> None:
    network = LoadedNetwork(find_spec(name), BrightLevels())
    matter = host_matter(network, still=still, region=wanted, frame_wh=None)
    assert isinstance(matter, RegionMatter) == crops


def test_a_new_scene_begins_with_the_full_frame() -> None:
    matter, engine = live()
    for _ in range(3):
        matter.matte(desk(200))
    before = len(engine.asked)
    truth = desk(40).image[..., 0] / np.float32(255)
    alpha = matter.matte(replace(desk(40), scene=1))
    assert np.abs(alpha - cv2.resize(truth, alpha.shape[::-1])).mean() < 0.006
    assert engine.asked[before][..., 3].max() == 0
