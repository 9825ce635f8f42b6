"""Does memory stay flat? `python -m bench.memory` runs many frames, offline and live.

Prints the memory held after a warm-up and at the end of each run. Frames are small and the
network's input too, so that 20,000 frames take minutes; what grows, grows by the frame.
"""

import argparse
import threading
import time
from pathlib import Path

from bench.frames import MemorySource, load_frames
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.motion.propagator import FlowPropagator
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.model.build import build_matter
from u2cam.model.settings import ModelSettings
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings
from u2cam.stream.sinks.null import NullSink

SIZE_WH = (320, 180)


def held_mb() -> float:
    """Return the memory that this process holds in RAM now, in MB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def run(count: int, *, live: bool) -> tuple[float, float]:
    """Run so many frames; return MB held after a tenth of them and at the end."""
    matter = build_matter(
        ModelSettings(device="cpu", input_size="256x144"), allow_fallback=True, frame_wh=SIZE_WH
    )
    source = MemorySource(load_frames(None, SIZE_WH, 60), count, live_fps=240 if live else None)
    pipeline = Pipeline(
        source,
        CpuCompositor(matter, CpuRenderer(Presentation("bokeh"))),
        [NullSink()],
        live=live,
        settings=PipelineSettings(),
        capture=CaptureSettings(),
        propagator=FlowPropagator() if live else None,
    )
    warm: list[float] = []

    def note() -> None:
        if not warm and pipeline.metrics.counted("in") > count // 10:
            warm.append(held_mb())

    pipeline.run(note)
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
