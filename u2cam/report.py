"""What is said after a run: the JSON summary of `--stats`, and the closing line."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from u2cam.build import Parts
from u2cam.compositors import effects_device
from u2cam.core.plural import counted
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.stream.media.targets import part_name
from u2cam.stream.metrics import Metrics
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sources.base import Source

PACKAGES = ("u2cam", "torch", "opencv-python", "numpy", "av", "pyvirtualcam")


def dropped(pipeline: Pipeline, source: Source) -> dict[str, dict[str, int]]:
    """Return the frames that were lost on the way: {queue: {reason: count}}."""
    lost = {name: dict(reasons) for name, reasons in pipeline.dropped().items()}
    if source.dropped:
        lost["source"] = {"not fetched in time": source.dropped}
    return lost


def summary(parts: Parts) -> dict[str, Any]:
    """Return the facts of a run, ready for JSON.

    Times are milliseconds, `busy` is a share of the run's time, memory is in MB. `latency_ms` is
    that of the slowest output with viewers, or of the recordings where there is none;
    `outputs` has each by itself.
    """
    pipeline, compositor, adaptation = parts.threads, parts.compositor, parts.adaptation
    metrics, network = pipeline.metrics, compositor.network
    elapsed_s = max(metrics.elapsed_s, 1e-9)
    return {
        "frames": {
            "in": metrics.counted("in"),
            "out": metrics.counted("out"),
            "placeholder": metrics.counted("placeholder"),
            "dropped": dropped(pipeline, parts.source),
        },
        "fps": round(metrics.counted("out") / elapsed_s, 3),
        "elapsed_s": round(elapsed_s, 3),
        "latency_ms": _latency_ms(metrics, pipeline.watched_sinks or None),
        "outputs": {
            name: {
                "pictures": metrics.counted(f"out:{name}"),
                "fps": round(metrics.counted(f"out:{name}") / elapsed_s, 3),
                "latency_ms": _latency_ms(metrics, [name]),
            }
            for name in pipeline.sink_names
        },
        "matte_age_ms": {
            f"p{percent}": round(metrics.matte_age_ms(percent), 2) for percent in (50, 95)
        },
        "stages": {
            name: {
                "ms_mean": round(times.ms_mean, 3),
                "ms_p95": round(times.ms_p95, 3),
                "busy": round(times.busy, 4),
            }
            for name, times in metrics.stages().items()
        },
        "model": network.model_name,
        "device": network.device_name,
        "precision": network.precision,
        "effects_device": effects_device(compositor),
        "adaptation": [] if adaptation is None else adaptation.history,
        "failed_outputs": {name: str(error) for name, error in pipeline.failed_sinks.items()},
        "peak_memory_mb": round(peak_memory_mb(), 1),
        "versions": versions(),
    }


def _latency_ms(metrics: Metrics, sinks: Sequence[str] | None) -> dict[str, float]:
    return {f"p{percent}": round(metrics.latency_ms(percent, sinks), 2) for percent in (50, 95, 99)}


def write_json(path: Path, facts: dict[str, Any]) -> None:
    """Write facts as JSON; the file appears complete or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    partial = path.with_name(part_name(path.name))
    try:
        partial.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def closing_line(parts: Parts) -> str:
    """Say in one line what was done, how fast, and which network and device did it."""
    pipeline, compositor = parts.threads, parts.compositor
    metrics, network = pipeline.metrics, compositor.network
    frames = metrics.counted("out")
    facts = [
        counted(frames, "frame"),
        f"{frames / max(metrics.elapsed_s, 1e-9):.1f} fps",
        f"model {network.model_name} on {network.device_name} ({network.precision})",
    ]
    if isinstance(compositor, GpuCompositor):
        facts.append(f"effects on {effects_device(compositor)}")
    lost = sum(sum(reasons.values()) for reasons in dropped(pipeline, parts.source).values())
    if lost:
        facts.insert(1, f"{lost} dropped")
    if metrics.counted("placeholder"):
        facts.insert(1, counted(metrics.counted("placeholder"), "placeholder"))
    return ", ".join(facts)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that do the work."""
    found = {"python": platform.python_version(), "system": platform.system()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def peak_memory_mb() -> float:
    """Return the most memory that this process has held so far, in MB; 0 where unknown."""
    if sys.platform == "win32":
        return 0.0
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
