"""Composites and where people are placed in them."""

import numpy as np
import pytest

from tests.model.evaluate.small_data import rgba_person
from u2cam.model.evaluate.composites import Layer, compose, draw_drift, premultiplied, scene_size
from u2cam.model.evaluate.placing import free_rows, place_portrait, place_rendered, place_standing

SIZE_WH = (128, 72)


def scene(level: int = 90) -> np.ndarray:
    width, height = scene_size(SIZE_WH)
    return np.full((height, width, 3), level, np.uint8)


def test_the_matte_of_a_composite_is_exactly_the_cutouts() -> None:
    person = rgba_person(72, 128)
    layer = place_rendered(person[None], None, SIZE_WH)
    _, alpha = compose([layer], scene(), SIZE_WH, 1, np.random.default_rng(0))
    assert np.array_equal(alpha[0], person[..., 3])


def test_the_scene_shows_where_nobody_is_and_the_person_where_they_are() -> None:
    person = rgba_person(72, 128)
    layer = place_rendered(person[None], None, SIZE_WH)
    for seed in range(8):
        frames, alpha = compose([layer], scene(240), SIZE_WH, 1, np.random.default_rng(seed))
        empty = frames[0][alpha[0] == 0].mean(0)
        assert np.ptp(empty) < 6  # grey as the scene is
        assert np.ptp(frames[0][alpha[0] == 255].mean(0)) > 15  # blue as the person is


def test_furniture_is_seen_and_is_no_part_of_the_matte() -> None:
    person = np.zeros((72, 128, 4), np.uint8)
    chair = np.zeros_like(person)
    chair[20:50, 40:90] = (255, 0, 0, 255)
    layer = place_rendered(person[None], chair, SIZE_WH)
    frames, alpha = compose([layer], scene(), SIZE_WH, 1, np.random.default_rng(1))
    assert not alpha.any()
    inside, outside = frames[0][30, 60].astype(int), frames[0][5, 5].astype(int)
    assert inside[0] - inside[2] > 60 and abs(outside[0] - outside[2]) < 25


def test_a_nearer_person_hides_a_farther_one_and_the_mattes_join() -> None:
    def block(left: int, level: int) -> Layer:
        rgba = np.zeros((72, 128, 4), np.uint8)
        rgba[:, left : left + 40] = (level, level, level, 255)
        return Layer((premultiplied(rgba),), 0, 0)

    frames, alpha = compose(
        [block(20, 255), block(40, 0)], scene(), SIZE_WH, 1, np.random.default_rng(0)
    )
    assert (alpha[0, 30, 20:80] == 255).all() and not alpha[0, 30, 81:].any()
    assert frames[0, 30, 70].mean() < frames[0, 30, 25].mean() / 3


def test_clips_drift_and_stills_of_the_same_draw_begin_alike() -> None:
    layer = place_portrait(rgba_person(), SIZE_WH, np.random.default_rng(0))
    clip, mattes = compose([layer], scene(), SIZE_WH, 8, np.random.default_rng(4), drift=1.0)
    again, _ = compose([layer], scene(), SIZE_WH, 8, np.random.default_rng(4), drift=1.0)
    assert np.array_equal(clip, again)
    change = np.abs(np.diff(mattes.astype(int), axis=0)).mean((1, 2))
    assert (change > 0).all() and change.max() < 12


def test_a_drift_begins_at_rest_and_stays_small() -> None:
    for seed in range(20):
        drift = draw_drift(np.random.default_rng(seed), 1.0)
        assert drift.matrix(0.0, (64, 72), 72) == pytest.approx(np.eye(3)[:2])
        for time_s in np.arange(0, 2, 0.1):
            moved = drift.matrix(float(time_s), (64, 72), 72) @ (64.0, 36.0, 1.0)
            assert np.abs(moved - (64, 36)).max() < 0.2 * 72


@pytest.mark.parametrize("seed", range(12))
def test_no_cut_edge_of_a_portrait_shows_inside_the_frame(seed: int) -> None:
    person = rgba_person()
    layer = place_portrait(person, SIZE_WH, np.random.default_rng(seed))
    shape = layer.frames[0].shape
    rows = min(free_rows((layer.frames[0][..., 3] * 255).astype(np.uint8)))
    assert layer.top_px + rows >= SIZE_WH[1]
    assert layer.top_px + shape[0] >= SIZE_WH[1]


def test_a_portrait_put_aside_is_cut_by_the_frames_side() -> None:
    person = rgba_person()
    person[60:, :20, 3] = 255  # cut by one side from row 60 on, by the other later
    layer = place_portrait(person, SIZE_WH, np.random.default_rng(2), aside=True)
    _, alpha = compose([layer], scene(), SIZE_WH, 1, np.random.default_rng(0))
    assert max(alpha[0, :, 0].max(), alpha[0, :, -1].max()) > 200


def test_people_who_stand_are_shown_close_to_the_waist_and_whole() -> None:
    person = np.zeros((220, 90, 4), np.uint8)
    person[10:200, 30:60] = 255
    seen = set()
    for seed in range(30):
        layer = place_standing(person, SIZE_WH, np.random.default_rng(seed))
        _, alpha = compose([layer], scene(), SIZE_WH, 1, np.random.default_rng(0))
        seen.add(bool(alpha[0, -1].any()))
        assert alpha.any()
    assert seen == {True, False}
