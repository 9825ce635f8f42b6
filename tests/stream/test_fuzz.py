"""A short run of `bench/fuzz.py`: damaged media is read or refused, never more than that."""

import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import FakeMatter

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(sys.platform == "win32", reason="limits are set with resource"),
]


def test_damaged_inputs_are_read_or_refused_in_one_line() -> None:
    from bench.fuzz import DAMAGES, GOOD, run

    outcomes = run(90, seed=7)
    assert sum(sum(counts.values()) for counts in outcomes.values()) == 90
    assert outcomes.keys() == {damage.__name__ for damage in DAMAGES}
    assert {name for counts in outcomes.values() for name in counts} <= set(GOOD)


class FirstWay(random.Random):
    """Chooses the first of several, and the damaged file as `behind` says."""

    def __init__(self, behind: bool) -> None:
        super().__init__()
        self.behind = behind

    def choice(self, several: Sequence[Any]) -> Any:
        return several[0]

    def random(self) -> float:
        return 0.0 if self.behind else 1.0


@pytest.mark.parametrize("behind", [False, True])
def test_an_undamaged_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: bool
) -> None:
    from bench.fuzz import make_seeds, try_input

    monkeypatch.setattr("u2cam.compositors.host_matter", lambda *given, **named: FakeMatter())
    (tmp_path / "seeds").mkdir()
    for path in make_seeds(tmp_path / "seeds"):
        out = tmp_path / path.name
        out.mkdir()
        assert try_input(path, out, FirstWay(behind)) == "read", path.name
