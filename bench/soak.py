"""Two hours of a live run in minutes, with a fault every few seconds: what leaks, what comes back?

    python -m bench.soak                    # 2 simulated hours, prints a Markdown table
    python -m bench.soak --minutes 10 --seed 3

Frames come as fast as they go, so that the pipeline, not the clock, sets the pace: two hours at
30 frames a second are 216 000 frames. They go to a viewer that looks at every one, and at 30 a
second to the real virtual camera sink on a made-up device; mattes are taken in turn for each frame
and carried along. Fails (exit code 1) on a raw frame, a thread left over, growth of 20 MB or more,
or a fault that is over too late or not at all. `bench/soak_parts.py` has the faults and bounds.
"""

import argparse
import logging
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pyvirtualcam

from bench.soak_parts import FAULTS, Camera, Faults, Network, Viewer, VirtualDevice
from tests.fakes import FakePropagator, FakeRenderer
from u2cam.effects.compositor import CpuCompositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.settings import CaptureSettings, PipelineSettings, VirtualCameraSettings
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.stages import retry_policy

FPS = 30
MOST_GROWTH_MB = 20.0
HOLD_AFTER_S = 0.1
QUIET_END_FRAMES = 60 * FPS
"""Without new faults: a run that ends while an output is lost has rightly failed."""


def memory_mb() -> float:
    """Return what this process holds now; 0 where the system does not tell."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * 4096 / 1e6 if statm.is_file() else 0.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run, print the table, judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=120.0, help="simulated; default 120")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(argv)
    frames = round(given.minutes * 60 * FPS)
    logging.basicConfig(level=logging.ERROR)
    # Simulated seconds are short: what takes seconds in life has to pass as quickly.
    retry_policy.FIRST_PAUSE_S, retry_policy.LONGEST_PAUSE_S = 0.05, 0.2
    retry_policy.STEADY_S = 0.02
    threads = set(threading.enumerate())
    faults = Faults()
    viewer = Viewer(faults)
    camera = Camera(faults)
    with tempfile.TemporaryDirectory() as folder:
        sinks = [viewer, _virtual_camera(faults, Path(folder) / "video10")]
        pipeline = Pipeline(
            camera,
            CpuCompositor(Network(faults), FakeRenderer()),
            sinks,
            live=True,
            settings=PipelineSettings(hold_after_s=HOLD_AFTER_S),
            capture=CaptureSettings(reconnect_min_s=0.05, reconnect_max_s=0.2),
            max_frames=frames,
            propagator=FakePropagator(),
        )
        driver = Driver(pipeline, faults, frames, random.Random(given.seed))
        begin_s = time.monotonic()
        with camera:
            pipeline.run(driver.tick, tick_s=0.005)
        elapsed_s = time.monotonic() - begin_s
    return report(faults, viewer, pipeline, driver.memories, threads, elapsed_s)


def _virtual_camera(faults: Faults, path: Path) -> VirtualCameraSink:
    path.touch()
    VirtualDevice.faults, VirtualDevice.path = faults, path
    pyvirtualcam.register_backend("soak", VirtualDevice)
    return VirtualCameraSink(VirtualCameraSettings(backend="soak", device=str(path)))


class Driver:
    """Begins faults and takes notes, from the main thread."""

    def __init__(
        self, pipeline: Pipeline, faults: Faults, frames: int, chance: random.Random
    ) -> None:
        self._pipeline = pipeline
        self._faults = faults
        self._frames = frames
        self._chance = chance
        self._next_fault = FPS * 5
        self.memories: list[float] = []

    def tick(self) -> None:
        """Begin the next fault where it is time and the last one is over."""
        done = self._pipeline.metrics.counted("in")
        if done > self._frames * (len(self.memories) + 1) / 20:
            self.memories.append(memory_mb())
        VirtualDevice.come_back()
        faults = self._faults
        if done > self._frames - QUIET_END_FRAMES:
            return
        if done >= self._next_fault and faults.active is None and faults.waiting is None:
            assert self._pipeline.matting is not None
            carried = self._pipeline.matting.asynchronous
            (carried.set if self._chance.random() < 0.3 else carried.clear)()
            faults.begin(self._chance.choice(list(FAULTS)))
            self._next_fault = done + round(FPS * self._chance.uniform(2, 8))


def report(
    faults: Faults,
    viewer: Viewer,
    pipeline: Pipeline,
    memories: list[float],
    threads: set[threading.Thread],
    elapsed_s: float,
) -> int:
    """Print what happened; return the exit code."""
    left = [t.name for t in threading.enumerate() if t not in threads and t.is_alive()]
    # The first tenth fills caches and pools.
    growth_mb = memories[-1] - memories[1] if len(memories) > 2 else 0.0
    captured = pipeline.metrics.counted("in")
    late = 0
    print("| fault | times | slowest recovery (s) | bound (s) |")
    print("|---|---|---|---|")
    for name, bound_s in FAULTS.items():
        took_s = faults.recoveries_s[name]
        worst = max(took_s, default=0.0)
        late += worst > bound_s
        print(f"| {name} | {len(took_s)} | {worst:.2f} | {bound_s:.2f} |")
    print()
    stuck = ""
    if faults.active is not None and time.monotonic() - faults.began_s > FAULTS[faults.active]:
        stuck = f"never over: {faults.active}; "
    raw = viewer.raw + VirtualDevice.raw
    print(
        f"{captured} frames ({captured / FPS / 60:.0f} minutes at {FPS} fps) in {elapsed_s:.0f} s, "
        f"{sum(map(len, faults.recoveries_s.values()))} faults"
    )
    print(
        f"{viewer.seen} pictures, {viewer.placeholders} of them placeholders, {raw} raw frames; "
        f"virtual camera opened {VirtualDevice.opened} times"
    )
    print(f"{stuck}memory growth {growth_mb:.1f} MB, threads left: {len(left)}")
    failed = raw or late or left or stuck or pipeline.failed_sinks or growth_mb >= MOST_GROWTH_MB
    print("FAILED" if failed else "passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
