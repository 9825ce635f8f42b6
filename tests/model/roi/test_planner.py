import numpy as np
import pytest

from u2cam.model.roi.boxes import box_of, cut, place
from u2cam.model.roi.planner import CONFIDENT, RegionPlanner
from u2cam.model.roi.region import FULL_FRAME, PARTS, Region, expected, is_cut_off


def learn(planner: RegionPlanner, alpha: np.ndarray, extra: Region | None = None) -> None:
    planner.learn(box_of(alpha, planner.confidence_needed), extra)


def person(left: int = 70) -> np.ndarray:
    alpha = np.zeros((90, 160), np.float32)
    alpha[30:60, left : left + 12] = 1
    return alpha


def test_the_box_holds_the_person() -> None:
    box = box_of(person(), CONFIDENT)
    assert box is not None
    assert box.pixels((160, 90)) == (70, 30, 82, 60)


def test_an_empty_matte_has_no_box() -> None:
    assert box_of(np.zeros((9, 16), np.float32), CONFIDENT) is None


def test_a_component_of_little_confidence_or_a_fleck_is_not_in_the_box() -> None:
    alpha = person()
    alpha[10:80, 120:150] = CONFIDENT - 0.05
    alpha[4:6, 4:6] = 1  # 4 of 360 pixels.
    assert box_of(alpha, CONFIDENT) == box_of(person(), CONFIDENT)
    alpha[10:80, 120:150] = CONFIDENT + 0.05
    assert box_of(alpha, CONFIDENT) != box_of(person(), CONFIDENT)


def test_a_second_person_is_in_the_box() -> None:
    box = box_of(np.maximum(person(20), person(120)), CONFIDENT)
    assert box is not None
    assert box.pixels((160, 90)) == (20, 30, 132, 60)


def test_room_is_a_share_of_the_longer_side_and_ends_at_the_border() -> None:
    box = Region(0.1, 0.3, 0.2, 0.8).widened(0.2)
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
    left, top, right, bottom = Region(*box).in_shape()
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


def test_the_crop_goes_to_the_person_and_back_when_the_person_is_lost() -> None:
    planner = RegionPlanner()
    assert planner.crop == FULL_FRAME
    learn(planner, person())
    assert planner.crop != FULL_FRAME
    learn(planner, np.zeros((90, 160), np.float32))
    assert planner.crop == FULL_FRAME


def test_a_person_of_less_confidence_on_the_crop_stays_on_it() -> None:
    planner = RegionPlanner()
    learn(planner, 0.7 * person())
    assert planner.crop == FULL_FRAME
    learn(planner, person())
    region = planner.crop
    learn(planner, 0.7 * person())
    assert planner.crop == region != FULL_FRAME
    learn(planner, 0.5 * person())
    assert planner.crop == FULL_FRAME


def test_crops_of_the_frames_shape_have_it() -> None:
    planner = RegionPlanner(frame_shape=True)
    learn(planner, person())
    left, top, right, bottom = planner.crop
    assert right - left == pytest.approx(bottom - top)
    assert planner.crop != FULL_FRAME


def test_the_region_does_not_tremble_with_the_person() -> None:
    planner = RegionPlanner()
    learn(planner, person())
    first = planner.crop
    for shift in (1, -1, 2, -2):
        learn(planner, np.roll(person(), shift, axis=1))
        assert planner.crop == first


def test_a_person_of_about_the_size_that_is_worth_it_has_no_crop_that_comes_and_goes() -> None:
    def large(height: int) -> np.ndarray:
        alpha = np.zeros((90, 160), np.float32)
        alpha[90 - height :, 60:90] = 1
        return alpha

    def regions(*heights: int) -> list[Region]:
        planner = RegionPlanner(margin=0.1, worth=0.5, frame_shape=True)
        seen = []
        for height in heights:
            learn(planner, large(height))
            seen.append(planner.crop)
        return seen

    assert regions(60, 60)[-1] == FULL_FRAME  # 0.73 of the frame each way.
    near = regions(56, 60, 56, 60)
    assert FULL_FRAME not in near and len(set(near)) <= 2


@pytest.mark.parametrize("frame_shape", [False, True])
@pytest.mark.parametrize("step_px", [1, 3, 6])
def test_the_crop_follows_a_person_who_walks_and_cuts_off_nothing(
    step_px: int, frame_shape: bool
) -> None:
    planner = RegionPlanner(frame_shape=frame_shape, margin=0.08)
    learn(planner, person())
    for shift in range(step_px, 60, step_px):
        moved = np.roll(person(), shift, axis=1)
        left, top, right, bottom = planner.crop.pixels((160, 90))
        inside = np.zeros_like(moved)
        inside[top:bottom, left:right] = 1
        if shift > 2 * step_px:  # Where a person who stood still will go cannot be known.
            assert not (moved * (1 - inside)).any()
        learn(planner, moved)


def test_a_person_who_fills_the_frame_needs_no_crop() -> None:
    planner = RegionPlanner()
    learn(planner, np.ones((90, 160), np.float32))
    assert planner.crop == FULL_FRAME


def test_a_crop_asks_for_a_full_frame_pass_now_and_then() -> None:
    planner = RegionPlanner(full_frame_every=5)
    assert not any(planner.extra_pass() for _ in range(10))
    planner.reset()
    learn(planner, person())
    assert [planner.extra_pass() for _ in range(10)] == [*[None] * 4, FULL_FRAME] * 2
    learn(planner, np.ones((90, 160), np.float32))
    assert not any(planner.extra_pass() for _ in range(10))


def test_without_a_person_all_parts_are_searched_in_turn() -> None:
    planner = RegionPlanner(search_every=3)
    asked = [planner.extra_pass() for _ in range(6 * len(PARTS))]
    assert asked[2::3] == [*PARTS, *PARTS]
    assert not any(asked[0::3]) and not any(asked[1::3])
    learn(planner, person())
    assert not planner.searches
    assert planner.extra_pass() is None
    learn(planner, np.zeros((90, 160), np.float32))
    assert planner.searches


@pytest.mark.parametrize("height", [0.2, 0.4])
def test_a_small_person_lies_within_one_of_the_parts_wherever_they_are(height: float) -> None:
    rng = np.random.default_rng(0)
    for left, top in rng.uniform(0, 1, (200, 2)) * (1 - height / 2, 1 - height):
        box = Region(left, top, left + height / 2, top + height)
        held = [
            part[0] <= left and part[1] <= top and part[2] >= box[2] and part[3] >= box[3]
            for part in PARTS
        ]
        assert any(held)
        assert all(held[i] or is_cut_off(cropped(box, p), p) for i, p in enumerate(PARTS))


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
def test_what_a_part_of_the_frame_cuts_off_is_no_person(
    rows: tuple[int, int], columns: tuple[int, int], taken: bool
) -> None:
    alpha = np.zeros((90, 160), np.float32)
    alpha[slice(*rows), slice(*columns)] = 1
    planner = RegionPlanner(search_every=3)
    learn(planner, alpha, PARTS[0])
    assert (planner.crop != FULL_FRAME) == taken
    # At the frame's own edge nothing is cut off.
    lower = np.zeros((90, 160), np.float32)
    lower[60:, 70:82] = 1
    planner.reset()
    learn(planner, lower, PARTS[3])
    assert planner.crop != FULL_FRAME


def test_a_region_is_never_empty() -> None:
    left, top, right, bottom = Region(0.999, 0.999, 1.0, 1.0).pixels((3, 2))
    assert right > left
    assert bottom > top
