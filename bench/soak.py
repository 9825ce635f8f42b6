"""Two hours of a live run in minutes, with a fault every few seconds: what leaks, what comes back?

    python -m bench.soak                    # 2 simulated hours, prints a Markdown table
    python -m bench.soak --minutes 10 --seed 3

Frames come as fast as they go, so that the pipeline, not the clock, sets the pace: two hours at
30 frames a second are 216 000 frames. The room behind the person is full of blue, which nothing
else has; any blue in a picture that came out is a raw frame. Fails (exit code 1) on a raw frame, a
thread left over, growth of 20 MB or more, or a recovery beyond its bound.
"""

import argparse
import itertools
import random
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stream.frame import AlphaF32, Frame, ImageU8, Picture
from stream.pipeline import Pipeline
from stream.settings import CaptureSettings, PipelineSettings
from stream.source import SourceLost
from tests.fakes import FakeEffects, FakeMatter, FakeSink, FakeSource

FPS = 30
SIZE_WH = (160, 90)
PERSON = (200, 40, 40)
ROOM = (60, 60, 255)
MOST_GROWTH_MB = 20.0
STALL_S = 0.3
"""How long a stalled camera or network stays silent; longer than `hold_after_s` below."""
HOLD_AFTER_S = 0.1
FAULTS = {
    "camera lost": 1.5,
    "camera stalls": STALL_S + 0.5,
    "network raises": 0.5,
    "network stalls": STALL_S + 0.5,
    "matte is NaN": 0.5,
    "matte out of range": 0.5,
    "matte of another size": 0.5,
}
"""What goes wrong, and within how many seconds the composite must be back."""


@dataclass
class Faults:
    """Which fault waits for its part, and how long each took to be over."""

    waiting: str | None = None
    began_s: float = 0.0
    recoveries_s: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    active: str | None = None

    def begin(self, name: str) -> None:
        """Let a part fail at its next call."""
        self.waiting = name

    def take(self, *names: str) -> str | None:
        """Called by a part: the fault that it shall show now, if any."""
        if self.waiting not in names:
            return None
        self.active, self.waiting, self.began_s = self.waiting, None, time.monotonic()
        return self.active

    def over(self, captured_at_s: float) -> None:
        """A composite of a frame captured after the fault came out."""
        if self.active is not None and captured_at_s > self.began_s:
            self.recoveries_s[self.active].append(time.monotonic() - self.began_s)
            self.active = None


class Camera(FakeSource):
    """Gives one picture for ever, as fast as it is read."""

    def __init__(self, faults: Faults) -> None:
        image = np.empty((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
        image[:] = ROOM
        image[20:, 50:110] = PERSON
        super().__init__([image], live=True)
        self._faults = faults
        self._numbers = itertools.count()

    def read(self) -> Frame:
        """Give the picture, or show the fault that waits."""
        fault = self._faults.take("camera lost", "camera stalls")
        if fault == "camera lost":
            self.reopens = [False, True]
            raise SourceLost("soak: unplugged")
        if fault == "camera stalls":
            time.sleep(STALL_S)
        if self.closed:
            return super().read()
        # Gives way to the other threads, as waiting for a real camera does.
        time.sleep(0.0005)
        number = next(self._numbers)
        return Frame(self.images[0], number, number * 3000, self.info.time_base, time.monotonic())


class Network(FakeMatter):
    """Tells the person by colour."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(_alpha)
        self._faults = faults

    def matte(self, image: ImageU8) -> AlphaF32:
        """Give the exact matte, or show the fault that waits."""
        fault = self._faults.take(*(name for name in FAULTS if not name.startswith("camera")))
        if fault == "network stalls":
            time.sleep(STALL_S)
        self.troubles = {}
        if fault == "network raises":
            self.troubles = {self.calls: "raise"}
        elif fault == "matte is NaN":
            self.troubles = {self.calls: "nan"}
        elif fault == "matte out of range":
            self.troubles = {self.calls: "out_of_range"}
        elif fault == "matte of another size":
            self.troubles = {self.calls: "wrong_size"}
        return super().matte(image)


def _alpha(image: ImageU8) -> AlphaF32:
    return (image[..., 2] < 100).astype(np.float32)


class Viewer(FakeSink):
    """Looks at every picture and keeps none."""

    def __init__(self, faults: Faults) -> None:
        super().__init__("viewer")
        self._faults = faults
        self.seen = self.holding = self.raw = 0

    def write(self, picture: Picture) -> None:
        """Count the picture."""
        self.seen += 1
        self.holding += picture.holding
        self.raw += bool((picture.image[..., 2] > 150).any())
        if not picture.holding:
            self._faults.over(picture.captured_at_s)


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
    chance = random.Random(given.seed)
    threads = set(threading.enumerate())
    faults = Faults()
    viewer = Viewer(faults)
    camera = Camera(faults)
    pipeline = Pipeline(
        camera,
        Network(faults),
        FakeEffects(),
        [viewer],
        live=True,
        settings=PipelineSettings(hold_after_s=HOLD_AFTER_S),
        capture=CaptureSettings(reconnect_min_s=0.05, reconnect_max_s=0.2),
        max_frames=frames,
    )
    next_fault = FPS * 5
    memories: list[float] = []

    def tick() -> None:
        nonlocal next_fault
        done = pipeline.metrics.counted("in")
        if done > frames * (len(memories) + 1) / 20:
            memories.append(memory_mb())
        if done >= next_fault and faults.active is None and faults.waiting is None:
            faults.begin(chance.choice(list(FAULTS)))
            next_fault = done + round(FPS * chance.uniform(2, 8))

    begin_s = time.monotonic()
    with camera:
        pipeline.run(tick, tick_s=0.005)
    return report(faults, viewer, pipeline, memories, threads, time.monotonic() - begin_s)


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
    print(
        f"{captured} frames ({captured / FPS / 60:.0f} minutes at {FPS} fps) in {elapsed_s:.0f} s"
    )
    print(f"{viewer.seen} pictures, {viewer.holding} of them holding, {viewer.raw} raw frames")
    print(f"memory growth {growth_mb:.1f} MB, threads left: {len(left)}")
    failed = viewer.raw or late or left or growth_mb >= MOST_GROWTH_MB
    print("FAILED" if failed else "passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
