"""Rooms without people: plans, places and splits; nothing here needs Blender."""

from pathlib import Path

import numpy as np
import pytest

from u2cam.model.datasets import splits
from u2cam.model.train.render.draws import Draws
from u2cam.model.train.render.items import Item, items
from u2cam.model.train.render.room.layout import BEHIND_M, Camera, Room
from u2cam.model.train.render.room.openings import add_door, add_window
from u2cam.model.train.render.room.plan import ROOMS, draw_room, how_many
from u2cam.model.train.render.room.shell import shell, wall_surface
from u2cam.model.train.render.things.piece import Piece, block, bounds, moved, plain

ASPECT = 16 / 9


def _room(yaw: float = 0.0) -> Room:
    camera = Camera(1.2, yaw, 0.0, 0.0, float(np.radians(70)), None, 0.7)
    return Room(3.0, 2.0, 2.0, 2.5, camera)


def _box(wide: float = 0.5, high: float = 1.0) -> list[Piece]:
    return [Piece(block([-wide / 2, -0.3, 0], [wide / 2, 0, high]), plain((0.5,) * 3))]


def test_all_four_kinds_are_mixed_in_proportion() -> None:
    run = list(items(1, stills=30, clips=10, rooms=200, negatives=100))
    for end in (34, 170, 340):
        kinds = [item.kind for item in run[:end]]
        assert abs(kinds.count("room") - 200 * end / 340) <= 1
        assert abs(kinds.count("negative") - 100 * end / 340) <= 1
    assert len({item.name for item in run}) == len({item.seed for item in run}) == 340


def test_rooms_are_split_as_training_splits_scenes() -> None:
    found = [item for item in items(4, rooms=400, negatives=400)]
    for item in found:
        assert item.split == splits.scene(Path(item.folder) / f"{item.name}.webp")
    held_out = sum(item.split != "train" for item in found) / len(found)
    assert 0.07 < held_out < 0.13
    assert Item("room", 18_000_000).folder == "rooms"
    assert Item("negative", 19_000_000).folder == "negatives"


def test_a_point_before_the_camera_is_in_the_picture_and_one_aside_is_not() -> None:
    camera = _room(yaw=0.5).camera
    ahead = np.array([2 * np.sin(0.5), 2 * np.cos(0.5), 1.2])
    assert camera.sees(ahead, ASPECT)
    assert not camera.sees(-ahead, ASPECT)
    assert not camera.sees(np.array([-2.0, 1.0, 1.2]), ASPECT)
    assert not camera.sees(np.array([ahead[0], ahead[1], 3.2]), ASPECT)


@pytest.mark.parametrize(
    ("name", "inward"), [("back", [0, -1, 0]), ("left", [1, 0, 0]), ("right", [-1, 0, 0])]
)
def test_what_stands_at_a_wall_faces_into_the_room(name: str, inward: list[float]) -> None:
    wall = _room().walls[name]
    placed = wall.world(_box(), 1.0)
    center = sum(bounds(placed)) / 2 - wall.point(1.0, 0.5)
    np.testing.assert_allclose(center, 0.15 * np.array(inward), atol=1e-9)


def test_walls_end_in_the_corners_of_the_room() -> None:
    walls = _room().walls
    np.testing.assert_allclose(walls["left"].point(walls["left"].length_m, 0), [-2, 3, 0])
    np.testing.assert_allclose(walls["back"].point(walls["back"].length_m, 0), [2, 3, 0])
    np.testing.assert_allclose(walls["right"].point(walls["right"].length_m, 0), [2, -BEHIND_M, 0])


def test_no_two_things_stand_in_one_another() -> None:
    room = _room(yaw=0.2)
    placed = []
    for k in range(25):
        thing = room.stand_at_wall(Draws(7, f"{k}/"), _box())
        if thing is not None:
            placed.append(bounds(thing))
    assert len(placed) >= 3
    for k, (low, high) in enumerate(placed):
        assert low[0] >= -2.001 and high[0] <= 2.001 and high[1] <= 3.001
        for other_low, other_high in placed[:k]:
            apart = (high[:2] < other_low[:2]) | (low[:2] > other_high[:2])
            assert apart.any()


def test_pictures_do_not_overlap_on_a_wall() -> None:
    room = _room()
    for k in range(30):
        room.hang(Draws(3, f"{k}/"), _box(0.4, 0.4), (1.0, 1.9))
    for wall in room.walls.values():
        for k, (u0, u1, z0, z1) in enumerate(wall.taken):
            for a, b, c, d in wall.taken[:k]:
                assert u1 < a or u0 > b or z1 < c or z0 > d


def test_a_window_is_a_hole_in_the_wall() -> None:
    room = _room()
    window = add_window(Draws(5), room, plain((1, 1, 1)))
    assert window is not None
    wall = next(wall for wall in room.walls.values() if wall.holes)
    ((u0, u1, z0, z1),) = wall.holes
    walls = shell(Draws(5), room, {"paint": 1.0}, {"carpet": 1.0})[:3]
    own = walls[list(room.walls).index(wall.name)]
    assert own.rest is not None
    corners = own.rest[:, :2] / 10
    area = sum(np.ptp(corners[face], axis=0).prod() for face in own.shape.faces)
    assert area == pytest.approx(wall.length_m * wall.height_m - (u1 - u0) * (z1 - z0))


def test_doors_keep_the_floor_before_them_free() -> None:
    room = _room()
    assert add_door(Draws(2), room) is not None
    assert len(room.floor) == 1


@pytest.mark.parametrize("kind", sorted(ROOMS))
def test_every_covering_of_every_kind_of_room_can_be_drawn(kind: str) -> None:
    about = ROOMS[kind]
    for name in {*about.walls, *about.floors}:
        assert "kind" in wall_surface(Draws(1), name)


def test_the_same_seed_draws_the_same_room_and_others_differ() -> None:
    first, again = draw_room(Draws(9)), draw_room(Draws(9))
    assert first[0] == again[0] and first[1].camera == again[1].camera
    depths = {draw_room(Draws(seed))[1].depth_m for seed in range(50)}
    assert len(depths) == 50


def test_counts_have_the_mean_that_was_asked_for() -> None:
    counts = [how_many(Draws(seed), 1.3) for seed in range(3000)]
    assert np.mean(counts) == pytest.approx(1.3, abs=0.08)


def test_a_pattern_moves_with_the_thing_that_has_it() -> None:
    (piece,) = moved(_box(), [1.0, 2.0, 0.0], 0.7)
    assert piece.rest is not None
    np.testing.assert_allclose(piece.rest, _box()[0].shape.vertices * 10)


def test_a_figure_stands_so_far_away_that_its_top_is_in_the_picture() -> None:
    found = 0
    for seed in range(20):
        room = _room()
        thing = room.stand(Draws(seed), _box(0.5, 1.7), (0.5, 2.6), aspect=ASPECT)
        if thing is not None:
            low, high = bounds(thing)
            found += 1
            assert room.camera.sees(np.array([*(low + high)[:2] / 2, high[2]]), ASPECT)
    assert found > 10
