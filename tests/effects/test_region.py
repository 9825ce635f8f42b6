import numpy as np

from effects.region import WHOLE, Region, RegionTracker, cut, place, region_of, touches_edge


def person() -> np.ndarray:
    alpha = np.zeros((90, 160), np.float32)
    alpha[30:60, 70:82] = 1
    return alpha


def test_the_region_holds_the_person_and_a_margin() -> None:
    left, top, right, bottom = region_of(person(), 0.2).pixels((160, 90))
    assert left < 70 < 82 < right
    assert top < 30 < 60 < bottom
    assert (right - left) * (bottom - top) < 0.3 * 160 * 90


def test_nobody_there_means_the_whole_frame() -> None:
    assert region_of(np.zeros((9, 16), np.float32)) == WHOLE


def test_what_is_cut_comes_back_to_its_place() -> None:
    alpha, region = person(), region_of(person(), 0.2)
    image = np.dstack([(alpha * 255).astype(np.uint8)] * 3)
    part = cut(image, region)[..., 0].astype(np.float32) / 255
    assert np.abs(place(part, region, (160, 90)) - alpha).max() < 0.01


def test_the_tracker_zooms_in_looks_up_now_and_then_and_returns_when_lost() -> None:
    tracker = RegionTracker(look_every=5)
    assert tracker.next_region() == WHOLE
    tracker.learn(person(), WHOLE, person())
    assert tracker.next_region() != WHOLE
    assert WHOLE in [tracker.next_region() for _ in range(5)]
    tracker.learn(person(), WHOLE, person())
    region = tracker.next_region()
    tracker.learn(np.zeros((9, 9), np.float32), region, np.zeros((90, 160), np.float32))
    assert tracker.next_region() == WHOLE


def test_touching_the_inner_edge_of_a_crop_is_noticed() -> None:
    alpha = np.zeros((10, 10), np.float32)
    alpha[3:7, -1] = 1
    assert touches_edge(alpha, Region(0.2, 0.2, 0.8, 0.8))
    assert not touches_edge(alpha, Region(0.2, 0.2, 1.0, 0.8))


def test_a_region_is_never_empty() -> None:
    left, top, right, bottom = Region(0.999, 0.999, 1.0, 1.0).pixels((3, 2))
    assert right > left
    assert bottom > top
