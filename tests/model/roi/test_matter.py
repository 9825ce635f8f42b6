from fractions import Fraction
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam import build
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec
from u2cam.model.roi.matter import RegionMatter, tracker_for
from u2cam.model.roi.tracker import PARTS, WHOLE, RegionTracker
from u2cam.settings import load


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


def scene(*lefts: int) -> NDArray[np.uint8]:
    """A dark wide shot with bright people, 40 high, at some places."""
    image = np.zeros((360, 640, 3), np.uint8)
    for left in lefts:
        image[200:240, left : left + 16] = 255
    return image


def tracked(look_every: int = 30) -> tuple[RegionMatter, BrightEngine]:
    engine = BrightEngine()
    matter = NetworkMatter(find_spec("u2netp"), engine)
    return RegionMatter(matter, RegionTracker(look_every=look_every)), engine


def share(alpha: NDArray[np.float32], left: int) -> float:
    """How much of the person at a place is in the matte."""
    wide = cv2.resize(alpha, (640, 360))
    return float(wide[206:234, left + 4 : left + 12].mean())


def test_the_network_sees_the_person_large_from_the_first_frame_on() -> None:
    matter, engine = tracked()
    whole = matter._matter.matte(scene(300))
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
    network = NetworkMatter(find_spec("u2net_live"), engine, still=True)
    matter = RegionMatter(network, still=True)
    alphas = [matter.matte(desk(left)) for left in (40, 400, 40)]
    assert np.array_equal(alphas[0], alphas[2])
    assert [asked[..., 3].max() for asked in engine.asked].count(0) == 3 * 2
    for left, alpha in zip((40, 400), alphas, strict=False):
        truth = cv2.resize(desk(left)[..., 0] / np.float32(255), alpha.shape[::-1])
        assert np.abs(alpha - truth).mean() < 0.006


def test_somebody_who_walks_in_elsewhere_is_seen_at_the_next_look() -> None:
    matter, _ = tracked(look_every=6)
    for _ in range(3):
        matter.matte(scene(60))
    shares = [share(matter.matte(scene(60, 560)), 560) for _ in range(6)]
    assert shares[0] == 0
    assert shares[-1] > 0.9
    assert [value > 0.9 for value in shares].index(True) < 4


def test_nobody_means_the_whole_frame_and_an_empty_matte() -> None:
    matter, _ = tracked()
    matter.matte(scene(300))
    matter.matte(scene(300))
    assert matter.matte(scene()).max() == 0
    matter.matte(scene())
    assert matter._tracker.region == WHOLE


def test_reset_forgets_the_region() -> None:
    matter, _ = tracked()
    matter.matte(scene(300))
    matter.reset()
    assert share(matter.matte(scene(40)), 40) > 0.9


class BrightLevels:
    """A network with a memory that takes what is bright for a person, with a surety of its own."""

    device_label = "cpu"
    precision = "fp32"

    def __init__(self) -> None:
        self.asked: list[NDArray[np.uint8]] = []
        self.grey = 0.5
        """How sure it is of what is grey."""

    def run(self, network_input: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.asked.append(network_input.copy())
        level = network_input[0, ..., 0]
        return np.where(level > 200, 1, np.where(level > 100, self.grey, 0)).astype(np.float32)

    def told(self) -> NDArray[np.float32]:
        """What it was told in its last run, in [0, 1]."""
        return self.asked[-1][0, ..., 3] / np.float32(255)


def live(look_every: int = 60) -> tuple[RegionMatter, BrightLevels]:
    engine = BrightLevels()
    matter = NetworkMatter(find_spec("u2net_live"), engine)
    tracker = tracker_for(matter)
    tracker._look_every = look_every
    return RegionMatter(matter, tracker), engine


def desk(left: int, top: int = 150, size_wh: tuple[int, int] = (640, 360)) -> NDArray[np.uint8]:
    """Somebody bright at a dark desk, a third of the frame wide, down to the lower edge."""
    image = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    image[top:, left : left + 140] = 255
    return image


def test_a_network_of_one_shape_sees_every_crop_in_the_shape_of_the_frame() -> None:
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
        truth = cv2.resize(desk(left)[..., 0] / np.float32(255), alpha.shape[::-1])
        assert np.abs(alpha - truth).mean() < 0.006


def test_what_is_remembered_goes_along_with_the_crop() -> None:
    matter, engine = live()
    for _ in range(3):
        matter.matte(desk(200))
    region, before = matter._region, len(engine.asked)
    walk = range(208, 400, 8)
    for left in walk:
        matter.matte(desk(left))
        seen = engine.asked[-1][0, ..., 0] > 200
        # The person has moved by eight pixels since, but not by as much as the crop.
        assert (seen & (engine.told() > 0.5)).sum() > 0.85 * seen.sum()
    assert matter._region not in (region, WHOLE)
    assert len(engine.asked) - before <= len(walk) + 1  # Nothing was forgotten and seen anew.


def test_seen_much_larger_things_are_looked_at_anew() -> None:
    matter, engine = live()
    matter.matte(desk(200, top=260))
    assert matter._region != WHOLE
    # Told nothing, then what it was sure of: whole, and again on the crop.
    told = [bool(asked[..., 3].any()) for asked in engine.asked]
    assert told == [False, True, True] * 2


def test_a_look_at_the_whole_frame_is_one_run_and_disturbs_no_memory() -> None:
    matter, engine = live(look_every=8)
    for _ in range(6):  # The first is looked at twice.
        matter.matte(desk(200))
    before, told = len(engine.asked), engine.told()
    matter.matte(desk(200))
    assert len(engine.asked) == before + 2
    assert engine.asked[-2][..., 3].max() == 0
    assert np.array_equal(engine.told(), told)


@pytest.mark.parametrize(("grey", "shown"), [(0.5, False), (0.75, False), (0.9, True)])
def test_what_is_not_surely_somebody_outside_the_crop_does_not_flash_up(
    grey: float, shown: bool
) -> None:
    matter, engine = live(look_every=8)
    matter.matte(desk(400))
    image = desk(400)
    image[100:200, 40:80] = 150
    engine.grey = grey
    seen = [float(matter.matte(image)[:, :80].max()) > 0 for _ in range(20)]
    # Nothing at first; where it is somebody, from the look at the whole frame on and for good.
    assert seen == sorted(seen) and not seen[0]
    assert seen[-1] == shown


class ShortSighted(BrightLevels):
    """A network that overlooks people who fill little of its input."""

    def run(self, network_input: NDArray[np.uint8]) -> NDArray[np.float32]:
        alpha = super().run(network_input)
        return alpha if alpha.mean() > 0.03 else np.zeros_like(alpha)


def far(left: int, top: int) -> NDArray[np.uint8]:
    """Somebody of whom a short-sighted network sees nothing on the whole frame."""
    image = np.zeros((360, 640, 3), np.uint8)
    image[top : top + 100, left : left + 40] = 255
    return image


@pytest.mark.parametrize("still", [False, True])
@pytest.mark.parametrize(("left", "top"), [(300, 120), (5, 5), (590, 255)])
def test_somebody_too_small_for_the_whole_frame_is_found_in_the_first(
    left: int, top: int, still: bool
) -> None:
    network = NetworkMatter(find_spec("u2net_live"), ShortSighted(), still=still)
    assert network.matte(far(left, top)).max() == 0
    network.reset()
    matter = RegionMatter(network, still=still)
    for _ in range(3):
        alpha = matter.matte(far(left, top))
        truth = cv2.resize(far(left, top)[..., 0] / np.float32(255), alpha.shape[::-1])
        assert np.abs(alpha - truth).mean() < 0.006


def test_somebody_small_who_comes_later_is_found_and_stays() -> None:
    engine = ShortSighted()
    matter = RegionMatter(NetworkMatter(find_spec("u2net_live"), engine))
    for _ in range(20):
        assert matter.matte(far(0, 0) * 0).max() == 0
    seen = [float(matter.matte(far(500, 200)).max()) > 0 for _ in range(8 * len(PARTS) + 2)]
    assert seen == sorted(seen) and not seen[0] and seen[-1]
    assert not any(matter.matte(far(0, 0) * 0).max() for _ in range(3))


def test_while_nobody_is_there_one_frame_in_eight_is_looked_at_twice() -> None:
    matter, engine = live()
    matter.matte(far(0, 0) * 0)
    before = len(engine.asked)
    for _ in range(24):
        matter.matte(far(0, 0) * 0)
    # One of them is the memory's own look, told nothing.
    assert len(engine.asked) - before == 24 + 24 // 8 + 1
    for _ in range(3):
        matter.matte(desk(200))
    before = len(engine.asked)
    for _ in range(8):
        matter.matte(desk(200))
    assert len(engine.asked) == before + 8


def test_official_networks_look_for_nobody() -> None:
    engine = BrightEngine()
    matter = RegionMatter(NetworkMatter(find_spec("u2netp"), engine))
    for _ in range(20):
        matter.matte(scene())
    assert len(engine.asked) == 20


@pytest.mark.parametrize(
    ("name", "still", "wanted", "tracks"),
    [
        ("u2net_live", False, True, True),
        ("u2net_live", True, True, True),
        ("u2netp", False, True, True),
        ("u2netp", True, True, False),
        ("u2net_live", False, False, False),
    ],
)
def test_photos_are_the_only_pictures_that_official_networks_see_whole(
    name: str, still: bool, wanted: bool, tracks: bool
) -> None:
    matter = NetworkMatter(find_spec(name), BrightLevels(), still=still)
    source = SimpleNamespace(info=SimpleNamespace(size_wh=(640, 360), rate=Fraction(30)))
    plan = build.InputPlan(source, live=False, still=still, camera=False)  # type: ignore[arg-type]
    settings = load([], (), {"matting": {"region": wanted}})
    assert isinstance(build.track_region(matter, plan, settings), RegionMatter) == tracks
