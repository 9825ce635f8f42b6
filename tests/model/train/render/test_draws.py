"""A draw depends on its seed and its name only."""

from collections import Counter

import numpy as np
import pytest

from u2cam.model.train.render.draws import Draws, split_of


def test_a_draw_does_not_depend_on_the_draws_before_it() -> None:
    first, second = Draws(7), Draws(7)
    second.uniform("something else", 0, 1)
    second.rng("more").normal(size=100)
    assert first.uniform("nose", 0, 1) == second.uniform("nose", 0, 1)
    np.testing.assert_array_equal(
        first.rng("hair").normal(size=5), second.rng("hair").normal(size=5)
    )


def test_names_and_seeds_have_draws_of_their_own() -> None:
    values = {Draws(seed).uniform(name, 0, 1) for seed in range(20) for name in ("a", "b", "a/b")}
    assert len(values) == 60
    assert Draws(1).under("a").uniform("b", 0, 1) == Draws(1).uniform("a/b", 0, 1)


def test_known_values_stay_as_they_are() -> None:
    """Identities of earlier runs must come back: these numbers are never to be edited."""
    draws = Draws(12345).under("body")
    assert draws.uniform("age", 0, 1) == pytest.approx(KNOWN_UNIFORM, abs=1e-12)
    assert draws.rng("nose").integers(0, 1_000_000) == KNOWN_INTEGER


KNOWN_UNIFORM = 0.8629589427252544
KNOWN_INTEGER = 91907


def test_an_option_added_later_takes_its_share_and_leaves_the_rest_as_they_were() -> None:
    old = {"cap": 1.0, "beanie": 1.0}
    changed = 0
    for seed in range(600):
        before = Draws(seed).pick("hat", old)
        after = Draws(seed).pick("hat", {**old, "fedora": 1.0})
        if after != before:
            assert after == "fedora"
            changed += 1
    assert 150 < changed < 250


def test_options_come_as_often_as_their_weights_say() -> None:
    picked = Counter(Draws(seed).pick("x", {"a": 3, "b": 1, "never": 0}) for seed in range(2000))
    assert set(picked) == {"a", "b"}
    assert 0.7 < picked["a"] / 2000 < 0.8


def test_nothing_to_pick_from_is_an_error() -> None:
    with pytest.raises(ValueError, match="draw hair/style: no option"):
        Draws(1).under("hair").pick("style", {"bob": 0})


def test_forced_draws_reach_their_part() -> None:
    draws = Draws(1, forced={"hair/style": "locs", "hair/dyed": 1, "hair/length": 2})
    hair = draws.under("hair")
    assert hair.pick("style", {"bob": 1.0}) == "locs"
    assert hair.chance("dyed", 0.0)
    assert hair.uniform("length", 0, 1) == 2.0


def test_the_test_split_is_stable_and_more_than_a_tenth() -> None:
    splits = Counter(split_of(seed) for seed in range(20_000))
    assert 0.1 < splits["test"] / 20_000 < 0.14
    assert [split_of(seed) for seed in range(50)] == [split_of(seed) for seed in range(50)]
