"""Labels of a clip that give each other back what the teachers lose for a moment."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from u2cam.model.datasets.photo_library import Image
from u2cam.model.train.labels.temporal_consistency import BELIEF, REACH, Label, settle

HEAD = np.s_[30:120, 50:90]
PLAIT = np.s_[50:90, 90:104]
COUNT = 9
OWN_BELIEF = 153
LATER = 4


def picture(shift_px: int = 0, plait: int = 20, curtain: int = 42) -> Image:
    """Someone before a curtain, moving to the right, with a plait of one brightness beside."""
    rng = np.random.default_rng(7)
    rgb = np.full((128, 160, 3), curtain, np.uint8) + rng.integers(0, 6, (128, 160, 3), np.uint8)
    person = np.zeros((128, 160, 3), np.uint8)
    person[HEAD] = 110 + rng.integers(0, 40, person[HEAD].shape, np.uint8)
    person[PLAIT] = plait + rng.integers(0, 4, person[PLAIT].shape, np.uint8)
    person = np.roll(person, shift_px, axis=1)
    return cv2.blur(np.where(person > 0, person, rgb), (3, 3))


def matte(shift_px: int = 0, plait: bool = True) -> Image:
    alpha = np.zeros((128, 160), np.uint8)
    alpha[HEAD] = 255
    if plait:
        alpha[PLAIT] = 255
    return np.roll(alpha, shift_px, axis=1)


def label(rgb: Image, target: Image, name: str = "") -> Label:
    return Label(name, rgb, target, np.full(target.shape, OWN_BELIEF, np.uint8))


def inner_plait(array: Image, shift_px: int) -> Image:
    return np.roll(array, -shift_px, axis=1)[55:85, 94:100]


def test_what_is_lost_for_a_moment_comes_back_and_is_believed() -> None:
    labels = [label(picture(i), matte(i, plait=i not in (3, 4))) for i in range(COUNT)]
    settled = list(settle(labels))
    for index in (3, 4):
        target, weight = settled[index].target, settled[index].weight
        assert np.roll(target, -index, axis=1)[53:87, 91:103].min() == 255
        assert (inner_plait(weight, index) == BELIEF).all()
        assert (target[:, :45] == 0).all() and (weight[:, :45] == OWN_BELIEF).all()
    for index in (0, 1, 6, 7, 8):
        np.testing.assert_array_equal(settled[index].target, labels[index].target)


@pytest.mark.parametrize("seen", [range(LATER), range(LATER + 1, COUNT)])
def test_what_is_seen_on_one_side_only_stays_away(seen: range) -> None:
    labels = [label(picture(i), matte(i, plait=i in seen)) for i in range(COUNT)]
    for index, settled in enumerate(settle(labels)):
        np.testing.assert_array_equal(settled.target, labels[index].target)


def test_what_looks_different_now_is_not_the_same_place() -> None:
    for now in (60, 80, 200):
        frames = [picture(plait=now if i == LATER else 20) for i in range(COUNT)]
        labels = [label(rgb, matte(plait=i != LATER)) for i, rgb in enumerate(frames)]
        np.testing.assert_array_equal(list(settle(labels))[LATER].target, matte(plait=False))


@pytest.mark.parametrize(
    ("plait", "curtain", "given_back"),
    [(42, 42, False), (30, 42, True), (188, 200, False), (150, 200, True)],
)
def test_what_looks_like_the_background_near_by_may_be_just_that(
    plait: int, curtain: int, given_back: bool
) -> None:
    frame = picture(plait=plait, curtain=curtain)
    labels = [label(frame, matte(plait=i != LATER)) for i in range(COUNT)]
    settled = inner_plait(list(settle(labels))[LATER].target, 0)
    assert settled.min() == settled.max() == (255 if given_back else 0)


def test_what_is_half_lost_comes_back_too() -> None:
    half = matte()
    half[PLAIT] = 120
    labels = [label(picture(), half if i == LATER else matte()) for i in range(COUNT)]
    assert inner_plait(list(settle(labels))[LATER].target, 0).min() == 255


def test_holes_that_all_neighbours_have_are_closed() -> None:
    def large(image: Image) -> Image:
        return np.asarray(cv2.resize(image, (640, 512), interpolation=cv2.INTER_NEAREST), np.uint8)

    holed = large(matte())
    holed[280:285, 386:391] = 0
    targets = [holed, large(matte(plait=False)), holed]
    _, settled, _ = settle(label(large(picture()), target) for target in targets)
    assert settled.target[220:340, 376:400].min() == 255


def test_a_thread_at_the_rim_is_not_taken_over_and_one_of_its_own_is_kept() -> None:
    threaded, lost = matte(), matte(plait=False)
    threaded[60, 104:112] = 255
    lost[75, 102:112] = 255
    labels = [label(picture(), lost if i == LATER else threaded) for i in range(COUNT)]
    settled = list(settle(labels))[LATER].target
    assert inner_plait(settled, 0).min() == 255
    assert settled[60, 106:].max() == 0
    assert (settled >= lost).all()


def test_an_outline_a_pixel_further_in_is_as_good() -> None:
    thin = cv2.erode(matte(), np.ones((3, 3), np.uint8))
    labels = [label(picture(), thin if i == LATER else matte()) for i in range(COUNT)]
    np.testing.assert_array_equal(list(settle(labels))[LATER].target, thin)


@pytest.mark.parametrize("count", [0, 1, 2, REACH, REACH + 1, 2 * REACH, 20])
def test_each_label_comes_once_in_order_and_few_are_held(count: int) -> None:
    taken = 0

    def labels() -> Iterator[Label]:
        nonlocal taken
        for taken in range(1, count + 1):
            yield label(picture()[:32, :32], matte()[:32, :32], str(taken))

    names = []
    for settled in settle(labels()):
        names.append(settled.name)
        assert taken <= len(names) + REACH
    assert names == [str(i) for i in range(1, count + 1)]
