"""`python -m u2cam.model.train`: train a network, or go on with a run.

The data folder's layout, the curriculum and worked examples are in docs/training.md.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import torch
import torch.distributed as dist
from pydantic import BaseModel, ValidationError
from torch.multiprocessing.spawn import start_processes

from u2cam.model.datasets.photo_library import Library, load_library
from u2cam.model.datasets.views import Views
from u2cam.model.train.labels.cache import load_labels, photo_source, video_sources, write_labels
from u2cam.model.train.labels.teachers import open_teachers
from u2cam.model.train.networks import build_network
from u2cam.model.train.settings import LossWeights, Phase, TrainSettings
from u2cam.model.train.trainer import Trainer


def phase(text: str) -> Phase:
    """Read `WIDTHxHEIGHT[,...]:BATCH:SHARE`, and `:EVERYxFRAMES` for the clips, where given."""
    try:
        sizes, batch, share, *clips = text.split(":")
        sizes_wh = tuple(tuple(size.split("x")) for size in sizes.split(","))
        values: dict[str, Any] = {"sizes_wh": sizes_wh, "batch_size": batch, "share": share}
        if clips:
            values["clip_every"], values["clip_frames"] = ":".join(clips).split("x")
        return Phase.model_validate(values)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no phase; wanted WIDTHxHEIGHT[,...]:BATCH:SHARE[:EVERYxFRAMES], like "
            "256x144:32:0.65 or 512x288:18:0.35:3x3 (clips of 3 frames in every third batch)"
        ) from error


def named_number(settings: type[BaseModel]) -> Callable[[str], tuple[str, float]]:
    """Return a reader of `NAME=NUMBER` for the fields of `settings`."""

    def read(text: str) -> tuple[str, float]:
        name, _, value = text.partition("=")
        if name not in settings.model_fields:
            raise argparse.ArgumentTypeError(
                f"{text!r}: no {name!r}; choose from {', '.join(settings.model_fields)}"
            )
        try:
            return name, float(value)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r}: wanted {name}=NUMBER") from error

    return read


def parse(arguments: list[str] | None) -> dict[str, Any]:
    """Read the command line; options that were not given are left out."""
    parser = argparse.ArgumentParser(
        prog="python -m u2cam.model.train", description=__doc__, argument_default=argparse.SUPPRESS
    )
    parser.add_argument("--data", type=Path, required=True, help="data folder")
    parser.add_argument("--run", type=Path, required=True, help="checkpoints and logs go here")
    parser.add_argument("--network", choices=("u2net_live", "u2netp", "u2net"))
    parser.add_argument("--weights", type=Path, help="start from a .pth file or a run's .pt file")
    parser.add_argument("--resume", action="store_true", help="go on from RUN/last.pt")
    parser.add_argument("--minutes", type=float, help="budget of computing time")
    parser.add_argument("--steps", type=int, help="budget in steps, exactly reproducible")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument(
        "--phase",
        dest="phases",
        type=phase,
        action="append",
        help="WIDTHxHEIGHT[,...]:BATCH:SHARE[:EVERYxFRAMES], one for each part of the curriculum",
    )
    parser.add_argument(
        "--view",
        dest="views",
        type=named_number(Views),
        action="append",
        help=f"NAME=SHARE: {', '.join(Views.model_fields)}",
    )
    parser.add_argument(
        "--loss",
        dest="losses",
        type=named_number(LossWeights),
        action="append",
        help=f"NAME=WEIGHT: {', '.join(LossWeights.model_fields)}",
    )
    parser.add_argument("--amp", choices=("off", "bf16", "fp16"))
    parser.add_argument("--device", choices=("cpu", "cuda"))
    parser.add_argument("--gradient-checkpointing", action="store_true")
    parser.add_argument("--processes", type=int, help="data-parallel processes on a CPU")
    parser.add_argument("--threads", type=int, help="torch threads of each process")
    parser.add_argument("--workers", type=int, help="loader processes of each process")
    parser.add_argument("--tensorboard", action="store_true")
    parser.add_argument(
        "--teacher",
        action="append",
        metavar="NAME|FILE",
        help="label pictures first; up to three: a general network, then portrait ones",
    )
    parser.add_argument("--soft-targets", type=Path, help="folder of the teachers' labels")
    parser.add_argument(
        "--unlabelled",
        action="append",
        metavar="KIND:NAME=FOLDER|PATTERN",
        help="photos for the teachers; KIND is webcam (people in front of a camera) or street",
    )
    parser.add_argument("--clips", type=Path, help="folder of videos of people, for the teachers")
    parser.add_argument("--hold-out", action="append", help="name of a video not to label")
    options = vars(parser.parse_args(arguments))
    if "losses" in options:
        options["losses"] = dict(options["losses"])
    if "views" in options:
        options["views"] = dict(options["views"])
    if "phases" in options:
        options["phases"] = tuple(options["phases"])
    return options


def make_labels(
    folder: Path, teachers: list[str], photos: list[str], clips: Path | None, hold_out: list[str]
) -> None:
    """Let the teachers label photos and videos into a folder.

    Raises:
        ValueError: there is nothing to label, or a teacher is unknown.
        FileNotFoundError: no such teacher.
    """
    sources = [photo_source(text) for text in photos]
    if clips is not None:
        sources += video_sources(clips, hold_out)
    if not sources:
        raise ValueError("--teacher: nothing to label; give --unlabelled or --clips")
    written = write_labels(folder, sources, open_teachers(teachers))
    print(f"teachers wrote {written} labels to {folder}", flush=True)


def work(
    rank: int,
    settings: TrainSettings,
    library: Library,
    validation: Library | None,
    resume: bool,
    store: str,
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
    if resume:
        trainer.resume(settings.run / "last.pt")
    trainer.run()
    if settings.processes > 1:
        dist.destroy_process_group()


def read_settings(options: dict[str, Any]) -> TrainSettings:
    """Check the options of a run.

    Raises:
        ValueError: in one line, what is wrong with which option.
    """
    try:
        return TrainSettings(**options)
    except ValidationError as error:
        wrong = error.errors()[0]
        option = "--" + "-".join(str(part) for part in wrong["loc"]).replace("_", "-")
        raise ValueError(f"{option}: {wrong['msg']}, got {wrong['input']}") from error


def train(options: dict[str, Any]) -> None:
    """Label if asked, read the data, train."""
    resume = options.pop("resume", False)
    teachers = options.pop("teacher", [])
    photos = options.pop("unlabelled", [])
    clips = options.pop("clips", None)
    hold_out = options.pop("hold_out", [])
    if teachers:
        options.setdefault("soft_targets", options["run"] / "soft_targets")
    elif photos or clips:
        raise ValueError("--unlabelled and --clips need a --teacher to label them")
    settings = read_settings(options)
    cv2.setNumThreads(1)  # Before anything is decoded: OpenCV's threads do not survive a fork.
    labelled = None
    if settings.soft_targets is not None:
        if teachers:
            make_labels(settings.soft_targets, teachers, photos, clips, hold_out)
        labelled = load_labels(settings.soft_targets)
    library = load_library(settings.data, labelled=labelled)
    try:
        validation = load_library(settings.data, validation=True)
    except FileNotFoundError:
        validation = None
        print("no validation pictures: the last weights are all there is", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        shared = (settings, library, validation, resume, str(Path(folder) / "meet"))
        if settings.processes == 1:
            work(0, *shared)
        else:
            # Forked, so that the decoded pictures are in memory once.
            start_processes(  # type: ignore[no-untyped-call]
                work, shared, settings.processes, start_method="fork"
            )


def main(arguments: list[str] | None = None) -> int:
    """Train; 2 for a mistake in the arguments."""
    options = parse(arguments)
    try:
        train(options)
    except (ValueError, FileNotFoundError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
