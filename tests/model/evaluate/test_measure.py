"""Measuring sequences with candidates of known output."""

import numpy as np
import pytest
from numpy.typing import NDArray

from u2cam.model.candidates.candidate import BaselineCandidate
from u2cam.model.evaluate.failures import draw_worst
from u2cam.model.evaluate.measure import Record, mean_scores, measure
from u2cam.model.evaluate.report import markdown, summarise
from u2cam.model.evaluate.sequence import Sequence


def bright(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (rgb[..., 0] / np.float32(255)).astype(np.float32)


def black(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.zeros(rgb.shape[:2], np.float32)


CANDIDATES = [BaselineCandidate("bright", bright), BaselineCandidate("black", black)]


def moving_square(set_name: str = "keyed clips", kinds: frozenset[str] = frozenset()) -> Sequence:
    alpha = np.zeros((2, 40, 40), np.uint8)
    alpha[0, 5:10, 5:10] = 255
    alpha[1, 5:10, 6:11] = 255
    return Sequence("square", set_name, np.repeat(alpha[..., None], 3, axis=3), alpha, kinds)


def test_a_perfect_candidate_scores_perfectly_and_an_empty_one_does_not() -> None:
    best, worst = (record.scores for record in measure(CANDIDATES, [moving_square()]))
    assert best["mad"] == best["dtssd"] == best["grad"] == best["conn"] == 0
    assert best["iou"] == 1 and worst["iou"] == 0
    assert worst["mad"] == pytest.approx(1000 * 25 / 1600)
    assert worst["dtssd"] == pytest.approx(100 * np.sqrt(10 / 1600))


def test_the_parts_of_mad_in_core_and_band_add_up() -> None:
    for record in measure(CANDIDATES, [moving_square()]):
        scores = record.scores
        assert scores["mad_core"] + scores["mad_band"] == pytest.approx(scores["mad"])


def test_a_matte_that_never_moves_has_a_relative_dtssd_of_one() -> None:
    records = list(measure(CANDIDATES, [moving_square()]))
    assert mean_scores([records[1]])["dtssd_relative"] == pytest.approx(1)
    assert mean_scores([records[0]])["dtssd_relative"] == 0


def test_stills_have_no_dtssd_and_clips_without_truth_flicker_only() -> None:
    square = moving_square()
    still = Sequence("s", "keyed stills", square.frames[:1], square.alpha[:1])
    real = Sequence("r", "real clips", square.frames, None)
    stills, reals = measure(CANDIDATES[1:], [still, real])
    assert "dtssd" not in stills.scores
    assert set(reals.scores) == {"flicker"}


def test_a_candidate_is_reset_before_every_sequence() -> None:
    resets = []

    class Counting(BaselineCandidate):
        def reset(self) -> None:
            resets.append(self.name)

    list(measure([Counting("x", black)], [moving_square(), moving_square()]))
    assert resets == ["x", "x"]


def record(name: str, mad: float, set_name: str = "keyed stills", **scores: float) -> Record:
    return Record("a", name, set_name, ("close",), {"mad": mad, **scores}, 0, [2.0, 4.0])


def test_each_exact_set_counts_once_in_the_mean_and_photographs_do_not() -> None:
    records = [record(str(i), 10) for i in range(3)]
    records += [record("clip", 30, "keyed clips"), record("photo", 1000, "photographs")]
    summary = summarise(records)
    assert summary["sets"]["all exact"]["a"]["mad"] == 20
    assert summary["kinds"]["close"]["a"]["mad"] == 15
    assert summary["counts"] == {"keyed stills": 3, "keyed clips": 1, "photographs": 1, "close": 4}
    assert summary["ms"] == {"a": 3.0}


def test_the_table_names_sets_candidates_and_counts() -> None:
    sequences = [moving_square(kinds=frozenset({"close"})), moving_square("real clips")]
    sequences[1] = Sequence("r", "real clips", sequences[1].frames, None)
    text = markdown(summarise(list(measure(CANDIDATES, sequences))))
    lines = text.splitlines()
    assert lines[0].startswith("| set | network | MAD | core | band |")
    assert lines[2].startswith("| keyed clips (1) | bright | 0.00 |")
    assert lines[3].startswith("|  | black | 15.6 |")
    assert any(line.startswith("| MAD, exact sets | close (1) |") for line in lines)
    assert "| real clips | flicker where nothing moves |" in lines


def test_failures_are_drawn_among_the_worst_tenth() -> None:
    records = [record(str(i), float(i)) for i in range(100)]
    chosen = draw_worst(records, "a", 4, seed=1)
    assert len(chosen) == 4
    assert all(float(r.sequence) >= 90 for r in chosen)
    assert chosen == draw_worst(records, "a", 4, seed=1)
    assert [draw_worst(records, "a", 4, seed=s) for s in range(2, 6)] != [chosen] * 4
