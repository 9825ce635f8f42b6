"""Does memory stay flat? `python -m bench.memory` runs many frames, offline and live.

Prints the memory held after a warm-up and at the end of each run. Frames are small and the
network's input too, so that 20,000 frames take minutes; what grows, grows by the frame.
"""

import argparse
import threading
import time
from pathlib import Path

import u2cam
from bench.frames import MemorySource, load_frames

SIZE_WH = (320, 180)


def held_mb() -> float:
    """Return the memory that this process holds in RAM now, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def run(count: int, *, live: bool) -> tuple[float, float]:
    """Run so many frames; return MB held after a tenth of them and at the end."""
    source = MemorySource(load_frames(None, SIZE_WH, 60), count, live_fps=240 if live else None)
    settings = {"model": {"input_size": "256x144"}}
    run = u2cam.Pipeline(source, "null", background="bokeh", device="cpu", settings=settings)
    warm: list[float] = []

    def note() -> None:
        if not warm and run.statistics()["frames"]["in"] > count // 10:
            warm.append(held_mb())

    run.run(note)
    return warm[0], held_mb()


def main() -> None:
    """Read the arguments, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.memory")
    parser.add_argument("--frames", type=int, default=20_000)
    arguments = parser.parse_args()
    print(f"| {arguments.frames} frames | MB after a tenth | MB at the end | threads left |")
    print("|---|---:|---:|---:|")
    for live in (False, True):
        before = threading.active_count()
        begin, end = run(arguments.frames, live=live)
        time.sleep(0.5)
        left = threading.active_count() - before
        print(f"| {'live' if live else 'offline'} | {begin:.1f} | {end:.1f} | {left} |", flush=True)


if __name__ == "__main__":
    main()
