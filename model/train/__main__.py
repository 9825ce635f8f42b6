"""`python -m u2cam.model.train`: train a network by a recipe, or go on with a run.

The data folder's layout, the recipe and worked examples are in docs/training.md.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

import cv2
import torch
import torch.distributed as dist
from torch.multiprocessing.spawn import start_processes

from u2cam.model.datasets.photo_library import Library, load_library
from u2cam.model.datasets.sources import find_source
from u2cam.model.train.export import export
from u2cam.model.train.labels import write_labels
from u2cam.model.train.networks import build_network
from u2cam.model.train.pack import unpack, write_pack
from u2cam.model.train.recipe import make_settings, override, read_recipe
from u2cam.model.train.settings import TrainSettings
from u2cam.model.train.teachers import open_teachers
from u2cam.model.train.trainer import Trainer

MEGABYTE = 1_000_000


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m u2cam.model.train", description=__doc__)
    parser.add_argument("--recipe", default="live", help="name, or a .toml file; default: live")
    parser.add_argument(
        "--set", dest="assignments", action="append", default=[], metavar="SECTION.KEY=VALUE",
        help="change a value of the recipe or of the run; may be repeated",
    )  # fmt: skip
    data = parser.add_argument_group("data")
    data.add_argument("--data", type=Path, default=Path("data"), help="data folder")
    data.add_argument(
        "--source", action="append", default=[], metavar="NAME=FOLDER",
        help="a set that lies elsewhere, like panoramas=FOLDER; may be repeated",
    )  # fmt: skip
    data.add_argument("--packed", type=Path, metavar="FILE", help="take the data from a pack")
    data.add_argument("--pack", type=Path, metavar="FILE", help="write a pack, and do not train")
    data.add_argument("--pack-mb", type=float, default=60, help="size of a pack at most")
    data.add_argument(
        "--teacher", action="append", default=[], metavar="NAME|FILE",
        help="label what is unlabelled first; may be repeated",
    )  # fmt: skip
    data.add_argument(
        "--unlabelled", action="append", default=[], metavar="FOLDER|PATTERN",
        help="photos for the teachers; their labels go into the set `labels`",
    )  # fmt: skip
    machine = parser.add_argument_group("machine")
    machine.add_argument("--run", type=Path, help="checkpoints and logs; a run there goes on")
    machine.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    machine.add_argument("--processes", type=int, help="data-parallel processes on a CPU")
    machine.add_argument("--threads", type=int, help="torch threads of each process")
    machine.add_argument("--workers", type=int, help="loader processes of each process")
    options = parser.parse_args(arguments)
    if options.pack is None and options.run is None:
        parser.error("where to? give --run FOLDER (or --pack FILE)")
    return options


def read_folders(texts: list[str]) -> dict[str, Path]:
    """Read `NAME=FOLDER` of the sets that lie outside the data folder.

    Raises:
        ValueError: an unknown set.
        FileNotFoundError: no such folder.
    """
    folders = {}
    for text in texts:
        name, _, folder = text.partition("=")
        folders[find_source(name).name] = Path(folder)
        if not folder or not Path(folder).is_dir():
            raise FileNotFoundError(f"--source {text}: no such folder; wanted NAME=FOLDER")
    return folders


def read_settings(options: argparse.Namespace) -> TrainSettings:
    """Put recipe, overrides and machine together.

    On CUDA every core but one draws pictures: a GPU waits for them, not they for it.

    Raises:
        ValueError: a value is wrong.
        FileNotFoundError: no such recipe or folder.
    """
    values: dict[str, Any] = read_recipe(options.recipe)
    values["run"] = options.run or Path("unused")
    values["data"] = options.data
    values["folders"] = read_folders(options.source)
    values["device"] = options.device
    if options.device == "cuda":
        values |= {"processes": 1, "workers": max(1, (os.cpu_count() or 2) - 1)}
    for name in ("processes", "threads", "workers"):
        if getattr(options, name) is not None:
            values[name] = getattr(options, name)
    if options.packed is not None:
        values["data"] = unpack(options.packed, values["run"] / "packed")
    if options.teacher:
        values["folders"].setdefault("labels", values["data"] / "labels")
    override(values, options.assignments)
    return make_settings(values)


def work(
    rank: int, settings: TrainSettings, library: Library, validation: Library | None, store: str
) -> None:
    """Train as one of `settings.processes` processes, which find each other by the file `store`."""
    if settings.processes > 1:
        # A process whose parent was stopped gets SIGINT, which one from the background ignores.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        dist.init_process_group(
            "gloo", init_method=f"file://{store}", rank=rank, world_size=settings.processes
        )
    torch.manual_seed(settings.seed)
    network = build_network(
        settings.network,
        settings.weights,
        gradient_checkpointing=settings.gradient_checkpointing,
    )
    trainer = Trainer(settings, network, library, validation, rank)
    checkpoint = settings.run / "last.pt"
    if checkpoint.is_file():
        trainer.resume(checkpoint)
    trainer.run()
    if settings.processes > 1:
        dist.destroy_process_group()


def train(settings: TrainSettings) -> None:
    """Read the data, train, write the file to ship."""
    wanted, data, folders = settings.draw.wanted(), settings.data, settings.folders
    library = load_library(data, only=wanted, folders=folders)
    print(f"training on {library.describe()}", flush=True)
    try:
        validation = load_library(data, "validation", folders=folders)
        print(f"validation on {validation.describe()}", flush=True)
    except FileNotFoundError:
        validation = None
        print("no validation pictures: the last weights are all there is", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        shared = (settings, library, validation, str(Path(folder) / "meet"))
        if settings.processes == 1:
            work(0, *shared)
        else:
            # Forked, so that the decoded pictures are in memory once.
            start_processes(  # type: ignore[no-untyped-call]
                work, shared, settings.processes, start_method="fork"
            )
    shipped = settings.run / f"{settings.network}.pth"
    size, digest = export(settings.run / "best.pt", shipped)
    print(f"{shipped}: {size} bytes, sha256 {digest}", flush=True)


def main(arguments: list[str] | None = None) -> int:
    """Label if asked, then pack or train; 2 for a mistake in the arguments."""
    options = parse(arguments)
    cv2.setNumThreads(1)  # Before anything is decoded: OpenCV's threads do not survive a fork.
    try:
        if bool(options.teacher) != bool(options.unlabelled):
            raise ValueError("--teacher labels what --unlabelled names: give both or none")
        if options.device == "cuda" and not torch.cuda.is_available():
            raise ValueError("--device cuda: PyTorch sees no GPU here; leave the option out")
        settings = read_settings(options)
        if options.teacher:
            labels = settings.folders["labels"]
            written = write_labels(labels, options.unlabelled, open_teachers(options.teacher))
            print(f"teachers wrote {written} labels to {labels}", flush=True)
        if options.pack is None:
            train(settings)
            return 0
        limit = int(options.pack_mb * MEGABYTE)
        wanted, folders = settings.draw.wanted(), settings.folders
        counts = write_pack(options.pack, settings.data, wanted, folders, limit_bytes=limit)
        listed = ", ".join(f"{name} {count} files" for name, count in counts.items())
        print(f"{options.pack}: {options.pack.stat().st_size / MEGABYTE:.1f} MB, {listed}")
    except (ValueError, FileNotFoundError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
