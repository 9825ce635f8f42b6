"""How many threads the network should have, with compositing beside it: `python -m bench.threads`.

For each network and number of threads: a matte alone, the whole pipeline as fast as it goes, and a
live run from a 30 fps source at 720p (`u2net_live` waits for each frame's own matte, U²-Netp has
its mattes carried), with rate, latency and processor use once it is under way.
"""

import argparse
import json
import os
import statistics
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.frames import MemorySource, load_frames
from bench.speed import pipeline_lap, take_turns
from bench.steady import Steady, live_pipeline, run_steady
from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.build import build_matter
from u2cam.model.settings import ModelSettings

SIZE_WH = (1280, 720)
LIVE_FPS = 30


@dataclass
class Row:
    """One network with one number of threads."""

    model: str
    threads: str
    matte_ms: float
    """A matte with nothing beside it, median."""
    pipeline_fps: float
    """The whole pipeline, `null` output, as fast as it goes."""
    live: Steady


def numbers_of_threads() -> list[int]:
    """1, half of the cores, all of them, and 0: the program's own choice."""
    cores = os.cpu_count() or 1
    return [*sorted({1, max(1, cores // 2), cores}), 0]


def matte_ms(matter: Matter, frames: list, rounds: int = 20) -> float:  # type: ignore[type-arg]
    """Median milliseconds of a matte with nothing beside it."""
    times = []
    for number in range(rounds):
        begin_s = time.perf_counter()
        matter.matte(single_frame(frames[number % len(frames)]))
        times.append(time.perf_counter() - begin_s)
    matter.reset()
    return statistics.median(times) * 1000


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Measure every network with every number of threads."""
    frames = load_frames(arguments.clip, SIZE_WH, 24)
    names = {"u2net_live": "u2net_live"}
    if arguments.weights is not None:
        names["u2netp"] = str(arguments.weights)
    rows = []
    for model, name in names.items():
        matters = {
            threads: build_matter(ModelSettings(name=name, device="cpu", threads=threads))
            for threads in numbers_of_threads()
        }
        count = 90 if model == "u2net_live" else 12
        laps = {str(n): pipeline_lap(frames, matter, count) for n, matter in matters.items()}
        fps = take_turns(laps, arguments.rounds)
        for threads, matter in matters.items():
            live = run_steady(
                lambda sinks, m=matter: live_pipeline(  # type: ignore[misc]
                    MemorySource(frames, 10**6, live_fps=LIVE_FPS), m, sinks
                ),
                asynchronous=model != "u2net_live",
                seconds=arguments.seconds,
            )
            label = str(threads) if threads else "auto"
            rows.append(Row(model, label, matte_ms(matter, frames), fps[str(threads)], live))
    return rows


def markdown(rows: list[Row]) -> str:
    """Return the table."""
    lines = [
        "| network | threads | matte alone, ms | pipeline, fps | live: fps | latency, ms | "
        "95 % | matte age, ms | cores |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row.model} | {row.threads} | {row.matte_ms:.1f} | {row.pipeline_fps:.1f} | "
        f"{row.live.fps:.1f} | {row.live.latency_median_ms:.0f} | {row.live.latency_p95_ms:.0f} | "
        f"{row.live.matte_age_p95_ms:.0f} | {row.live.cores:.2f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.threads")
    parser.add_argument("--clip", type=Path, help="frames to run on; the demo without")
    parser.add_argument("--weights", type=Path, help="u2netp.pth; without, u2net_live alone")
    parser.add_argument("--rounds", type=int, default=3, help="turns that everybody takes")
    parser.add_argument("--seconds", type=float, default=5, help="of each live run")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    begin_s = time.perf_counter()
    rows = measure(arguments)
    print(f"{os.cpu_count()} cores; {time.perf_counter() - begin_s:.0f} s\n\n{markdown(rows)}")
    if arguments.json is not None:
        numbers = [asdict(row) for row in rows]
        arguments.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
