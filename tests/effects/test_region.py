import numpy as np

from effects.region import WHOLE, Region, RegionTracker, cut, place, region_of


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


def test_the_tracker_goes_to_the_person_and_back_when_the_person_is_lost() -> None:
    tracker = RegionTracker()
    assert tracker.region == WHOLE
    tracker.learn(person())
    assert tracker.region != WHOLE
    tracker.learn(np.zeros((90, 160), np.float32))
    assert tracker.region == WHOLE


def test_the_region_does_not_tremble_with_the_person() -> None:
    tracker = RegionTracker()
    tracker.learn(person())
    first = tracker.region
    for shift in (1, -1, 2, -2):
        tracker.learn(np.roll(person(), shift, axis=1))
        assert tracker.region == first


def test_the_region_follows_a_person_who_walks_away() -> None:
    tracker = RegionTracker()
    for shift in range(0, 60, 3):
        moved = np.roll(person(), shift, axis=1)
        tracker.learn(moved)
        left, top, right, bottom = tracker.region.pixels((160, 90))
        inside = np.zeros_like(moved)
        inside[top:bottom, left:right] = 1
        assert not (moved * (1 - inside)).any()


def test_a_person_who_fills_the_frame_needs_no_crop() -> None:
    tracker = RegionTracker()
    tracker.learn(np.ones((90, 160), np.float32))
    assert tracker.region == WHOLE


def test_a_crop_asks_for_a_look_at_the_whole_frame_now_and_then() -> None:
    tracker = RegionTracker(look_every=5)
    assert not any(tracker.wants_whole() for _ in range(10))
    tracker.reset()
    tracker.learn(person())
    assert [tracker.wants_whole() for _ in range(10)] == [False] * 4 + [True] + [False] * 4 + [True]


def test_a_region_is_never_empty() -> None:
    left, top, right, bottom = Region(0.999, 0.999, 1.0, 1.0).pixels((3, 2))
    assert right > left
    assert bottom > top
