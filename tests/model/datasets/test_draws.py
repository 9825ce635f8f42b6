"""Named random draws."""

import numpy as np
import pytest

from u2cam.model.datasets.draws import Draws, pick


def test_a_draw_depends_on_its_name_and_not_on_those_before_it() -> None:
    alone = Draws((1, 2)).rng("noise").random(3)
    draws = Draws((1, 2))
    draws.rng("blur").random(100)
    draws.under("person").rng("noise").random(100)
    assert np.array_equal(draws.rng("noise").random(3), alone)


def test_different_addresses_draw_different_numbers() -> None:
    drawn = {
        Draws((1, 2)).rng("a").random(),
        Draws((1, 2)).rng("b").random(),
        Draws((1, 3)).rng("a").random(),
        Draws((1, 2)).under("a").rng("a").random(),
    }
    assert len(drawn) == 4


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_a_step_happens_in_its_share_of_the_samples(share: float) -> None:
    taken = [Draws((7, index)).happens("step", share) is not None for index in range(2000)]
    assert np.mean(taken) == pytest.approx(share, abs=0.03)


def test_names_are_picked_by_their_shares_and_never_at_share_0() -> None:
    rng = np.random.default_rng(0)
    picked = [pick({"a": 3, "b": 1, "c": 0}, rng) for _ in range(1000)]
    assert picked.count("a") == pytest.approx(750, abs=50) and "c" not in picked
    with pytest.raises(ValueError, match="every share is 0"):
        pick({"a": 0.0}, rng)
