"""How fast the program is, and how fast what people would use instead.

`python -m bench.speed` prints Markdown tables in under three minutes on two cores; `--json FILE`
writes the numbers. Contenders take turns on the same frames within one run, so that whatever else
the machine does hits all of them: what counts are the ratios. `bench.network` looks closer at the
networks, `bench.picture` at the single steps.
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

import u2cam
from bench import peers
from bench.frames import MemorySource, load_frames
from bench.picture_speed import fast_ms, steps
from bench.steady import Steady, live_pipeline, run_steady
from u2cam.build import build_pipeline
from u2cam.core.protocols import Matter
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.inputs import InputPlan
from u2cam.model.build import build_matter
from u2cam.model.settings import ModelSettings
from u2cam.report import peak_memory_mb, versions
from u2cam.settings import Settings
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.video import FileSource

SIZES = {"480p": (854, 480), "720p": (1280, 720), "1080p": (1920, 1080)}
Lap = Callable[[], float]
"""Works for about a second; returns frames per second."""


@dataclass
class Results:
    """Everything that was measured."""

    pipeline_fps: dict[str, float] = field(default_factory=dict)
    peer_fps: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    steps_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    offline: dict[str, Any] = field(default_factory=dict)
    live: dict[str, Steady] = field(default_factory=dict)
    """Live runs from a 30 fps source at 720p."""
    stages_1080p: dict[str, float] = field(default_factory=dict)
    peak_memory_mb: float = 0.0


def pipeline_of(source: Source, matter: Matter, *sinks: Sink) -> Pipeline:
    """Build the program's own offline pipeline with its default effects, for an open source."""
    compositor = CpuCompositor(matter, CpuRenderer(Presentation("#00b140")))
    plan = InputPlan(source, "own", live=False)
    return build_pipeline(plan, compositor, list(sinks), Settings(), None)


def pipeline_lap(frames: list[Any], matter: Matter, count: int) -> Lap:
    """One run of the whole pipeline, raw frames to composite, `null` output."""

    def lap() -> float:
        run = pipeline_of(MemorySource(frames, count), matter, NullSink())
        run.run()
        return run.metrics.counted("out") / run.metrics.elapsed_s

    return lap


def peer_lap(frames: list[Any], composite: peers.Peer, count: int) -> Lap:
    """One run of a peer's loop on the same frames."""
    background = frames[0][::-1].copy()

    def lap() -> float:
        begin_s = time.perf_counter()
        for number in range(count):
            composite(frames[number % len(frames)], background)
        return count / (time.perf_counter() - begin_s)

    return lap


def take_turns(laps: dict[str, Lap], rounds: int) -> dict[str, float]:
    """Run every contender once per round; return each one's median frames per second."""
    for lap in laps.values():
        lap()  # caches, clocks, compilers
    found: dict[str, list[float]] = {name: [] for name in laps}
    for _ in range(rounds):
        for name, lap in laps.items():
            found[name].append(lap())
    return {name: statistics.median(values) for name, values in found.items()}


def measure(arguments: argparse.Namespace) -> Results:
    """Measure everything that the files at hand allow."""
    results = Results()
    shared: Path = arguments.shared
    small = ModelSettings(name=str(shared / "weights" / "u2netp.pth"), device="cpu")
    matters: dict[str, Matter] = {}
    if (shared / "weights" / "u2netp.pth").exists():
        matters["u2netp"] = build_matter(small, region=True)
    matters["own"] = build_matter(ModelSettings(device="cpu"), allow_fallback=True, region=True)
    own_name = matters["own"].model_name
    frames = {name: load_frames(arguments.clip, size, 24) for name, size in SIZES.items()}

    laps = {
        f"{name} {size}": pipeline_lap(frames[size], matter, 90 if name == "own" else 12)
        for name, matter in matters.items()
        for size in SIZES
    }
    hd = frames["720p"]
    mediapipe = shared / "peers" / "mediapipe_selfie_256x256.tflite"
    if mediapipe.exists() and arguments.peers:
        threads = torch.get_num_threads()
        weights = shared / "weights"
        laps |= {
            "(a) webcam loop": peer_lap(hd, peers.webcam_loop(mediapipe, threads), 30),
            "(a) with cv2.blendLinear": peer_lap(
                hd, peers.webcam_loop_fast_blend(mediapipe, threads), 60
            ),
            "(b) U²-Netp, authors' code": peer_lap(
                hd, peers.authors_pipeline(weights / "u2netp.pth"), 3
            ),
            "(c) ONNX Runtime and Pillow": peer_lap(
                hd, peers.onnx_and_pillow(weights / "u2netp-fp16.onnx", threads), 5
            ),
        }
    fps = take_turns(laps, arguments.rounds)
    results.pipeline_fps = {k: v for k, v in fps.items() if not k.startswith("(")}
    results.peer_fps = {k: v for k, v in fps.items() if k.startswith("(")}
    for name in matters:
        for peer, value in results.peer_fps.items():
            results.ratios[f"{name} 720p / {peer}"] = fps[f"{name} 720p"] / value
    for name, size_wh in {**SIZES, "4K": (3840, 2160)}.items():
        if name != "480p":
            results.steps_ms[name] = {step: fast_ms(work) for step, work in steps(size_wh).items()}
    results.stages_1080p = _stages(frames["1080p"], matters["own"])
    results.offline = _offline(frames["720p"], matters["own"])
    results.live[own_name] = _live(hd, matters["own"], asynchronous=False)
    if "u2netp" in matters:
        results.live["u2netp, carried mattes"] = _live(hd, matters["u2netp"], asynchronous=True)
    results.pipeline_fps = {k.replace("own", own_name): v for k, v in results.pipeline_fps.items()}
    results.ratios = {k.replace("own", own_name, 1): v for k, v in results.ratios.items()}
    results.peak_memory_mb = peak_memory_mb()
    return results


def _stages(frames: list[Any], matter: Matter) -> dict[str, float]:
    run = pipeline_of(MemorySource(frames, 60), matter, NullSink())
    run.run()
    return {name: times.ms_mean for name, times in run.metrics.stages().items()}


def _offline(frames: list[Any], matter: Matter) -> dict[str, Any]:
    """MP4 to MP4 at 720p: wall time beside the slowest stage's own time."""
    with tempfile.TemporaryDirectory() as folder:
        clip, out = Path(folder) / "in.mp4", Path(folder) / "out.mp4"
        settings = OutputSettings(preset="veryfast")
        fast = {"output": {"preset": "veryfast"}}
        u2cam.process(
            MemorySource(frames, 120), clip, background="none", device="cpu", settings=fast
        )
        with FileSource(str(clip)) as source:
            run = pipeline_of(source, matter, FileSink(out, settings))
            run.run()
    stages = run.metrics.stages()
    busy_s = {name: times.busy * run.metrics.elapsed_s for name, times in stages.items()}
    return {
        "fps": run.metrics.counted("out") / run.metrics.elapsed_s,
        "wall_s": run.metrics.elapsed_s,
        "busy_s": busy_s,
        "wall_over_slowest_stage": run.metrics.elapsed_s / max(busy_s.values()),
    }


def _live(frames: list[Any], matter: Matter, *, asynchronous: bool) -> Steady:
    """A live 30 fps source at 720p, measured once it is under way."""
    return run_steady(
        lambda sinks: live_pipeline(MemorySource(frames, 10**6, live_fps=30), matter, sinks),
        asynchronous=asynchronous,
        seconds=10,
    )


def markdown(results: Results) -> str:
    """Return the tables."""
    lines = ["| whole pipeline, `null` output | frames per second |", "|---|---:|"]
    everything = {**results.pipeline_fps, **results.peer_fps}
    lines += [f"| {name} | {fps:.1f} |" for name, fps in everything.items()]
    lines += ["", "| ours / theirs at 720p | ratio |", "|---|---:|"]
    lines += [f"| {name} | {ratio:.2f} |" for name, ratio in results.ratios.items()]
    names = list(results.steps_ms)
    lines += [
        "",
        f"| step, ms (× np.copyto) | {' | '.join(names)} |",
        "|---|" + "---:|" * len(names),
    ]
    for step in next(iter(results.steps_ms.values()), {}):
        cells = []
        for name in names:
            column = results.steps_ms[name]
            copy_ms = next(iter(column.values()))
            cells.append(f"{column[step]:.2f} (×{column[step] / copy_ms:.1f})")
        lines.append(f"| {step} | {' | '.join(cells)} |")
    lines += ["", "| a 1080p frame's time, by stage | ms |", "|---|---:|"]
    lines += [f"| {name} | {ms:.2f} |" for name, ms in results.stages_1080p.items()]
    lines += ["", "| offline MP4 to MP4, 720p | |", "|---|---:|"]
    lines += [
        f"| frames per second | {results.offline['fps']:.1f} |",
        f"| wall time / slowest stage's own time | "
        f"{results.offline['wall_over_slowest_stage']:.2f} |",
    ]
    lines += [
        f"| {name}, s of {results.offline['wall_s']:.1f} | {busy_s:.1f} |"
        for name, busy_s in results.offline["busy_s"].items()
    ]
    lines += [
        "",
        "| live, 30 fps at 720p | fps | ms | 95 % | longest gap | matte age | cores |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {run.fps:.1f} | {run.latency_median_ms:.0f} | {run.latency_p95_ms:.0f} | "
        f"{run.longest_gap_ms:.0f} | {run.matte_age_p95_ms:.0f} | {run.cores:.2f} |"
        for name, run in results.live.items()
    ]
    lines += ["", f"Peak memory: {results.peak_memory_mb:.0f} MB."]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.speed")
    parser.add_argument("--clip", type=Path, help="frames to run on; the demo without")
    parser.add_argument(
        "--shared", type=Path, default=Path("../shared"), help="folder with weights/ and peers/"
    )
    parser.add_argument("--rounds", type=int, default=3, help="turns that everybody takes")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    begin_s = time.perf_counter()
    results = measure(arguments)
    machine = (
        f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}, "
        f"{torch.backends.cpu.get_cpu_capability()}; {time.perf_counter() - begin_s:.0f} s"
    )
    print(f"{machine}\n\n{markdown(results)}")
    if arguments.json is not None:
        facts = {"machine": machine, "versions": versions(), **asdict(results)}
        arguments.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
