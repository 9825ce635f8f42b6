"""Two versions of the program against each other, lap by lap: `python -m bench.versions OTHER`.

OTHER is another checkout, with an environment of its own in `.venv` (`make .venv/installed` there).
Each version runs in a process that stays; they take turns with the same frames, and what counts is
the ratio of neighbouring laps: whatever else the machine does hits both. Under four minutes.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
FRAMES = {"u2net_live": 100, "u2netp": 30}
"""Of one lap: two to four seconds."""
LAPS = """
import sys
from pathlib import Path
from bench import speed
from bench.frames import load_frames

clip, weights = (Path(a) if a else None for a in sys.argv[1:3])

def matter_of(name):
    own = name == "u2net_live"
    settings = speed.ModelSettings(**({} if own else {"name": str(weights)}), device="cpu")
    if hasattr(speed, "as_in_a_run"):  # version 0.1
        return speed.as_in_a_run(speed.build_matter(settings, allow_fallback=own))
    return speed.build_matter(settings, allow_fallback=own, region=True)

frames = load_frames(clip, (1280, 720), 24)
matters = {}
for line in sys.stdin:
    name, count = line.split()
    matter = matters.setdefault(name, None) or matter_of(name)
    matters[name] = matter
    print("fps", speed.pipeline_lap(frames, matter, int(count))(), flush=True)
"""


@dataclass
class Version:
    """A checkout and its process."""

    checkout: Path
    clip: Path | None
    weights: Path | None
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        """Start the process; it waits for orders."""
        python = self.checkout / ".venv" / "bin" / "python"
        texts = [str(path.resolve()) if path else "" for path in (self.clip, self.weights)]
        self.process = subprocess.Popen(
            [str(python if python.is_file() else sys.executable), "-c", LAPS, *texts],
            cwd=self.checkout,
            env={**os.environ, "PYTHONPATH": str(self.checkout)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def lap(self, network: str) -> float:
        """Run the whole pipeline once at 720p and return its frames per second.

        Raises:
            RuntimeError: the process ended.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{network} {FRAMES[network]}\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            word, _, value = line.partition(" ")
            if word == "fps":
                return float(value)
        raise RuntimeError(f"{self.checkout}: its process ended; see above")

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def compare(this: Version, other: Version, network: str, laps: int) -> str:
    """Let both take turns; return a row of the table."""
    for version in (this, other):
        version.lap(network)  # caches, compilers
    fps: dict[int, list[float]] = {0: [], 1: []}
    for number in range(laps):
        pair = ((0, other), (1, this))
        for place, version in pair if number % 2 else pair[::-1]:
            fps[place].append(version.lap(network))
    ratios = [new / old for old, new in zip(fps[0], fps[1], strict=True)]
    low, middle, high = statistics.quantiles(ratios)
    old, new = (statistics.median(values) for values in fps.values())
    return f"| {network} | {old:.1f} | {new:.1f} | {middle:.2f} ({low:.2f} to {high:.2f}) |"


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.versions")
    parser.add_argument("other", type=Path, help="another checkout")
    parser.add_argument("--clip", type=Path, help="frames to run on; the demo without")
    parser.add_argument("--weights", type=Path, help="u2netp.pth, to measure that network too")
    parser.add_argument("--laps", type=int, default=14, help="of each version")
    given = parser.parse_args()
    this, other = (Version(place, given.clip, given.weights) for place in (HERE, given.other))
    print("| 720p, whole pipeline | other, fps | this, fps | this / other (quartiles) |")
    print("|---|---:|---:|---:|")
    try:
        for network in FRAMES if given.weights else ("u2net_live",):
            print(compare(this, other, network, given.laps), flush=True)
    finally:
        this.close()
        other.close()


if __name__ == "__main__":
    main()
