"""Measures on the sets of `model.evaluate` as a run works: `python -m bench.program`.

`model.evaluate` measures networks on whole frames. A run gives its network the part with the
person where that is clearly smaller (`model/roi/matter.py`); both are measured here, on the same
frames.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

from u2cam.model.build import build_matter
from u2cam.model.candidates.candidate import Candidate, NetworkCandidate
from u2cam.model.evaluate import sets
from u2cam.model.evaluate.__main__ import table
from u2cam.model.evaluate.measure import measure
from u2cam.model.settings import ModelSettings


def candidates(name: str, *, still: bool) -> list[Candidate]:
    """Return a network on whole frames and as in a run."""
    settings = ModelSettings(name=name, device="cpu", precision="fp32")
    return [
        NetworkCandidate("full frames", build_matter(settings, still=still)),
        NetworkCandidate("as in a run", build_matter(settings, still=still, region=True)),
    ]


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.program")
    parser.add_argument("--data", type=Path, default=Path("../shared/data/portrait"))
    parser.add_argument("--network", default="u2net_live", help="name or file of weights")
    parser.add_argument("--frames", type=int, default=400, help="single composites")
    parser.add_argument("--clips", type=int, default=24, help="synthetic clips")
    parser.add_argument("--clip-frames", type=int, default=12, help="frames in a synthetic clip")
    parser.add_argument("--seed", type=int, default=0, help="above 0: another draw")
    arguments = parser.parse_args()
    library = sets.validation_library(arguments.data)

    def drawn(count: int, frames: int) -> Iterator[sets.Sequence]:
        return sets.composites(library, count, frames, seed=arguments.seed)

    name = arguments.network
    stills, _ = measure(candidates(name, still=True), drawn(arguments.frames, 1))
    print(table("composites", stills), flush=True)
    clips, _ = measure(candidates(name, still=False), drawn(arguments.clips, arguments.clip_frames))
    print(table("clips", clips))


if __name__ == "__main__":
    main()
