"""The items of a run, of all kinds mixed evenly, each with a seed and a name of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .draws import scene_split_of, split_of

RUN = 10_000_000
"""Seeds of one run: run S has the seeds from S × RUN on."""

FIRST = {"still": 0, "clip": 5_000_000, "room": 8_000_000, "negative": 9_000_000}
"""Where in a run the seeds of each kind begin."""

FOLDERS = {"room": "rooms", "negative": "negatives"}
"""Folders of pictures without people; those of people lie in the folder of their split."""


@dataclass(frozen=True, slots=True)
class Item:
    """One still or clip of people, or one picture without people."""

    kind: str
    """`still`, `clip`, `room` or `negative`."""
    seed: int

    @property
    def name(self) -> str:
        """File or folder name without an ending."""
        return f"{self.kind[0]}{self.seed:09d}"

    @property
    def split(self) -> str:
        """`train` or `test`; of pictures without people also `validation`."""
        return scene_split_of(self.name) if self.kind in FOLDERS else split_of(self.seed)

    @property
    def folder(self) -> str:
        """Where its pictures are, inside the run's folder."""
        return FOLDERS.get(self.kind, self.split)

    def person_seed(self, number: int) -> int:
        """The identity's seed of the person with a number (from 0) in this item."""
        return self.seed * 10 + number


def items(
    run: int, stills: int = 0, clips: int = 0, rooms: int = 0, negatives: int = 0
) -> Iterator[Item]:
    """All items of a run, mixed so that any beginning of it has all kinds in proportion."""
    counts = {"still": stills, "clip": clips, "room": rooms, "negative": negatives}
    counts = {kind: count for kind, count in counts.items() if count > 0}
    done = dict.fromkeys(counts, 0)
    for _ in range(sum(counts.values())):
        kind = min(counts, key=lambda name: (2 * done[name] + 1) / counts[name])
        yield Item(kind, run * RUN + FIRST[kind] + done[kind])
        done[kind] += 1
