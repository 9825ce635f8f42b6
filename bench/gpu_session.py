"""Everything that a few minutes on a GPU are for, in one command: `python -m bench.gpu_session`.

In this order, each part in processes of its own and with a time limit of its own:

- `correctness`: composites of the GPU against the CPU's, the network's mattes too, whether CUDA
  graphs were recorded, memory (`bench.gpu_correctness`)
- `speed`: network alone, copies, effects and whole path at 720p, 1080p and 4K (`bench.device`)
- `streams`: how many live streams of 720p at 30 frames a second run at once (`bench.streams`)
- `rvm`: Robust Video Matting's network in fp16 on the same card, where its reader is given
- `train`: training by the recipe from a packed data file, with what time is left

What is known is written as it comes: `report.md`, one JSON file a part, `log.txt`, and the newest
checkpoint; no file is larger than 16 MiB. A part that fails does not stop the next.
`--device cpu --dry-run` runs all of it on a CPU, small and short.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("correctness", "speed", "streams", "rvm", "train")
LIMIT_S = {"correctness": 120.0, "speed": 150.0, "streams": 100.0, "rvm": 60.0}
"""Most seconds of each part but the last, which has the rest."""
SLOWER = 5.0
"""How much more time a dry run on a CPU may take."""
LEAST_TRAINING_S = 45.0
SHORT_PHASE = (
    "phases=[{sizes_wh=[[64,48]],batch_size=2,share=1.0,clip_every=2,clips=2,clip_frames=2}]"
)
"""What a dry run trains instead of the recipe's phases."""
RESERVE_S = 15.0
"""Kept back at the end for the last copies."""
LARGEST_FILE = 16 * 2**20
LOOK_S = 5.0
"""How often new files of training are copied."""


@dataclass(frozen=True)
class Session:
    """What one call of this script does."""

    out: Path
    work: Path
    device: str
    dry_run: bool
    ends_s: float
    """When it has to be over, on the monotonic clock."""
    environment: dict[str, str]

    def left_s(self) -> float:
        """Seconds that are left."""
        return self.ends_s - time.monotonic()


def link_package(folder: Path) -> None:
    """Make `folder/u2cam` of links, as installed: a fresh checkout needs no installation."""
    package = folder / "u2cam"
    package.mkdir()
    for path in [*(ROOT / "u2cam").iterdir(), ROOT / "stream", ROOT / "model", ROOT / "effects"]:
        (package / path.name).symlink_to(path)


def run(
    session: Session, name: str, command: list[str], limit_s: float, look: Callable[[], None]
) -> str:
    """Run a child to its end or its limit; returns how it went, in words."""
    log = (session.out / "log.txt").open("ab")
    log.write(f"\n== {name}: {' '.join(command)}\n".encode())
    log.flush()
    begin_s = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-u", "-m", *command],
        stdout=log,
        stderr=subprocess.STDOUT,
        cwd=ROOT,
        env=session.environment,
        start_new_session=True,
    )
    try:
        while child.poll() is None and time.monotonic() - begin_s < limit_s:
            time.sleep(min(LOOK_S, max(0.1, limit_s / 20)))
            look()
    finally:
        stopped = child.poll() is None
        if stopped:
            _stop(child)
        log.close()
    look()
    took_s = time.monotonic() - begin_s
    if stopped:
        return f"stopped at its limit, {took_s:.0f} s"
    return f"{took_s:.0f} s" if child.returncode == 0 else f"FAILED with code {child.returncode}"


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a child and its children: politely, so that training saves, then not."""
    for sign, patience_s in ((signal.SIGINT, 10.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(child.pid, sign)
            child.wait(patience_s)
            return
        except subprocess.TimeoutExpired:
            continue
        except ProcessLookupError:
            return


def commands(session: Session, options: argparse.Namespace) -> dict[str, list[str]]:
    """Return the command of each part that can run; the words after `python -m`."""
    dry, device, out = session.dry_run, session.device, session.out
    small = ["--sizes", "360p"] if dry else []
    found = {
        "correctness": ["bench.gpu_correctness", "--device", device, *small],
        "speed": [
            *("bench.device", "--device", device, *small),
            *("--models", "u2net_live", "--seconds", "0.1" if dry else "1"),
        ],
        "streams": [
            *("bench.streams", "--device", device, "--seconds", "1" if dry else "5"),
            *(["--most", "2", "--size", "320x180"] if dry else []),
        ],
    }
    if options.rvm is not None:
        found["rvm"] = ["bench.rvm", str(options.rvm), "--device", device, *small]
    for name, command in found.items():
        command += ["--json", str(out / f"{name}.json")]
    if options.packed is not None:
        folder = session.work / "train"
        found["train"] = [
            *("u2cam.model.train", "--recipe", options.recipe, "--packed", str(options.packed)),
            *("--run", str(folder), "--device", device),
        ]
    return {name: found[name] for name in PARTS if name in found and name in options.parts}


def copy_results(folder: Path, out: Path) -> None:
    """Copy what training has written: its log and the newest checkpoints that are small enough."""
    for name in ("log.csv", "best.pt", "u2net_live.pth"):
        source, target = folder / name, out / f"train_{name}"
        if not source.is_file() or source.stat().st_size > LARGEST_FILE:
            continue
        if target.is_file() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        part = target.with_name(target.name + ".part")
        shutil.copy2(source, part)
        part.replace(target)


def report(out: Path, states: dict[str, str], left: dict[str, str]) -> None:
    """Write what is known so far to `report.md`."""
    lines = ["# GPU session", "", "| part | |", "|---|---|"]
    lines += [f"| {name} | {state} |" for name, state in {**states, **left}.items()]
    for name in states:
        path = out / f"{name}.json"
        if path.is_file():
            found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            table = found.pop("markdown", "")
            lines += ["", f"## {name}", "", table or f"```\n{json.dumps(found, indent=1)}\n```"]
    training = out / "train_log.csv"
    if training.is_file():
        lines += ["", "## train", "", "```", *training.read_text().splitlines()[-12:], "```"]
    (out / "report.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def hold(session: Session, options: argparse.Namespace) -> dict[str, str]:
    """Run the parts one after the other; returns how each went."""
    planned = commands(session, options)
    states: dict[str, str] = {}
    for name, command in planned.items():
        left_s = session.left_s() - RESERVE_S
        patience = SLOWER if session.dry_run else 1.0
        limit_s = min(left_s, patience * LIMIT_S.get(name, left_s))
        waiting = {n: "not run" for n in planned if n not in states}
        if limit_s <= 0 or (name == "train" and limit_s < LEAST_TRAINING_S):
            states[name] = "no time left"
            continue
        if name == "train":
            if session.dry_run:
                command += ["--set", SHORT_PHASE]
            budget = "steps=2" if session.dry_run else f"minutes={0.8 * limit_s / 60:.2f}"
            command += ["--set", budget]
        report(session.out, states, {**waiting, name: "running"})
        states[name] = run(
            session,
            name,
            command,
            limit_s,
            lambda: copy_results(session.work / "train", session.out),
        )
        print(f"{name}: {states[name]}", flush=True)
        report(session.out, states, {n: "not run" for n in planned if n not in states})
    return states


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.gpu_session",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--out", type=Path, required=True, help="folder for results; made where it is not there")
    add("--minutes", type=float, default=9.0, help="all of it, training included")
    add("--parts", type=lambda text: text.split(","), default=list(PARTS), help=",".join(PARTS))
    add("--packed", type=Path, help="data for training, made by `u2cam.model.train --pack`")
    add("--recipe", default="live")
    add("--rvm", type=Path, help="folder with RVM's reader and weights")
    add("--device", default="cuda", choices=("cuda", "cpu"))
    add("--dry-run", action="store_true", help="tiny budgets: does all of it run?")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.parts if name not in PARTS]
    if unknown:
        parser.error(f"--parts: no {unknown[0]!r}; choose from {', '.join(PARTS)}")
    for name in ("packed", "rvm"):
        path = getattr(options, name)
        if path is not None and not path.exists():
            parser.error(f"--{name} {path}: not there")
        if path is not None:
            setattr(options, name, path.resolve())
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the session; 1 where a part failed."""
    options = parse(arguments)
    ends_s = time.monotonic() + 60 * options.minutes
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gpu-session-") as folder:
        work = Path(folder)
        link_package(work)
        path = os.pathsep.join(filter(None, (folder, str(ROOT), os.environ.get("PYTHONPATH"))))
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
        if options.dry_run:
            environment["OMP_NUM_THREADS"] = "1"  # on a busy CPU, threads wait for one another
        session = Session(
            options.out.resolve(), work, options.device, options.dry_run, ends_s, environment
        )
        states = hold(session, options)
    print((options.out / "report.md").read_text(encoding="utf-8"))
    return int(any("FAILED" in state for state in states.values()))


if __name__ == "__main__":
    raise SystemExit(main())
