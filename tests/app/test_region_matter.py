import cv2
import numpy as np
from numpy.typing import NDArray

from app.region_matter import RegionMatter
from effects.region import WHOLE, RegionTracker
from model.matter import NetworkMatter
from model.registry import find_spec


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


def test_from_the_second_frame_on_the_network_sees_the_person_large() -> None:
    matter, engine = tracked()
    first = matter.matte(scene(300))
    second = matter.matte(scene(300))
    assert first.shape == second.shape == (320, 320)
    bright_first = (engine.asked[0][0, :, :, :3].mean(axis=2) > 0.3).mean()
    bright_second = (engine.asked[-1][0, :, :, :3].mean(axis=2) > 0.3).mean()
    assert bright_second > 5 * bright_first
    assert share(second, 300) > 0.95
    assert abs(float(second.sum()) / float(first.sum()) - 1) < 0.2


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
