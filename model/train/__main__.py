"""`python -m model.train`: train a network."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from model.train.library import load_library
from model.train.loop import Trainer
from model.train.settings import TrainSettings
from model.u2net_live import U2NetLive


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(prog="python -m model.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--soft-targets", type=Path)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    arguments = vars(parser.parse_args())
    resume = arguments.pop("resume")
    settings = TrainSettings(**arguments)
    torch.manual_seed(settings.seed)
    library = load_library(settings.data, settings.soft_targets)
    validation = load_library(settings.data, None, validation=True)
    trainer = Trainer(settings, U2NetLive(), library, validation)
    if resume:
        trainer.resume(settings.run / "last.pt")
    trainer.run()


if __name__ == "__main__":
    main()
