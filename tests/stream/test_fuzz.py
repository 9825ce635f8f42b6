"""A short run of `bench/fuzz.py`: damaged media is read or refused, never more than that."""

import sys

import pytest

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform == "win32", reason="limits are set with resource"),
]


def test_damaged_inputs_are_read_or_refused_in_one_line() -> None:
    from bench.fuzz import GOOD, run

    outcomes = run(80, seed=7)
    assert sum(sum(counts.values()) for counts in outcomes.values()) == 80
    assert len(outcomes) == 5, "every kind of damage"
    assert {name for counts in outcomes.values() for name in counts} <= set(GOOD)


def test_an_undamaged_file_is_read(tmp_path: object) -> None:
    from pathlib import Path

    from bench.fuzz import make_seeds, try_input

    folder = Path(str(tmp_path))
    seeds = make_seeds(folder)
    assert [try_input(path, folder / "out.mp4") for path in seeds] == ["read"] * len(seeds)
