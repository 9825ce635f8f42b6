"""How many live streams run at once on one device: `python -m bench.streams`.

Each stream is a process of its own with the program's live pipeline: frames from memory, paced at
30 a second, network and effects on the device, `null` output. 1, 2, 4, 8, ... of them run at the
same time until one falls behind. Decoding and encoding are not part of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

FPS = 30.0
ENOUGH = 0.97
"""Part of the frames that a stream must deliver to count as keeping up."""
START_S = 60.0
"""Most seconds until all processes are ready."""


def serve(options: argparse.Namespace) -> None:
    """Be one stream: say `ready`, then for every line on standard input run for that many seconds.

    Answers with one line of JSON each time: what `bench.steady` measures.
    """
    import cv2
    import torch

    from bench.device import build_matter, gpu_renderer
    from bench.frames import MemorySource, load_frames
    from bench.steady import run_steady
    from u2cam.effects.gpu.compositor import GpuCompositor
    from u2cam.model.engines.device import resolve_device
    from u2cam.model.export import size_of
    from u2cam.model.registry import find_spec
    from u2cam.stream.pipeline import Pipeline
    from u2cam.stream.settings import CaptureSettings, PipelineSettings
    from u2cam.stream.sinks.base import Sink

    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    size_wh = size_of(options.size)
    device = resolve_device(options.device)
    matter = build_matter(find_spec("u2net_live"), device, "auto", 1)
    compositor = GpuCompositor(matter, gpu_renderer(matter.torch_device))
    compositor.warm_up(size_wh, live=True)
    frames = load_frames(None, size_wh, 8)

    def build(sinks: list[Sink]) -> Pipeline:
        return Pipeline(
            MemorySource(frames, 10**9, live_fps=FPS),
            compositor,
            sinks,
            live=True,
            settings=PipelineSettings(),
            capture=CaptureSettings(),
        )

    print("ready", flush=True)
    for line in sys.stdin:
        steady = run_steady(build, asynchronous=False, seconds=float(line), warm_up_s=1.0)
        print(json.dumps(asdict(steady)), flush=True)


class Streams:
    """The processes, all started at once: only then is a round a matter of seconds."""

    def __init__(self, options: argparse.Namespace) -> None:
        command = [sys.executable, "-m", "bench.streams", "--serve", "--size", options.size]
        command += ["--device", options.device]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}
        self._children = [
            subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=environment,
            )
            for _ in range(options.most)
        ]

    def wait(self) -> None:
        """Wait until all are ready.

        Raises:
            RuntimeError: one of them ended.
        """
        for child in self._children:
            assert child.stdout is not None
            while (line := child.stdout.readline()) != "ready\n":
                if not line:
                    raise RuntimeError("a stream's process ended before it was ready")

    def run(self, count: int, seconds: float) -> list[dict[str, Any]]:
        """Run so many streams at the same time."""
        chosen = self._children[:count]
        for child in chosen:
            assert child.stdin is not None
            child.stdin.write(f"{seconds}\n")
            child.stdin.flush()
        found = []
        for child in chosen:
            assert child.stdout is not None
            line = child.stdout.readline()
            if not line:
                raise RuntimeError("a stream's process ended during its run")
            found.append(json.loads(line))
        return found

    def close(self) -> None:
        """End all processes."""
        for child in self._children:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


def measure(options: argparse.Namespace) -> list[dict[str, float]]:
    """Run more and more streams until one falls behind; one row for each count."""
    streams = Streams(options)
    rows: list[dict[str, float]] = []
    try:
        begin_s = time.monotonic()
        streams.wait()
        print(
            f"{options.most} processes ready after {time.monotonic() - begin_s:.0f} s", flush=True
        )
        counts = [2**k for k in range(8) if 2**k < options.most] + [options.most]
        for count in counts:
            found = streams.run(count, options.seconds)
            rows.append(
                {
                    "streams": count,
                    "least_fps": min(row["fps"] for row in found),
                    "latency_p95_ms": max(row["latency_p95_ms"] for row in found),
                    "cores": sum(row["cores"] for row in found),
                }
            )
            print(markdown(rows).splitlines()[-1], flush=True)
            if rows[-1]["least_fps"] < ENOUGH * FPS:
                break
    finally:
        streams.close()
    return rows


def markdown(rows: list[dict[str, float]]) -> str:
    """Return the table."""
    lines = ["| streams at once | slowest, fps | latency p95, ms | cores busy |"]
    lines.append("|---:|---:|---:|---:|")
    for row in rows:
        lines.append(
            f"| {row['streams']} | {row['least_fps']:.1f} | {row['latency_p95_ms']:.1f} | "
            f"{row['cores']:.1f} |"
        )
    return "\n".join(lines)


def main() -> int:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--size", default="1280x720", help="WIDTHxHEIGHT")
    parser.add_argument("--most", type=int, default=16, help="processes that are started")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each round")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.serve:
        serve(options)
        return 0
    rows = measure(options)
    print(markdown(rows))
    if options.json is not None:
        found = {"device": options.device, "rows": rows, "markdown": markdown(rows)}
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
