"""Whether people are upside down is found from mattes alone, and doubt turns nothing."""

import numpy as np
import pytest

from u2cam.core.arrays import AlphaF32, ImageU8
from u2cam.core.frame import Frame
from u2cam.core.protocols import Network
from u2cam.model.upright import is_upside_down

H, W = 100, 160


class ByBrightness:
    """A matter that is surer of one way up: red is the matte, and blue at the top halves it."""

    def __init__(self) -> None:
        self.resets = 0
        self.frames = 0

    @property
    def network(self) -> Network:
        raise NotImplementedError

    def matte(self, frame: Frame) -> AlphaF32:
        self.frames += 1
        alpha = frame.image[..., 0].astype(np.float32) / 255
        return alpha * np.float32(0.6) if frame.image[0, 0, 2] else alpha

    def reset(self) -> None:
        self.resets += 1


def scene(top: int, bottom: int) -> ImageU8:
    """A person between two rows; blue in the corner at the top says: this way is the wrong one."""
    image = np.zeros((H, W, 3), np.uint8)
    image[top:bottom, 50:110, 0] = 255
    return image


def wrong_way(image: ImageU8) -> ImageU8:
    image[0, 0, 2] = 255
    return image


def test_the_surer_way_with_the_person_at_the_lower_edge_wins() -> None:
    hanging = wrong_way(scene(0, 60))  # from the ceiling
    assert is_upside_down(ByBrightness(), [hanging])
    upright = scene(40, H)
    upright[-1, -1, 2] = 255  # turned, this is the corner at the top
    assert not is_upside_down(ByBrightness(), [upright])


@pytest.mark.parametrize(
    "image",
    [scene(0, 0), wrong_way(scene(0, 0)), wrong_way(scene(30, 70)), scene(0, 60)],
    ids=["empty", "empty the wrong way", "in the middle", "no way surer"],
)
def test_doubt_turns_nothing(image: ImageU8) -> None:
    assert not is_upside_down(ByBrightness(), [image])


def test_every_frame_is_looked_at_both_ways_and_the_matter_left_as_new() -> None:
    matter = ByBrightness()
    is_upside_down(matter, [scene(0, 60)] * 3)
    assert matter.frames == 6
    assert matter.resets >= 3
