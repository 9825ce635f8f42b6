"""How cost grows with resolution, frame rate and number of outputs: `python -m bench.scaling`.

The live network with the default effects over a colour. Cost is processor time of all threads: it
says what a run takes from other programs, and does not depend on who waits for whom.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.frames import MemorySource, load_frames
from bench.speed import pipeline_of
from bench.steady import live_pipeline, run_steady
from u2cam.core.protocols import Matter
from u2cam.model.build import build_matter
from u2cam.model.settings import ModelSettings
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sinks.video import FileSink

RESOLUTIONS = {
    "360p": (640, 360),
    "480p": (854, 480),
    "720p": (1280, 720),
    "1080p": (1920, 1080),
    "1440p": (2560, 1440),
    "4K": (3840, 2160),
}
RATES = (10, 15, 24, 30, 60)
HD = (1280, 720)


@dataclass
class Cost:
    """One run."""

    what: str
    fps: float
    cpu_ms: float
    """Processor time a frame, all threads."""
    stages_ms: dict[str, float]
    """Wall time a frame, by stage."""


def measured(what: str, run: Pipeline, count: int) -> Cost:
    """Run a pipeline to its end."""
    busy_s = time.process_time()
    run.run()
    busy_s = time.process_time() - busy_s
    stages = {name: times.ms_mean for name, times in run.metrics.stages().items()}
    return Cost(what, count / run.metrics.elapsed_s, busy_s / count * 1000, stages)


def by_resolution(matter: Matter, clip: Path | None, seconds: float) -> list[Cost]:
    """Raw frames to composite at each resolution, as fast as it goes."""
    costs = []
    for name, size_wh in RESOLUTIONS.items():
        frames = load_frames(clip, size_wh, 8)
        pipeline_of(MemorySource(frames, 8), matter, NullSink()).run()
        count = max(12, round(seconds * 40 * HD[0] / size_wh[0]))
        run = pipeline_of(MemorySource(frames, count), matter, NullSink())
        costs.append(measured(name, run, count))
    return costs


def by_rate(matter: Matter, clip: Path | None, seconds: float) -> list[dict[str, float]]:
    """Live at 720p from sources of several rates."""
    frames = load_frames(clip, HD, 24)
    results = []
    for rate in RATES:
        steady = run_steady(
            lambda sinks, fps=rate: live_pipeline(  # type: ignore[misc]
                MemorySource(frames, 10**6, live_fps=fps), matter, sinks
            ),
            asynchronous=False,
            seconds=seconds,
            warm_up_s=1,
        )
        results.append({"rate": rate, **asdict(steady)})
    return results


def by_outputs(matter: Matter, clip: Path | None, seconds: float) -> list[Cost]:
    """Offline at 720p into more and more outputs: `null`, then MP4 files (x264 veryfast)."""
    frames = load_frames(clip, HD, 24)
    count = max(24, round(seconds * 40))

    settings = OutputSettings(preset="veryfast")
    with tempfile.TemporaryDirectory() as folder:
        outputs: dict[str, list[Sink]] = {
            f"{n} × null": [NullSink() for _ in range(n)] for n in (1, 2, 4)
        }
        for n in (1, 2):
            outputs[f"{n} × MP4"] = [
                FileSink(Path(folder, f"{n}-{k}.mp4"), settings) for k in range(n)
            ]
        return [
            measured(what, pipeline_of(MemorySource(frames, count), matter, *sinks), count)
            for what, sinks in outputs.items()
        ]


def markdown(resolutions: list[Cost], rates: list[dict[str, float]], outputs: list[Cost]) -> str:
    """Return the tables."""
    lines = [
        "| frame | frames per second | processor ms a frame | inference, ms | composite, ms |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {cost.what} | {cost.fps:.1f} | {cost.cpu_ms:.1f} | "
        f"{cost.stages_ms['inference']:.1f} | {cost.stages_ms['composite']:.1f} |"
        for cost in resolutions
    ]
    lines += [
        "",
        "| live source at 720p, fps | composites per second | latency, ms | 95 % | cores |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {row['rate']} | {row['fps']:.1f} | {row['latency_median_ms']:.0f} | "
        f"{row['latency_p95_ms']:.0f} | {row['cores']:.2f} |"
        for row in rates
    ]
    lines += [
        "",
        "| outputs at 720p | frames per second | processor ms a frame |",
        "|---|---:|---:|",
    ]
    lines += [f"| {cost.what} | {cost.fps:.1f} | {cost.cpu_ms:.1f} |" for cost in outputs]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.scaling")
    parser.add_argument("--clip", type=Path, help="frames to run on; the demo without")
    parser.add_argument("--seconds", type=float, default=3, help="of each of the 16 runs, about")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    begin_s = time.perf_counter()
    matter = build_matter(ModelSettings(device="cpu"), allow_fallback=True)
    resolutions = by_resolution(matter, arguments.clip, arguments.seconds)
    rates = by_rate(matter, arguments.clip, arguments.seconds)
    outputs = by_outputs(matter, arguments.clip, arguments.seconds)
    took_s = time.perf_counter() - begin_s
    print(f"{matter.network.model_name}, {os.cpu_count()} cores; {took_s:.0f} s\n")
    print(markdown(resolutions, rates, outputs))
    if arguments.json is not None:
        facts = {
            "resolutions": [asdict(cost) for cost in resolutions],
            "rates": rates,
            "outputs": [asdict(cost) for cost in outputs],
        }
        arguments.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
