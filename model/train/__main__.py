"""`python -m model.train`: train a network."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import cv2
import torch
import torch.distributed as dist
from torch.multiprocessing import start_processes

from model.train.library import Library, load_library
from model.train.loop import Trainer
from model.train.settings import TrainSettings
from model.u2net_live import U2NetLive


def work(
    rank: int,
    settings: TrainSettings,
    library: Library,
    validation: Library,
    resume: bool,
    store: str,
) -> None:
    """Train as one of `settings.processes` processes, which meet through the file `store`."""
    if settings.processes > 1:
        dist.init_process_group(
            "gloo", init_method=f"file://{store}", rank=rank, world_size=settings.processes
        )
    torch.manual_seed(settings.seed)
    trainer = Trainer(settings, U2NetLive(), library, validation, rank)
    if resume:
        trainer.resume(settings.run / "last.pt")
    trainer.run()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m model.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--soft-targets", type=Path)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--resume", action="store_true")
    arguments = vars(parser.parse_args())
    resume = arguments.pop("resume")
    settings = TrainSettings(**arguments)
    cv2.setNumThreads(1)  # Before anything is decoded: OpenCV's threads do not survive a fork.
    library = load_library(settings.data, settings.soft_targets)
    validation = load_library(settings.data, None, validation=True)
    with tempfile.TemporaryDirectory() as folder:
        shared = (settings, library, validation, resume, str(Path(folder) / "meet"))
        if settings.processes == 1:
            work(0, *shared)
        else:
            # Forked, so that the decoded pictures are in memory once.
            start_processes(work, shared, settings.processes, start_method="fork")


if __name__ == "__main__":
    main()
