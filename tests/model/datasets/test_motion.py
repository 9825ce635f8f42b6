"""Motion in clips."""

import numpy as np
import pytest

from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.motion import SHIFT, draw_clock, draw_path


def test_time_runs_evenly_where_nothing_happens() -> None:
    times = draw_clock(8, Draws((1,)), 0.0, 0.0)
    assert times[0] == 0
    assert np.allclose(np.diff(times), np.diff(times)[0]) and 0.5 <= times[1] <= 2.0


def test_a_pause_stands_still_and_a_skip_jumps() -> None:
    paused = [np.diff(draw_clock(16, Draws((i,)), 1.0, 0.0)) for i in range(30)]
    assert sum((steps == 0).any() for steps in paused) > 25
    assert all((steps >= 0).all() for steps in paused)
    skipped = [np.diff(draw_clock(16, Draws((i,)), 0.0, 1.0)) for i in range(30)]
    assert sum(steps.max() > 1.9 * steps.min() for steps in skipped) > 25


def test_a_path_begins_where_it_is_and_moves_by_the_wanted_amount() -> None:
    times = np.arange(30.0)
    moved = []
    for seed in range(60):
        path = draw_path((200, 100), times, 1.0, np.random.default_rng(seed))
        assert np.allclose(path[0], np.eye(3))
        centres = np.array([(m @ (100, 50, 1))[:2] for m in path])
        moved.append(np.sqrt(np.mean(np.diff(centres, axis=0) ** 2)))
    assert np.mean(moved) == pytest.approx(SHIFT * 100, rel=0.35)


def test_amount_0_stands_still() -> None:
    path = draw_path((200, 100), np.arange(5.0), 0.0, np.random.default_rng(0))
    assert all(np.allclose(step, np.eye(3)) for step in path)
