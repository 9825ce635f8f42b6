"""What the size of the network's input costs and what it buys: `python -m bench.sizes`.

For each network and input size: milliseconds of a matte of a 720p frame, all sizes taking turns,
and the matte's errors on drifting clips of people and scenes that no training saw
(`model.evaluate --suite`), with the engine and precision that a run takes by itself. The last
column is the distance from the plain result: the network's first size, in PyTorch and fp32.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.frames import load_frames
from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.build import build_matter
from u2cam.model.evaluate.measure import mean_scores, measure
from u2cam.model.evaluate.suite import Counts, Folders, Suite
from u2cam.model.settings import ModelSettings

SIZES: dict[str, tuple[str, ...]] = {
    "u2netp": ("320x320", "320x192", "320x180", "256x256", "256x144", "192x192"),
    "u2net_live": ("512x288", "384x216", "256x144"),
}
"""The first of each is the network's own. The official ones are squashed to fit, not boxed: of
16:9 frames, 320x180 keeps the aspect and 320x192 nearly."""
FRAME_WH = (1280, 720)


@dataclass
class Row:
    """One network at one size."""

    model: str
    size: str
    ms: float
    ms_ratio: float
    """To the network's own size."""
    mad: float
    iou: float
    dtssd: float
    from_plain: float
    """Mean absolute difference of the mattes, 0 to 1."""


class Plain:
    """A network's first size in PyTorch and fp32; keeps its last matte for the others."""

    def __init__(self, model: str, size: str) -> None:
        self.name = f"{model} plain"
        self._matter = build_matter(
            ModelSettings(
                name=model, device="cpu", engine="torch", precision="fp32", input_size=size
            )
        )
        self.last = np.zeros((0, 0), np.float32)

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Matte a picture (H, W, 3) and scale the matte to (H, W)."""
        self.last = to_size(self._matter.matte(single_frame(rgb)), rgb)
        return self.last

    def reset(self) -> None:
        """Forget the frames before."""
        self._matter.reset()


class Sized:
    """A network at one size as a run takes it, compared with the plain one on every frame."""

    def __init__(self, model: str, size: str, plain: Plain) -> None:
        self.name = f"{model} {size}"
        self.matter: Matter = build_matter(
            ModelSettings(name=model, device="cpu", input_size=size), frame_wh=FRAME_WH
        )
        self._plain = plain
        self.differences: list[float] = []

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Matte a picture (H, W, 3) that the plain one has just seen."""
        alpha = to_size(self.matter.matte(single_frame(rgb)), rgb)
        self.differences.append(float(np.abs(alpha - self._plain.last).mean()))
        return alpha

    def reset(self) -> None:
        """Forget the frames before."""
        self.matter.reset()


def to_size(alpha: NDArray[np.float32], rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Resize a matte to its picture."""
    return np.asarray(cv2.resize(alpha, (rgb.shape[1], rgb.shape[0])), np.float32).clip(0, 1)


def time_in_turns(candidates: list[Sized], rounds: int) -> dict[str, float]:
    """Median milliseconds of a 720p frame's matte, by name."""
    frames = load_frames(None, FRAME_WH, 8)
    times: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    for number in range(rounds):
        for candidate in candidates:
            begin_s = time.perf_counter()
            candidate.matter.matte(single_frame(frames[number % len(frames)]))
            times[candidate.name].append((time.perf_counter() - begin_s) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}


def rows_of(model: str, name: str, arguments: argparse.Namespace) -> list[Row]:
    """Measure one network at all its sizes."""
    plain = Plain(name, SIZES[model][0])
    candidates = [Sized(name, size, plain) for size in SIZES[model]]
    ms = time_in_turns(candidates, arguments.rounds)
    counts = Counts(keyed_clips=arguments.clips, clip_frames=arguments.clip_frames)
    clips = Suite(Folders(arguments.data), "validation", counts=counts).keyed(stills=False)
    records = list(measure([plain, *candidates], clips))
    scores = {c.name: mean_scores(r for r in records if r.candidate == c.name) for c in candidates}
    return [
        Row(
            model=model,
            size=size,
            ms=ms[candidate.name],
            ms_ratio=ms[candidate.name] / ms[candidates[0].name],
            mad=scores[candidate.name]["mad"],
            iou=scores[candidate.name]["iou"],
            dtssd=scores[candidate.name]["dtssd"],
            from_plain=statistics.mean(candidate.differences),
        )
        for size, candidate in zip(SIZES[model], candidates, strict=True)
    ]


def markdown(rows: list[Row]) -> str:
    """Return the table."""
    lines = [
        "| network | input | ms | × its own size | MAD | IoU | dtSSD | from plain |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.model} | {row.size.replace('x', '×')} | {row.ms:.1f} | {row.ms_ratio:.2f} | "
        f"{row.mad:.1f} | {row.iou:.3f} | {row.dtssd:.2f} | {row.from_plain:.4f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.sizes")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with keyed portraits and backgrounds"
    )
    parser.add_argument("--weights", type=Path, help="u2netp.pth; without, the registered one")
    parser.add_argument("--clips", type=int, default=8)
    parser.add_argument("--clip-frames", type=int, default=6)
    parser.add_argument("--rounds", type=int, default=20, help="turns of the timing")
    parser.add_argument("--only", choices=list(SIZES), help="one network only")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    begin_s = time.perf_counter()
    rows: list[Row] = []
    for model in [arguments.only] if arguments.only else SIZES:
        given = model == "u2netp" and arguments.weights is not None
        rows += rows_of(model, str(arguments.weights) if given else model, arguments)
    print(markdown(rows))
    print(f"\n{time.perf_counter() - begin_s:.0f} s")
    if arguments.json is not None:
        numbers = [asdict(row) for row in rows]
        arguments.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
