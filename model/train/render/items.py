"""The items of a run: stills and clips, mixed evenly, each with a seed and a name of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .draws import split_of

RUN = 10_000_000
"""Seeds of one run: run S has the seeds from S × RUN on, clips in the upper half."""


@dataclass(frozen=True, slots=True)
class Item:
    """One still or clip."""

    kind: str
    """`still` or `clip`."""
    seed: int

    @property
    def name(self) -> str:
        """File or folder name without an ending."""
        return f"{self.kind[0]}{self.seed:09d}"

    @property
    def split(self) -> str:
        """`train` or `test`."""
        return split_of(self.seed)

    def person_seed(self, number: int) -> int:
        """The identity's seed of the person with a number (from 0) in this item."""
        return self.seed * 10 + number


def items(run: int, stills: int, clips: int) -> Iterator[Item]:
    """All items of a run, mixed so that any beginning of it has both kinds in proportion."""
    total = stills + clips
    done = 0
    for k in range(total):
        due = (k + 1) * clips // total
        if due > done:
            yield Item("clip", run * RUN + RUN // 2 + done)
            done = due
        else:
            yield Item("still", run * RUN + k - done)
