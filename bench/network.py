"""How fast each network runs on this CPU, by engine, precision and input size.

`python -m bench.network` prints a Markdown table and, with `--json FILE`, writes the numbers. All
variants take turns within one run, so that whatever else the machine does hits all of them; what
counts are the ratios. The mattes' distance from plain fp32 PyTorch stands beside each time.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from u2cam.model.engines.device import cpu_has_bf16, resolve_device
from u2cam.model.engines.openvino import OpenVinoEngine
from u2cam.model.engines.openvino import is_installed as openvino_is_installed
from u2cam.model.engines.torch import NetworkInput, TorchEngine
from u2cam.model.inputs.preprocess import fit_input, normalise, resize_input
from u2cam.model.inputs.recurrent_input import join, scale
from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.registry import ModelSpec, find_spec
from u2cam.model.weights import find_weights, load_network

Run = Callable[[NetworkInput], NDArray[np.float32]]

CASES: tuple[tuple[str, tuple[int, int]], ...] = (
    ("u2netp", (320, 320)),
    ("u2netp", (320, 192)),
    ("u2netp", (256, 256)),
    ("u2netp", (192, 192)),
    ("u2net_live", (512, 288)),
)
REFERENCE = ("u2netp", (320, 320), "torch fp32, as written")
"""All ratios are against this: what the authors' code does on a CPU."""


@dataclass
class Row:
    """One variant's result."""

    model: str
    size: str
    engine: str
    median_ms: float
    best_ms: float
    times_faster: float
    matte_difference: float | None


def planes_of(x: NetworkInput) -> Tensor:
    """(1, C, h, w) float32 of what an engine is given."""
    given = torch.from_numpy(x)
    return (scale(given) if given.dtype == torch.uint8 else given).permute(0, 3, 1, 2)


def plain_torch(network: nn.Module) -> Run:
    """The network as written, fp32, nothing folded."""

    def run(x: NetworkInput) -> NDArray[np.float32]:
        with torch.inference_mode():
            result: NDArray[np.float32] = network(planes_of(x).contiguous())[0, 0].numpy()
            return result

    return run


def compiled_torch(network: nn.Module, dtype: torch.dtype) -> Run:
    """`torch.compile` (Inductor), folded, channels last; needs a C++ compiler."""
    folded = fold_batch_norm(network).to(dtype).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    compiled: Any = torch.compile(folded)

    def run(x: NetworkInput) -> NDArray[np.float32]:
        with torch.inference_mode():
            matte = compiled(planes_of(x).to(dtype))
            result: NDArray[np.float32] = matte[0, 0].float().numpy()
            return result

    return run


def onnx_runtime(network: nn.Module, example: NetworkInput, threads: int) -> Run:
    """ONNX Runtime, fp32, folded."""
    import onnxruntime

    planes = planes_of(example).contiguous()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "network.onnx")
        torch.onnx.export(fold_batch_norm(network), (planes,), path, dynamo=False, opset_version=17)
        session: Any = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
    entry = session.get_inputs()[0].name

    def run(x: NetworkInput) -> NDArray[np.float32]:
        planes = planes_of(x).contiguous().numpy()
        result: NDArray[np.float32] = session.run(None, {entry: planes})[0][0, 0]
        return result

    return run


def network_of(spec: ModelSpec, weights: Path | None) -> nn.Module:
    """A fresh copy of the network; speed does not depend on trained weights, mattes do."""
    path = weights if weights is not None and spec.name in weights.name else find_weights(spec)
    if path is not None:
        return load_network(spec, path)
    torch.manual_seed(0)
    return spec.build().eval().requires_grad_(False)


def variants(
    spec: ModelSpec,
    weights: Path | None,
    example: NetworkInput,
    threads: int,
    inductor: bool,
) -> dict[str, Run]:
    """Every engine that is installed, ready to run."""
    cpu = resolve_device("cpu")

    def fresh() -> nn.Module:
        return network_of(spec, weights)

    runs = {
        "torch fp32, as written": plain_torch(fresh()),
        "torch fp32": TorchEngine(fresh(), cpu, "fp32").run,
    }
    if cpu_has_bf16():
        runs["torch bf16"] = TorchEngine(fresh(), cpu, "bf16").run
    if inductor:
        runs["torch.compile fp32"] = compiled_torch(fresh(), torch.float32)
        if cpu_has_bf16():
            runs["torch.compile bf16"] = compiled_torch(fresh(), torch.bfloat16)
    if importlib.util.find_spec("onnxruntime") and importlib.util.find_spec("onnx"):
        runs["onnxruntime fp32"] = onnx_runtime(fresh(), example, threads)
    if openvino_is_installed():
        runs["openvino fp32"] = OpenVinoEngine(fresh(), "fp32", threads=threads).run
        if cpu_has_bf16():
            runs["openvino bf16"] = OpenVinoEngine(fresh(), "bf16", threads=threads).run
    return runs


def network_input(
    spec: ModelSpec, size_wh: tuple[int, int], image: NDArray[np.uint8]
) -> NetworkInput:
    """The picture as the network gets it from a camera."""
    box = fit_input(spec, (image.shape[1], image.shape[0]), size_wh)
    picture = resize_input(spec, box, image)
    return join(picture) if spec.recurrent else normalise(picture, still=False)


def measure(arguments: argparse.Namespace) -> list[Row]:
    """Let all variants of all cases take turns until the time is up."""
    torch.set_num_threads(arguments.threads)
    image = _picture(arguments.image)
    cases: list[tuple[str, tuple[int, int]]] = [*CASES]
    if arguments.full:
        cases.append(("u2net", (320, 320)))
    runs: dict[tuple[str, tuple[int, int], str], tuple[Run, NetworkInput]] = {}
    differences: dict[tuple[str, tuple[int, int], str], float | None] = {}
    for name, size_wh in cases:
        if arguments.only and arguments.only != name:
            continue
        spec = find_spec(name)
        x = network_input(spec, size_wh, image)
        inductor = arguments.inductor and (name, size_wh) in (CASES[0], CASES[-1])
        truth: NDArray[np.float32] | None = None
        for engine, run in variants(
            spec, arguments.weights, x, arguments.threads, inductor
        ).items():
            matte = run(x)  # Also the warm-up.
            truth = matte if truth is None else truth
            runs[name, size_wh, engine] = run, x
            differences[name, size_wh, engine] = float(np.abs(matte - truth).mean())
    times: dict[tuple[str, tuple[int, int], str], list[float]] = {key: [] for key in runs}
    print(f"built {len(runs)} variants, measuring", file=sys.stderr, flush=True)
    end_s = time.perf_counter() + arguments.seconds
    rounds = 0
    while time.perf_counter() < end_s or rounds < 3:
        rounds += 1
        for key, (run, x) in runs.items():
            # Not the first: caches are the neighbour's then, and its threads still spin for work.
            run(x)
            start_s = time.perf_counter()
            run(x)
            times[key].append((time.perf_counter() - start_s) * 1e3)
    base = statistics.median(times.get(REFERENCE) or next(iter(times.values())))
    return [
        Row(
            model=name,
            size="×".join(map(str, size_wh)),
            engine=engine,
            median_ms=statistics.median(values),
            best_ms=min(values),
            times_faster=base / statistics.median(values),
            matte_difference=differences[name, size_wh, engine],
        )
        for (name, size_wh, engine), values in times.items()
    ]


def _picture(path: Path | None) -> NDArray[np.uint8]:
    """The picture to run on; without one, noise of webcam size."""
    if path is None:
        noise = np.random.default_rng(0).integers(0, 256, (720, 1280, 3))
        return noise.astype(np.uint8)
    image_bgr = cv2.imread(str(path))
    if image_bgr is None:
        raise SystemExit(f"bench.network: {path} is no picture")
    return np.ascontiguousarray(image_bgr[..., ::-1], np.uint8)


def table(rows: list[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [
        "| network | input | engine | ms (median) | times U²-Netp as written | matte differs by |",
        "|---|---|---|---:|---:|---:|",
    ]
    lines += [
        f"| {row.model} | {row.size} | {row.engine} | {row.median_ms:.1f} | "
        f"{row.times_faster:.1f} | {row.matte_difference:.4f} |"
        for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.network")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--seconds", type=float, default=40, help="of measuring, after building")
    parser.add_argument("--weights", type=Path, help="a .pth whose name tells its network")
    parser.add_argument("--image", type=Path, help="picture to run on; noise without")
    parser.add_argument("--only", help="measure one network only")
    parser.add_argument("--full", action="store_true", help="also the full U²-Net (slow)")
    parser.add_argument(
        "--inductor", action="store_true", help="also torch.compile (slow to build)"
    )
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    rows = measure(arguments)
    print(
        f"{platform.processor() or platform.machine()}, {arguments.threads} threads, "
        f"torch {torch.__version__}, {torch.backends.cpu.get_cpu_capability()}, "
        f"bf16 in hardware: {'yes' if cpu_has_bf16() else 'no'}\n"
    )
    print(table(rows))
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")


if __name__ == "__main__":
    main()
