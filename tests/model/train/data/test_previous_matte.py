"""Previous mattes for training."""

import numpy as np

from u2cam.model.train.data.previous_matte import draw_previous, perturb

ALPHA = np.zeros((36, 64), np.uint8)
ALPHA[10:, 20:44] = 255


def test_previous_matte_is_often_missing_and_otherwise_mostly_near() -> None:
    other = np.zeros_like(ALPHA)
    drawn = [draw_previous(ALPHA, other, np.random.default_rng(i)) for i in range(400)]
    missing = np.mean([not p.any() for p in drawn])
    assert 0.55 < missing < 0.75  # The other matte is empty here as well.
    near = [np.abs(p.astype(int) - ALPHA).mean() < 0.35 * 255 for p in drawn if p.any()]
    assert np.mean(near) > 0.7


def test_perturbed_matte_differs_from_the_truth() -> None:
    assert not np.array_equal(perturb(ALPHA, np.random.default_rng(0)), ALPHA)
