"""Things in rooms: each is a whole mesh of a size that it can have, the same for one seed."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from u2cam.model.train.render.draws import Draws
from u2cam.model.train.render.things import (
    animals,
    flat,
    lamps,
    plants,
    seats,
    small,
    storage,
    tables,
)
from u2cam.model.train.render.things.pictures import Pictures
from u2cam.model.train.render.things.piece import Thing, bounds

ALONE: dict[str, Callable[[Draws], Thing]] = {
    **{name: make for name, (_, make) in small.SMALL.items()},
    **{
        make.__name__: make
        for make in (
            animals.cat_or_dog,
            animals.teddy,
            animals.bird,
            animals.toy,
            lamps.table_lamp,
            lamps.floor_lamp,
            lamps.pendant,
            lamps.panel,
            lamps.studio_light,
            plants.pot_plant,
            plants.floor_plant,
            plants.hair_plant,
            plants.bouquet,
            seats.sofa,
            seats.armchair,
            seats.bed,
            seats.stool,
            seats.dining_chair,
            storage.shelf,
            storage.wall_board,
            storage.cabinet,
            storage.kitchen,
            storage.fridge,
            storage.partition,
            storage.lockers,
            storage.counter,
            tables.table,
            tables.coffee_table,
            tables.school_desks,
            tables.bench,
            tables.piano,
        )
    },
}
SHOWN = (
    flat.picture,
    flat.portrait,
    flat.poster,
    flat.photographs,
    flat.television,
    flat.whiteboard,
    flat.mirror,
    flat.wall_clock,
    flat.wall_cloth,
    flat.guitar,
    tables.desk,
)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    folder = tmp_path_factory.mktemp("pictures")
    rng = np.random.default_rng(1)
    Image.fromarray(rng.integers(0, 255, (60, 90, 3)).astype(np.uint8)).save(folder / "room.png")
    person = np.zeros((72, 128, 4), np.uint8)
    person[20:, 40:80] = (255, 0, 0, 255)
    Image.fromarray(person).save(folder / "person.png")
    return Pictures([folder / "room.png"], [folder / "person.png"])


def _check(thing: Thing) -> None:
    assert thing
    low, high = bounds(thing)
    assert np.isfinite([low, high]).all()
    assert (high - low).max() < 6.5
    for piece in thing:
        used = np.unique([i for face in piece.shape.faces for i in face])
        assert used[0] >= 0 and used[-1] < len(piece.shape.vertices)
        assert piece.rest is None or piece.rest.shape == piece.shape.vertices.shape
        assert "kind" in piece.shading


@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_thing_is_a_whole_mesh(name: str) -> None:
    for seed in range(6):
        _check(ALONE[name](Draws(seed)))


@pytest.mark.parametrize("make", SHOWN, ids=lambda make: make.__name__)
def test_a_thing_with_a_picture_is_a_whole_mesh(
    make: Callable[[Draws, Pictures], Thing], pictures: Pictures
) -> None:
    for seed in range(4):
        _check(make(Draws(seed), pictures))


@pytest.mark.parametrize("kind", sorted(seats.CHAIRS))
def test_chairs_stand_on_the_floor(kind: str) -> None:
    for seed in range(5):
        low, high = bounds(seats.chair(Draws(seed), kind))
        assert -0.01 < low[2] < 0.06
        assert 0.7 < high[2] < 1.6


@pytest.mark.parametrize("make", [storage.shelf, storage.cabinet, storage.kitchen, seats.sofa])
def test_what_stands_at_a_wall_does_not_reach_into_it(make: Callable[[Draws], Thing]) -> None:
    for seed in range(8):
        assert bounds(make(Draws(seed)))[1][1] < 0.06


def test_a_portrait_shows_the_person_and_its_scene(pictures: Pictures) -> None:
    shown = pictures.person(Draws(3), 0.8).astype(int)
    assert shown.shape == (200, 160, 3)
    red = (shown[..., 0] > 150) & (shown[..., 1:].max(-1) < 90)
    assert 0.1 < red.mean() < 0.95


def test_without_portraits_pictures_show_no_person(pictures: Pictures) -> None:
    empty = Pictures(pictures.scenes)
    np.testing.assert_array_equal(empty.person(Draws(3), 0.8), empty.photograph(Draws(3), 0.8))


def test_the_same_seed_makes_the_same_thing() -> None:
    first, again, other = (storage.shelf(Draws(seed)) for seed in (1, 1, 2))
    assert len(first) == len(again)
    np.testing.assert_array_equal(first[-1].shape.vertices, again[-1].shape.vertices)
    assert len(first) != len(other) or not np.array_equal(bounds(first), bounds(other))
