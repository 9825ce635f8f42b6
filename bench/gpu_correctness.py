"""Is the GPU's path right? `python -m bench.gpu_correctness`.

On the same frames and mattes: composites of the GPU's renderer against the CPU's, in levels of 255
(at most 2). On the same frames: mattes of the network in the device's precision against fp32 on the
CPU. Then the whole path, frame by frame, against the CPU's, which adds both differences up. And
whether CUDA graphs were recorded, and how much memory of the device was used.
"""

from __future__ import annotations

import argparse
import json
import logging
from fractions import Fraction
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch

from bench.device import BACKGROUND, SIZES, build_matter, gpu_renderer, measure_agreement
from bench.frames import load_frames
from u2cam.core.frame import Frame, MattedFrame
from u2cam.core.protocols import Compositor
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.model.engines import cuda_graph
from u2cam.model.engines.device import Device, resolve_device
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import find_spec

FRAMES = 12
MOST_LEVELS = 2
MOST_MATTE = 0.02
"""Mean absolute difference of mattes above which half precision is not to be trusted."""


class Warnings(logging.Handler):
    """Keeps what is logged as a warning: a graph that could not be recorded is."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.lines.append(record.getMessage())


def pictures(compositor: Compositor, frames: list[Frame]) -> tuple[list[np.ndarray], list[Any]]:
    """Run frames through a compositor one by one; pictures, and mattes where it shows them."""
    made, mattes = [], []
    for frame in frames:
        compositor.submit([frame])
        for ready in compositor.collect():
            made.append(np.array(compositor.render(ready)))
            mattes.append(ready.alpha if isinstance(ready, MattedFrame) else None)
    return made, mattes


def compare_paths(device: Device, frames: list[Frame]) -> dict[str, float]:
    """Compare the whole path on the device with the CPU's in fp32."""
    size_wh = frames[0].size_wh
    here = build_matter(find_spec("u2net_live"), resolve_device("cpu"), "fp32", 1)
    there = build_matter(find_spec("u2net_live"), device, "auto", 1)
    host = CpuCompositor(NetworkMatter(here.network), CpuRenderer(Presentation(BACKGROUND)))
    gpu = GpuCompositor(there, gpu_renderer(there.torch_device))
    gpu.warm_up(size_wh, live=False)
    half = CpuCompositor(NetworkMatter(there.network), CpuRenderer(Presentation(BACKGROUND)))
    wanted, wanted_mattes = pictures(host, frames)
    got, _ = pictures(gpu, frames)
    _, half_mattes = pictures(half, frames)
    apart = [np.abs(a.astype(np.int16) - b) for a, b in zip(wanted, got, strict=True)]
    mattes = zip(wanted_mattes, half_mattes, strict=True)
    return {
        "path_mean_levels": float(np.mean([difference.mean() for difference in apart])),
        "path_share_above_8_levels": float(np.mean([(d > 8).mean() for d in apart])),
        "matte_mean_difference": float(np.mean([np.abs(a - b).mean() for a, b in mattes])),
    }


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Compare at every size."""
    device = resolve_device(options.device)
    cuda = device.kind == "cuda"
    warnings = Warnings()
    logging.getLogger("u2cam").addHandler(warnings)
    found: dict[str, Any] = {"device": device.label, "torch": torch.__version__, "sizes": {}}
    # Counted where they are made: what cannot be recorded raises there, and is logged.
    with patch.object(cuda_graph, "record", wraps=cuda_graph.record) as record:
        for name in options.sizes:
            images = load_frames(None, SIZES[name], FRAMES)
            if cuda:
                torch.cuda.reset_peak_memory_stats(device.torch_device)
            frames = [Frame(image, n, n, Fraction(1, 30), n / 30) for n, image in enumerate(images)]
            levels = measure_agreement(images, device.torch_device)
            row = {"worst_levels": levels, **compare_paths(device, frames)}
            row["peak_mb"] = torch.cuda.max_memory_allocated() / 1e6 if cuda else 0.0
            found["sizes"][name] = row
    failed = sum("no CUDA graph" in line for line in warnings.lines)
    found["graphs_recorded"] = recorded = record.call_count - failed
    found["warnings"] = warnings.lines
    found["right"] = all(
        max(row["worst_levels"].values()) <= MOST_LEVELS
        and row["matte_mean_difference"] <= MOST_MATTE
        for row in found["sizes"].values()
    ) and (recorded > 0 or not cuda)
    return found


def markdown(found: dict[str, Any]) -> str:
    """Return the table."""
    sizes = found["sizes"]
    lines = [f"| {found['device']}, torch {found['torch']} | {' | '.join(sizes)} |"]
    lines.append("|---|" + "---:|" * len(sizes))

    def row(title: str, cells: list[str]) -> None:
        lines.append(f"| {title} | {' | '.join(cells)} |")

    every = list(sizes.values())
    for name in every[0]["worst_levels"]:
        row(f"renderers, {name}: most levels apart", [str(r["worst_levels"][name]) for r in every])
    row("mattes: mean difference", [f"{r['matte_mean_difference']:.5f}" for r in every])
    row("whole path: mean levels apart", [f"{r['path_mean_levels']:.3f}" for r in every])
    row("whole path: above 8 levels", [f"{r['path_share_above_8_levels']:.3%}" for r in every])
    row("peak memory of the device, MB", [f"{r['peak_mb']:.0f}" for r in every])
    lines += ["", f"CUDA graphs recorded: {found['graphs_recorded']}"]
    lines += [f"warning: {line}" for line in found["warnings"]]
    lines.append("right" if found["right"] else "**NOT RIGHT**: see the limits in this script")
    return "\n".join(lines)


def main() -> int:
    """Read the arguments, compare, print; 1 where something is not right."""
    parser = argparse.ArgumentParser(prog="python -m bench.gpu_correctness", description=__doc__)
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--sizes", nargs="+", default=["720p", "1080p"], choices=list(SIZES))
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = measure(options)
    found["markdown"] = markdown(found)
    print(found["markdown"])
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(not found["right"])


if __name__ == "__main__":
    raise SystemExit(main())
