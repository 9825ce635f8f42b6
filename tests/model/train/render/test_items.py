"""Items of a run: numbered once, mixed evenly, split by their seed."""

from u2cam.model.train.render.draws import split_of
from u2cam.model.train.render.items import Item, items


def test_any_beginning_has_stills_and_clips_in_proportion() -> None:
    run = list(items(1, 3000, 250))
    assert len(run) == 3250
    for end in (130, 650, 2000, 3250):
        clips = sum(item.kind == "clip" for item in run[:end])
        assert abs(clips - end / 13) <= 1


def test_names_are_unique_and_stay_when_a_run_is_made_longer() -> None:
    short = {item.name for item in items(1, 20, 3)}
    longer = {item.name for item in items(1, 200, 30)}
    assert len(longer) == 230
    assert short <= longer


def test_runs_share_no_seed() -> None:
    first = {item.seed for item in items(1, 500, 50)}
    second = {item.seed for item in items(2, 500, 50)}
    assert not first & second


def test_people_of_all_items_differ() -> None:
    seeds = [item.person_seed(k) for item in items(1, 300, 30) for k in range(3)]
    assert len(set(seeds)) == len(seeds)


def test_the_split_follows_the_seed() -> None:
    assert all(item.split == split_of(item.seed) for item in items(3, 100, 10))
    assert Item("still", 10_000_003).name == "s010000003"
    assert Item("clip", 15_000_003).name == "c015000003"
