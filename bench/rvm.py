"""Robust Video Matting's network on a device, beside ours: `python -m bench.rvm FOLDER`.

Its reader and weights (GPL-3.0) are in a folder that the user names; they are measured and used for
nothing else. Frames lie on the device already, mattes and foregrounds stay there. In fp16 on a GPU,
at the authors' downsample ratio (long side 512), with its recurrent state; launched one by one, and
as a CUDA graph where that can be recorded.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from bench.device import SIZES, USUAL_SIZES
from u2cam.model.candidates.rvm import NETWORK_SIDE_PX, load_reader

OUTPUTS = ("r1o", "r2o", "r3o", "r4o", "pha", "fgr")


def step(network: Any, frame: torch.Tensor, ratio: float) -> list[torch.Tensor]:
    """Run one frame (1, H, W, 3) in [0, 1] through the graph, as `Rvm.__call__` without copies."""
    feed = {"src": frame, "downsample_ratio": torch.tensor(ratio)}
    feed |= {f"r{i + 1}i": state for i, state in enumerate(network.state)}
    network.values = {}
    found = [network._value(network.outputs[name], feed) for name in OUTPUTS]
    network.state, network.values = found[:4], {}
    return found[4:]


def median_ms(work: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Return the median milliseconds of a call, its end on the device included."""
    times: list[float] = []
    until_s = time.perf_counter() + seconds
    while len(times) < 5 or time.perf_counter() < until_s:
        begin_s = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        times.append(time.perf_counter() - begin_s)
    return 1000 * statistics.median(times)


def recorded(network: Any, frame: torch.Tensor, ratio: float) -> Callable[[], None]:
    """Record one step as a CUDA graph whose state is fed back in place.

    Raises:
        RuntimeError: something in it cannot be recorded.
    """
    state = [part.clone() for part in network.state]

    def launch() -> None:
        network.state = state
        step(network, frame, ratio)
        for place, new in zip(state, network.state, strict=True):
            place.copy_(new)

    aside: Any = torch.cuda.Stream()  # type: ignore[no-untyped-call]
    aside.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(aside):
        for _ in range(3):
            launch()
    torch.cuda.current_stream().wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        launch()
    return graph.replay


@torch.inference_mode()
def measure_size(network: Any, frame: torch.Tensor, seconds: float) -> tuple[float, float | None]:
    """Return milliseconds a frame (1, H, W, 3), one by one and as a CUDA graph where it can be."""
    device = frame.device
    ratio = min(NETWORK_SIDE_PX / max(frame.shape[1:3]), 1.0)
    network.forget()
    for _ in range(3):
        step(network, frame, ratio)
    plain_ms = median_ms(lambda: step(network, frame, ratio), device, seconds)
    if device.type != "cuda":
        return plain_ms, None
    try:
        return plain_ms, median_ms(recorded(network, frame, ratio), device, seconds)
    except RuntimeError as error:
        print(f"no CUDA graph ({' '.join(str(error).split())[:200]})", flush=True)
        torch.cuda.synchronize()
        return plain_ms, None


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Measure every size; returns milliseconds a frame by size."""
    device = torch.device(options.device)
    kind = torch.float16 if device.type == "cuda" else torch.float32
    network = load_reader(options.folder).Rvm(options.folder, device, kind)
    precision = str(kind).removeprefix("torch.")
    found: dict[str, Any] = {"precision": precision, "ms": {}, "graph_ms": {}}
    for name in options.sizes:
        width, height = SIZES[name]
        frame = torch.rand((1, height, width, 3), device=device, dtype=kind)
        found["ms"][name], graph_ms = measure_size(network, frame, options.seconds)
        if graph_ms is not None:
            found["graph_ms"][name] = graph_ms
    return found


def markdown(found: dict[str, Any]) -> str:
    """Return the table."""
    names = list(found["ms"])
    lines = [f"| RVM's network, {found['precision']}, ms a frame | {' | '.join(names)} |"]
    lines += ["|---|" + "---:|" * len(names)]
    for title, row in (("launched one by one", found["ms"]), ("CUDA graph", found["graph_ms"])):
        if row:
            cells = [f"{row[name]:.2f}" if name in row else "" for name in names]
            lines.append(f"| {title} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main() -> int:
    """Read the arguments, measure, print; 2 where the reader is not there."""
    parser = argparse.ArgumentParser(prog="python -m bench.rvm", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with rvm.py and the weights")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--sizes", nargs="+", default=USUAL_SIZES, choices=list(SIZES))
    parser.add_argument("--seconds", type=float, default=1.0)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    try:
        found = measure(options)
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    found["markdown"] = markdown(found)
    print(found["markdown"])
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
