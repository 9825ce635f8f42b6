"""Frames that stay on a device: how fast, how exact, and against the CPU's effects in the same run.

`python -m bench.device` measures on the GPU, or on the CPU where there is none and says so: the
code is the same, the numbers then only show that it runs. It prints Markdown tables; `--json FILE`
writes the numbers. About five minutes on a GPU; `--sizes 720p --models u2net_live` is shorter.

First of all it compares the device's composites with the CPU's on the same mattes: more than 2
levels of 255 apart, and the speeds below are those of a program that is wrong.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from bench.frames import MemorySource, load_frames
from u2cam.build import build_pipeline
from u2cam.compositors import RunCompositor
from u2cam.core.frame import Frame, single_frame
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.gpu.renderer import Capture, GpuRenderer, as_it_is
from u2cam.effects.gpu.transfer import Transfer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import ColorSettings, EffectsSettings
from u2cam.imaging.pyramid import halves
from u2cam.inputs import InputPlan
from u2cam.model.engines.cuda_graph import Recorded
from u2cam.model.engines.device import Device, resolve_device, resolve_precision
from u2cam.model.engines.gpu_memory import is_out_of_memory, make_room
from u2cam.model.engines.torch import TorchEngine
from u2cam.model.gpu_matter import GpuMatter
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import ModelSpec, find_spec
from u2cam.model.weights import find_weights, load_network
from u2cam.report import versions
from u2cam.settings import Settings
from u2cam.stream.sinks.null import NullSink

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080), "4K": (3840, 2160)}
USUAL_SIZES = ["720p", "1080p", "4K"]
BATCHES = (1, 2, 4, 8, 16)
BACKGROUND = "studio"
SETTINGS = {
    "default": EffectsSettings(),
    "all colour steps": EffectsSettings(
        color=ColorSettings(match=1, light_wrap=1, linear_light=True)
    ),
}


@dataclass
class SizeResults:
    """What was measured at one frame size, in milliseconds a frame where nothing else is said."""

    worst_levels: dict[str, int] = field(default_factory=dict)
    """Greatest difference between the device's composite and the CPU's, of 255, by settings."""
    host_part_ms: float = 0.0
    """Small grid, flow and packet: the host's work while the device has the frame before."""
    upload_ms: float = 0.0
    download_ms: float = 0.0
    effects_ms: float = 0.0
    effects_unrecorded_ms: float = 0.0
    """The same without a CUDA graph; on the CPU there is none."""
    cpu_effects_ms: float = 0.0
    latency_ms: dict[str, float] = field(default_factory=dict)
    """One frame from the host's memory to its composite there, by model: the live case."""
    pipeline_fps: dict[str, float] = field(default_factory=dict)
    """Frames per second offline, `null` output: resident, and with the CPU's effects."""
    peak_device_mb: float = 0.0


@dataclass
class Results:
    """Everything that was measured."""

    machine: str
    network_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    """Milliseconds a frame, by model and batch; NaN where it did not fit."""
    sizes: dict[str, SizeResults] = field(default_factory=dict)


class Clock:
    """Times calls on a device until a budget of seconds is used up."""

    def __init__(self, device: torch.device, seconds: float) -> None:
        self._device = device
        self._seconds = seconds

    def settle(self) -> None:
        """Wait for the device."""
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)

    def ms(self, work: Callable[[], object], per_call: int = 1) -> float:
        """Median milliseconds of a call, its end on the device included, per frame."""
        for _ in range(2):
            work()
        self.settle()
        times: list[float] = []
        until_s = time.perf_counter() + self._seconds
        while len(times) < 5 or time.perf_counter() < until_s:
            begin_s = time.perf_counter()
            work()
            self.settle()
            times.append(time.perf_counter() - begin_s)
        return 1000 * statistics.median(times) / per_call


def matte(number: int) -> np.ndarray:
    """A soft figure (288, 512) float32 that sways."""
    alpha = np.zeros((288, 512), np.float32)
    x = 256 + round(12 * np.sin(number / 5))
    cv2.ellipse(alpha, (x, 288), (128, 144), 0, 0, 360, 1, -1, cv2.LINE_AA)
    cv2.circle(alpha, (x, 120), 58, 1, -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(alpha, (0, 0), 2), np.float32)


def build_matter(spec: ModelSpec, device: Device, precision: str, batch: int) -> GpuMatter:
    """Build a network on the device; untrained where its weights are not here: as fast."""
    path = find_weights(spec)
    torch.manual_seed(0)
    network = spec.build().eval() if path is None else load_network(spec, path)
    engine = TorchEngine(
        network, device, resolve_precision(precision, device, bf16_pays_on_cpu=True)
    )
    return GpuMatter(LoadedNetwork(spec, engine), engine, batch=batch)


@torch.inference_mode()
def measure_network(matter: GpuMatter, clock: Clock, batches: Sequence[int]) -> dict[str, float]:
    """Time the network alone, its input on the device."""
    width, height = matter.network.input_size_wh
    spec, engine = matter.network.spec, matter.network.engine
    assert isinstance(engine, TorchEngine)
    found: dict[str, float] = {}
    for count in batches:
        x = torch.rand((count, spec.input_channels, height, width), device=matter.torch_device)
        try:
            found[str(count)] = clock.ms(partial(engine.mattes, x), count)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            found[str(count)] = float("nan")
            make_room()
    return found


def gpu_renderer(
    device: torch.device, settings: EffectsSettings | None = None, capture: Capture = Recorded
) -> GpuRenderer:
    """Build a renderer on the device."""
    return GpuRenderer(device, Presentation(BACKGROUND), settings, capture=capture)


def compose(renderer: GpuRenderer, transfer: Transfer, frame: Frame, alpha: Tensor) -> np.ndarray:
    """Send one frame through the effects on the device."""
    with transfer.working():
        slot = transfer.slot(renderer.packet(frame.size_wh).bytes)
        written = renderer.write(frame, slot.room)
        picture = renderer.compose(transfer.upload(slot, written.bytes), written, alpha).clone()
        made = transfer.download(picture).wait().reshape(written.shape)
    transfer.give_back(slot)
    return made


def measure_agreement(frames: Sequence[np.ndarray], device: torch.device) -> dict[str, int]:
    """Compare both renderers over consecutive frames: the greatest difference in levels of 255."""
    worst: dict[str, int] = {}
    for name, settings in SETTINGS.items():
        host = CpuRenderer(Presentation(BACKGROUND), settings)
        renderer = gpu_renderer(device, settings)
        transfer = Transfer(device)
        differences = []
        for number, image in enumerate(frames[:6]):
            alpha = matte(number)
            frame = single_frame(image, number / 30)
            wanted = host.render(frame, alpha)
            got = compose(renderer, transfer, frame, torch.from_numpy(alpha).to(device))
            differences.append(int(np.abs(wanted.astype(np.int16) - got).max()))
        worst[name] = max(differences)
    return worst


@torch.inference_mode()
def measure_steps(frames: Sequence[np.ndarray], device: torch.device, clock: Clock) -> SizeResults:
    """Time copies and effects by themselves, and the CPU's effects on the same frames."""
    results = SizeResults(worst_levels=measure_agreement(frames, device))
    size_wh = (frames[0].shape[1], frames[0].shape[0])
    transfer = Transfer(device)
    alpha = torch.from_numpy(matte(0)).to(device)
    given = [replace(single_frame(image), levels=halves(image)) for image in frames]

    def at(given: Sequence[Frame], number: int) -> Frame:
        return replace(given[number % len(given)], pts=3000 * number)

    def effects(capture: Capture) -> float:
        renderer = gpu_renderer(device, capture=capture)
        with transfer.working():
            slot = transfer.slot(renderer.packet(size_wh).bytes)
            written = renderer.write(given[0], slot.room)
            packet = transfer.upload(slot, written.bytes)
            results.upload_ms = clock.ms(lambda: transfer.upload(slot, written.bytes))
            took_ms = clock.ms(lambda: renderer.compose(packet, written, alpha))
            picture = renderer.compose(packet, written, alpha).clone()
            results.download_ms = clock.ms(lambda: transfer.download(picture).wait())
            number = iter(range(1, 10**9))
            results.host_part_ms = clock.ms(
                lambda: renderer.write(at(given, next(number)), slot.room)
            )
        return took_ms

    results.effects_unrecorded_ms = effects(as_it_is)
    results.effects_ms = effects(Recorded)
    host = CpuRenderer(Presentation(BACKGROUND))
    number = iter(range(10**9))
    results.cpu_effects_ms = clock.ms(lambda: host.render(at(given, n := next(number)), matte(n)))
    return results


def measure_latency(matter: GpuMatter, frames: Sequence[np.ndarray], clock: Clock) -> float:
    """Time one frame from the host's memory to its composite there, one at a time."""
    path = GpuCompositor(matter, gpu_renderer(matter.torch_device))
    number = iter(range(10**9))

    def one() -> None:
        n = next(number)
        path.submit([Frame(frames[n % len(frames)], n, n, Fraction(1, 30), 0.0)])
        path.collect()

    return clock.ms(one)


def measure_pipeline(
    matter: GpuMatter, frames: list[np.ndarray], *, stays: bool, seconds: float, guess: float
) -> float:
    """Run the program's own pipeline offline for about some seconds; frames per second."""
    compositor: RunCompositor
    if stays:
        compositor = on_gpu = GpuCompositor(matter, gpu_renderer(matter.torch_device))
        on_gpu.warm_up((frames[0].shape[1], frames[0].shape[0]), live=False)
    else:
        host = NetworkMatter(matter.network)
        compositor = CpuCompositor(host, CpuRenderer(Presentation(BACKGROUND)))
    count = max(3 * matter.batch, round(guess * seconds))
    plan = InputPlan(MemorySource(frames, count), "own", live=False)
    run = build_pipeline(plan, compositor, [NullSink()], Settings(), None)
    run.run()
    return run.metrics.counted("out") / run.metrics.elapsed_s


def measure(arguments: argparse.Namespace) -> Results:
    """Measure everything that was asked for."""
    device = resolve_device(arguments.device)
    clock = Clock(device.torch_device, arguments.seconds)
    results = Results(_machine(device))
    print(results.machine, flush=True)
    matters: dict[str, GpuMatter] = {}
    for name in arguments.models:
        matter = build_matter(find_spec(name), device, arguments.precision, arguments.batch)
        batches = (
            (1,) if matter.network.spec.recurrent else [b for b in BATCHES if b <= arguments.most]
        )
        results.network_ms[name] = measure_network(matter, clock, batches)
        matters[name] = matter
    for size in arguments.sizes:
        print(f"{size} ...", flush=True)
        frames = load_frames(None, SIZES[size], 8)
        if device.kind == "cuda":
            torch.cuda.reset_peak_memory_stats(device.torch_device)
        found = results.sizes[size] = measure_steps(frames, device.torch_device, clock)
        for name, matter in matters.items():
            matter.forget()
            found.latency_ms[name] = took_ms = measure_latency(matter, frames, clock)
            # Turn by turn, so that whatever else the machine does hits both.
            for place, stays in (("on the device", True), ("effects on the CPU", False)):
                laps = [
                    measure_pipeline(
                        matter,
                        frames,
                        stays=stays,
                        seconds=arguments.seconds,
                        guess=1000 / took_ms,
                    )
                    for _ in range(2)
                ]
                found.pipeline_fps[f"{name}, {place}"] = max(laps)
        if device.kind == "cuda":
            found.peak_device_mb = torch.cuda.max_memory_allocated(device.torch_device) / 1e6
            make_room()
    return results


def _machine(device: Device) -> str:
    said = f"{device.label}, torch {torch.__version__}, {platform.machine()}"
    if device.kind == "cuda":
        facts = torch.cuda.get_device_properties(device.torch_device)
        return f"{said}, {facts.total_memory / 2**30:.1f} GiB, CUDA {torch.version.cuda}"
    return f"{said}: NO GPU, these are not the numbers of one ({torch.get_num_threads()} threads)"


def markdown(results: Results) -> str:
    """Return the tables."""
    lines = [results.machine, "", "| network alone, ms a frame | batch |  |", "|---|---:|---:|"]
    for name, found in results.network_ms.items():
        lines += [f"| {name} | {batch} | {ms:.2f} |" for batch, ms in found.items()]
    sizes = results.sizes
    lines += ["", f"| | {' | '.join(sizes)} |", "|---|" + "---:|" * len(sizes)]

    def row(name: str, cells: Iterable[str]) -> None:
        lines.append(f"| {name} | {' | '.join(cells)} |")

    every = list(sizes.values())
    for name in SETTINGS:
        apart = (str(found.worst_levels[name]) for found in every)
        row(f"device against CPU, {name}: levels apart", apart)
    row("host's part, ms", (f"{found.host_part_ms:.2f}" for found in every))
    row("upload, ms", (f"{found.upload_ms:.2f}" for found in every))
    row("effects on the device, ms", (f"{found.effects_ms:.2f}" for found in every))
    unrecorded = (f"{found.effects_unrecorded_ms:.2f}" for found in every)
    row("the same without a CUDA graph, ms", unrecorded)
    row("download, ms", (f"{found.download_ms:.2f}" for found in every))
    row("effects on the CPU, ms", (f"{found.cpu_effects_ms:.2f}" for found in every))
    for model in results.network_ms:
        latency = (f"{found.latency_ms[model]:.2f}" for found in every)
        row(f"{model}: one frame there and back, ms", latency)
        copies = (
            (found.upload_ms + found.download_ms) / found.latency_ms[model] for found in every
        )
        row(f"{model}: copies' share of it", (f"{share:.0%}" for share in copies))
        for place in ("on the device", "effects on the CPU"):
            key = f"{model}, {place}"
            row(f"{key}: frames per second", (f"{found.pipeline_fps[key]:.1f}" for found in every))
    row("peak memory of the device, MB", (f"{found.peak_device_mb:.0f}" for found in every))
    return "\n".join(lines)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.device")
    parser.add_argument("--device", default="auto", help="auto, cuda, cuda:N or cpu")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--sizes", nargs="+", choices=SIZES, default=USUAL_SIZES)
    parser.add_argument("--models", nargs="+", default=["u2net_live", "u2netp", "u2net"])
    parser.add_argument("--batch", type=int, default=0, help="offline; 0: by free memory")
    parser.add_argument("--most", type=int, default=BATCHES[-1], help="largest batch to time")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each number")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    arguments = parser.parse_args()
    results = measure(arguments)
    print(f"\n{markdown(results)}")
    if arguments.json is not None:
        facts = {"versions": versions(), **asdict(results), "markdown": markdown(results)}
        arguments.json.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
