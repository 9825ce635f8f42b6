"""Named random draws: every decision about a sample has a generator of its own.

A draw is addressed by the sample's numbers and by names, so that adding, removing or reordering a
step changes no other step's draws. The generators are children of one `SeedSequence`, as
`SeedSequence.spawn` makes them, with the name's checksum in place of a counter.
"""

from __future__ import annotations

from hashlib import blake2b
from zlib import crc32

import numpy as np


class Draws:
    """The random draws of one sample, or of one part of it."""

    def __init__(self, entropy: tuple[int, ...], key: tuple[int, ...] = ()) -> None:
        """Address a sample by numbers (seed, phase, index, ...); `key` is a part of it."""
        self._entropy = entropy
        self._key = key

    def under(self, name: str) -> Draws:
        """Return the draws of a part of the sample."""
        return Draws(self._entropy, (*self._key, crc32(name.encode())))

    def rng(self, name: str) -> np.random.Generator:
        """Return the generator of a decision; always in the same state for the same name."""
        key = (*self._key, crc32(name.encode()))
        return np.random.default_rng(np.random.SeedSequence(self._entropy, spawn_key=key))

    def happens(self, name: str, share: float) -> np.random.Generator | None:
        """Return the generator of a step that is taken in a share of the samples, else None.

        Whether it is taken is a hash: that costs a fiftieth of a generator.
        """
        address = repr((self._entropy, self._key, name)).encode()
        chance = int.from_bytes(blake2b(address, digest_size=8).digest()) / 2**64
        return self.rng(name) if chance < share else None


def pick(shares: dict[str, float], rng: np.random.Generator) -> str:
    """Draw a name by its share; the shares need not sum to 1.

    Raises:
        ValueError: there is none with a share above 0.
    """
    names = [name for name, share in shares.items() if share > 0]
    if not names:
        raise ValueError("nothing to draw: every share is 0")
    weights = np.array([shares[name] for name in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]
