import numpy as np
import pytest

from u2cam.model.roi.tracker import (
    PARTS,
    SURE,
    WHOLE,
    Region,
    RegionTracker,
    box_of,
    cut,
    expected,
    in_shape,
    is_whole_in,
    place,
    widened,
)


def person(left: int = 70) -> np.ndarray:
    alpha = np.zeros((90, 160), np.float32)
    alpha[30:60, left : left + 12] = 1
    return alpha


def test_the_box_holds_the_person() -> None:
    box = box_of(person())
    assert box is not None
    assert box.pixels((160, 90)) == (70, 30, 82, 60)


def test_nobody_has_no_box() -> None:
    assert box_of(np.zeros((9, 16), np.float32)) is None


def test_what_is_unsure_or_a_fleck_is_not_in_the_box() -> None:
    alpha = person()
    alpha[10:80, 120:150] = SURE - 0.05
    alpha[4:6, 4:6] = 1  # 4 of 360 pixels.
    assert box_of(alpha) == box_of(person())
    alpha[10:80, 120:150] = SURE + 0.05
    assert box_of(alpha) != box_of(person())


def test_a_second_person_is_in_the_box() -> None:
    box = box_of(np.maximum(person(20), person(120)))
    assert box is not None
    assert box.pixels((160, 90)) == (20, 30, 132, 60)


def test_room_is_a_share_of_the_longer_side_and_ends_at_the_border() -> None:
    box = widened(Region(0.1, 0.3, 0.2, 0.8), 0.2)
    assert box == pytest.approx((0.0, 0.2, 0.3, 0.9))


def test_what_moves_is_expected_where_it_will_be() -> None:
    now = Region(0.3, 0.3, 0.5, 0.6)
    assert expected(now, now) == now
    ahead = expected(now, Region(0.2, 0.3, 0.4, 0.6))
    assert ahead == pytest.approx((0.3, 0.3, 0.6, 0.6))


@pytest.mark.parametrize(
    "box", [(0.4, 0.5, 0.5, 1.0), (0.0, 0.0, 0.7, 0.1), (0.9, 0.2, 1.0, 0.9), (0.2, 0.2, 0.4, 0.4)]
)
def test_a_region_in_the_frames_shape_holds_the_box_and_is_in_the_frame(
    box: tuple[float, float, float, float],
) -> None:
    left, top, right, bottom = in_shape(Region(*box))
    assert right - left == pytest.approx(bottom - top)
    assert right - left == pytest.approx(max(box[2] - box[0], box[3] - box[1]))
    assert left >= 0 and top >= 0 and right <= 1 + 1e-9 and bottom <= 1 + 1e-9
    assert left <= box[0] + 1e-9 and top <= box[1] + 1e-9
    assert right >= box[2] - 1e-9 and bottom >= box[3] - 1e-9


def test_what_is_cut_on_the_grid_comes_back_to_its_place_exactly() -> None:
    alpha = person()
    region = Region(0.313, 0.222, 0.671, 0.784).on_grid((160, 90))
    image = np.dstack([(alpha * 255).astype(np.uint8)] * 3)
    part = cut(image, region)[..., 0].astype(np.float32) / 255
    assert np.array_equal(place(part, region, (160, 90)), alpha)
    assert region.on_grid((160, 90)).pixels((160, 90)) == region.pixels((160, 90))


def test_the_tracker_goes_to_the_person_and_back_when_the_person_is_lost() -> None:
    tracker = RegionTracker()
    assert tracker.region == WHOLE
    tracker.learn(person())
    assert tracker.region != WHOLE
    tracker.learn(np.zeros((90, 160), np.float32))
    assert tracker.region == WHOLE


def test_somebody_who_is_seen_less_surely_on_the_crop_stays_on_it() -> None:
    tracker = RegionTracker()
    tracker.learn(0.7 * person())
    assert tracker.region == WHOLE
    tracker.learn(person())
    region = tracker.region
    tracker.learn(0.7 * person())
    assert tracker.region == region != WHOLE
    tracker.learn(0.5 * person())
    assert tracker.region == WHOLE


def test_a_tracker_of_one_shape_gives_regions_of_the_frames_shape() -> None:
    tracker = RegionTracker(one_shape=True)
    tracker.learn(person())
    left, top, right, bottom = tracker.region
    assert right - left == pytest.approx(bottom - top)
    assert tracker.region != WHOLE


def test_the_region_does_not_tremble_with_the_person() -> None:
    tracker = RegionTracker()
    tracker.learn(person())
    first = tracker.region
    for shift in (1, -1, 2, -2):
        tracker.learn(np.roll(person(), shift, axis=1))
        assert tracker.region == first


def test_a_person_of_about_the_size_that_is_worth_it_has_no_crop_that_comes_and_goes() -> None:
    def large(height: int) -> np.ndarray:
        alpha = np.zeros((90, 160), np.float32)
        alpha[90 - height :, 60:90] = 1
        return alpha

    def regions(*heights: int) -> list[Region]:
        tracker = RegionTracker(margin=0.1, worth=0.5, one_shape=True)
        seen = []
        for height in heights:
            tracker.learn(large(height))
            seen.append(tracker.region)
        return seen

    assert regions(60, 60)[-1] == WHOLE  # 0.73 of the frame each way.
    near = regions(56, 60, 56, 60)
    assert WHOLE not in near and len(set(near)) <= 2


@pytest.mark.parametrize("one_shape", [False, True])
@pytest.mark.parametrize("step_px", [1, 3, 6])
def test_the_crop_follows_a_person_who_walks_and_cuts_off_nothing(
    step_px: int, one_shape: bool
) -> None:
    tracker = RegionTracker(one_shape=one_shape, margin=0.08)
    tracker.learn(person())
    for shift in range(step_px, 60, step_px):
        moved = np.roll(person(), shift, axis=1)
        left, top, right, bottom = tracker.region.pixels((160, 90))
        inside = np.zeros_like(moved)
        inside[top:bottom, left:right] = 1
        if shift > 2 * step_px:  # Where somebody who stood still will go cannot be known.
            assert not (moved * (1 - inside)).any()
        tracker.learn(moved)


def test_a_person_who_fills_the_frame_needs_no_crop() -> None:
    tracker = RegionTracker()
    tracker.learn(np.ones((90, 160), np.float32))
    assert tracker.region == WHOLE


def test_a_crop_asks_for_a_look_at_the_whole_frame_now_and_then() -> None:
    tracker = RegionTracker(look_every=5)
    assert not any(tracker.glance_at() for _ in range(10))
    tracker.reset()
    tracker.learn(person())
    assert [tracker.glance_at() for _ in range(10)] == [*[None] * 4, WHOLE] * 2
    tracker.learn(np.ones((90, 160), np.float32))
    assert not any(tracker.glance_at() for _ in range(10))


def test_where_nobody_is_all_parts_are_looked_at_in_turn() -> None:
    tracker = RegionTracker(search_every=3)
    asked = [tracker.glance_at() for _ in range(6 * len(PARTS))]
    assert asked[2::3] == [*PARTS, *PARTS]
    assert not any(asked[0::3]) and not any(asked[1::3])
    tracker.learn(person())
    assert not tracker.searches
    assert tracker.glance_at() is None
    tracker.learn(np.zeros((90, 160), np.float32))
    assert tracker.searches


@pytest.mark.parametrize("height", [0.2, 0.4])
def test_somebody_small_is_whole_in_one_of_the_parts_wherever_they_are(height: float) -> None:
    rng = np.random.default_rng(0)
    for left, top in rng.uniform(0, 1, (200, 2)) * (1 - height / 2, 1 - height):
        box = Region(left, top, left + height / 2, top + height)
        held = [
            part[0] <= left and part[1] <= top and part[2] >= box[2] and part[3] >= box[3]
            for part in PARTS
        ]
        assert any(held)
        assert all(held[i] or not is_whole_in(cropped(box, p), p) for i, p in enumerate(PARTS))


def cropped(box: Region, part: Region) -> Region:
    """What of a box is seen in a part."""
    return Region(
        max(box.left, part.left),
        max(box.top, part.top),
        min(box.right, part.right),
        min(box.bottom, part.bottom),
    )


@pytest.mark.parametrize(
    ("rows", "columns", "taken"),
    [
        ((30, 60), (70, 82), True),
        ((30, 60), (32, 50), False),  # Cut off on the left.
        ((30, 72), (70, 82), False),  # Below.
    ],
)
def test_what_a_part_of_the_frame_cuts_off_is_nobody(
    rows: tuple[int, int], columns: tuple[int, int], taken: bool
) -> None:
    alpha = np.zeros((90, 160), np.float32)
    alpha[slice(*rows), slice(*columns)] = 1
    tracker = RegionTracker(search_every=3)
    tracker.learn(alpha, PARTS[0])
    assert (tracker.region != WHOLE) == taken
    # At the frame's own edge they are whole.
    lower = np.zeros((90, 160), np.float32)
    lower[60:, 70:82] = 1
    tracker.reset()
    tracker.learn(lower, PARTS[3])
    assert tracker.region != WHOLE


def test_a_region_is_never_empty() -> None:
    left, top, right, bottom = Region(0.999, 0.999, 1.0, 1.0).pixels((3, 2))
    assert right > left
    assert bottom > top
