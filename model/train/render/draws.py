"""Random draws by name: each name has a generator of its own.

A draw depends on the seed and on its name only, never on how many draws came before it. A feature
that is added later leaves everything else as it was. Choices are made by weighted rendezvous
hashing (Thaler and Ravishankar, 1998): each option races alone, so an option that is added later
changes only the seeds that now choose it.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

TEST_SHARE = 0.12
"""Share of seeds that belong to the test split: above the promised 10 % whatever the sample."""


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _unit_interval(text: str) -> float:
    """A number in (0, 1) that depends on the text alone."""
    return (int.from_bytes(_digest(text)[:8], "big") + 0.5) / 2**64


def split_of(seed: int) -> str:
    """`"test"` or `"train"`: by hash of the seed, so that no run can mix them."""
    return "test" if _unit_interval(f"split/{seed}") < TEST_SHARE else "train"


def scene_split_of(name: str) -> str:
    """`"train"`, or a tenth by hash for `"validation"` and `"test"`: as training splits scenes."""
    digest = _digest(name)
    if digest[0] / 256 >= 0.1:
        return "train"
    return "validation" if digest[1] % 2 else "test"


@dataclass(frozen=True, slots=True)
class Draws:
    """Named, independent random draws of one seed."""

    seed: int
    path: str = ""
    forced: Mapping[str, Any] = field(default_factory=dict)
    """Answers by full name, for trials: `{"hair/style": "bob"}`."""

    def under(self, name: str) -> Draws:
        """The draws of one part: same seed, names below `name`."""
        return Draws(self.seed, f"{self.path}{name}/", self.forced)

    def rng(self, name: str) -> np.random.Generator:
        """A fresh generator for `name`; the same one each time that it is asked for."""
        words = np.frombuffer(_digest(self.path + name)[:16], dtype="<u4")
        return np.random.default_rng(np.random.SeedSequence([self.seed, *words.tolist()]))

    def unit(self, name: str) -> float:
        """One number in (0, 1), evenly."""
        return _unit_interval(f"{self.seed}/{self.path}{name}")

    def chance(self, name: str, probability: float) -> bool:
        """True with the given probability."""
        if self.path + name in self.forced:
            return bool(self.forced[self.path + name])
        return self.unit(name) < probability

    def uniform(self, name: str, low: float, high: float) -> float:
        """One number between `low` and `high`, evenly."""
        if self.path + name in self.forced:
            return float(self.forced[self.path + name])
        return low + (high - low) * self.unit(name)

    def normal(self, name: str, mean: float = 0.0, deviation: float = 1.0) -> float:
        """One number of the normal distribution."""
        return float(self.rng(name).normal(mean, deviation))

    def sign(self, name: str) -> int:
        """1 or -1."""
        return 1 if self.unit(name) < 0.5 else -1

    def integer(self, name: str, low: int, high: int) -> int:
        """One of `low`, ..., `high`, both included."""
        return low + int(self.unit(name) * (high - low + 1))

    def pick(self, name: str, options: Mapping[str, float] | Sequence[str]) -> str:
        """One of the options, each with its weight (1 where a sequence gives none).

        Raises: ValueError: no option has a weight above 0.
        """
        if self.path + name in self.forced:
            return str(self.forced[self.path + name])
        weights = options if isinstance(options, Mapping) else dict.fromkeys(options, 1.0)
        best, best_key = math.inf, None
        for option, weight in weights.items():
            if weight <= 0:
                continue
            arrival = -math.log(self.unit(f"{name}={option}")) / weight
            if arrival < best:
                best, best_key = arrival, option
        if best_key is None:
            raise ValueError(f"draw {self.path}{name}: no option has a weight above 0")
        return best_key
