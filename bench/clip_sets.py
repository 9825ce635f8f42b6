"""Which clips are measured: a tuning set and a test set, drawn by one rule that looks at nothing.

Fixed before the first result was seen, and not to be changed after it: no clip is picked,
swapped or left out. The two sets share no person and no scene. Steps and defaults are tuned on
the tuning set alone; the test set is for the final table.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from bench.clips import ClipSpec, Framing
from bench.motion import Pace

SetName = Literal["tuning", "test"]
SET_NAMES: tuple[SetName, ...] = get_args(SetName)

SEED = 4
COUNT = 16
"""Clips of a set."""

PACES: tuple[Pace, ...] = ("calm", "lively", "calm", "fast", "calm", "lively", "calm", "lively")
"""Of every eight clips: webcam users mostly sit and sway, often gesture, sometimes move fast."""

FRAMINGS: tuple[Framing, ...] = ("half", "half", "half", "full")

SCENE_SOURCES = ("scene_", "Human-Se_")
"""Photos of places where people could be. The folder's other pictures are test images of depth
networks (drawings, flowers, food, one desk seventeen times), which no person stands in front of."""


def people_of(name: SetName, data: Path) -> list[int]:
    """Return the photos of a set: of the validation split, id / 10 even for test, else tuning."""
    ids = sorted(int(path.stem) for path in (data / "ccp" / "images").glob("*.jpg"))
    return [i for i in ids if i % 10 == 0 and _set_of(i // 10) == name]


def scenes_of(name: SetName, data: Path) -> list[str]:
    """Return the scenes of a set: those whose number is even for test, odd for tuning."""
    found = []
    for path in sorted((data / "backgrounds").glob("*.jpg")):
        number = re.search(r"(\d+)$", path.stem)
        if path.name.startswith(SCENE_SOURCES) and number and _set_of(int(number[0])) == name:
            found.append(path.name)
    return found


def draw_specs(
    name: SetName, people: Sequence[int], scenes: Sequence[str], count: int = COUNT
) -> list[ClipSpec]:
    """Draw a set: people and scenes without repeats, pace and framing in turn.

    Everything else of a clip (path, gesture, noise, blur) is drawn from its own seed when it is
    made. Fewer clips are the first of the same set.

    Raises:
        ValueError: more clips than people or scenes.
    """
    if count > min(len(people), len(scenes)):
        raise ValueError(
            f"bench: set {name} wants {count} people and scenes, there are {len(people)} and "
            f"{len(scenes)}"
        )
    which = SET_NAMES.index(name)
    random = np.random.default_rng((SEED, which))
    photos, places = random.permutation(len(people)), random.permutation(len(scenes))
    return [
        ClipSpec(
            name=f"{name}-{index:02d}-{people[photos[index]]:04d}",
            photo=people[photos[index]],
            scene=scenes[places[index]],
            framing=FRAMINGS[index % len(FRAMINGS)],
            pace=PACES[index % len(PACES)],
            seed=(SEED, which, index),
        )
        for index in range(count)
    ]


def _set_of(number: int) -> SetName:
    return "tuning" if number % 2 else "test"
