"""`python -m u2cam.model.evaluate`: measure networks, ours and others, on the same pictures.

`--suite` measures on the fixed sets: rendered people and keyed portraits with exact mattes,
photographs with hand-made masks, real clips without any. Weights are chosen by the validation
split; the test split is for the model card.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from u2cam.model.candidates.candidate import Candidate, open_candidate, open_peers
from u2cam.model.evaluate import report
from u2cam.model.evaluate.failures import draw_worst, save_pictures
from u2cam.model.evaluate.measure import Record, measure
from u2cam.model.evaluate.sequence import Sequence
from u2cam.model.evaluate.suite import Folders, Suite, folder


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m u2cam.model.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--suite", action="store_true", help="measure on the fixed sets; needs --data")
    add("--data", type=Path, help="data folder (docs/training.md): keyed, ccp, backgrounds")
    add("--rendered", type=Path, help="rendered people (default: DATA/rendered)")
    add("--panoramas", type=Path, help="folder of .hdr panoramas, for more scenes")
    add("--clips", type=Path, help="folder with the real clips that were set aside")
    add("--split", choices=("validation", "test"), default="validation")
    add("--seed", type=int, default=0, help="above 0: another draw by the same rules")
    add("--folder", type=Path, help="measure on a folder with images and masks")
    add(
        "--network",
        action="append",
        metavar="NAME|FILE",
        help="a registered name, or a .pth, .tflite or .onnx file; may be repeated",
    )
    add("--region", action="store_true", help="the first network also on crops, as in a run")
    add("--peers", type=Path, help="folder with rvm/ and MediaPipe's .tflite networks")
    add("--json", type=Path, help="write the numbers here")
    add("--failures", type=Path, help="write pictures of failures and of real clips here")
    add("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.suite == (options.folder is not None):
        parser.error("what to measure on: give either --suite with --data, or --folder")
    if options.suite and options.data is None:
        parser.error("--suite: needs --data FOLDER")
    return options


def open_all(options: argparse.Namespace, *, still: bool) -> list[Candidate]:
    """Open every network that was asked for, for stills or for clips."""
    names = options.network or ["u2net_live"]
    found = [open_candidate(name, still=still, threads=options.threads) for name in names]
    if options.region:
        first = open_candidate(names[0], still=still, threads=options.threads, region=True)
        found.insert(1, first)
    if options.peers is not None:
        found += open_peers(options.peers, options.threads)
    return found


def draw(options: argparse.Namespace) -> Iterator[Sequence]:
    """Draw or read what is measured on; the same each time."""
    if options.folder is not None:
        return folder(options.folder)
    rendered = options.rendered or options.data / "rendered"
    folders = Folders(
        options.data,
        rendered if rendered.is_dir() else None,
        options.panoramas,
        options.clips,
    )
    return Suite(folders, options.split, seed=options.seed).sequences()


def run(options: argparse.Namespace) -> list[Record]:
    """Measure as asked and write what was asked for."""
    torch.set_num_threads(options.threads)
    stills, moving = open_all(options, still=True), open_all(options, still=False)

    def candidates_for(sequence: Sequence) -> list[Candidate]:
        return stills if len(sequence.frames) == 1 else moving

    begin_s = time.monotonic()
    records: list[Record] = []
    for sequence in draw(options):
        if not records or records[-1].set_name != sequence.set_name:
            print(f"{time.monotonic() - begin_s:.0f} s: {sequence.set_name} ...", file=sys.stderr)
        records += measure(candidates_for(sequence), [sequence])
    if not records:
        raise FileNotFoundError("no sequences of this split in the data: nothing was measured")
    if options.json is not None:
        facts = {
            "split": options.split,
            "seed": options.seed,
            "seconds": time.monotonic() - begin_s,
        }
        report.write_json(options.json, facts, records)
    if options.failures is not None:
        chosen = draw_worst(records, stills[0].name, 12, options.seed)
        written = save_pictures(options.failures, draw(options), chosen, candidates_for)
        print(f"{written} pictures in {options.failures}", file=sys.stderr)
    return records


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 2 for a mistake in the arguments."""
    options = parse(arguments)
    try:
        records = run(options)
    except (ValueError, FileNotFoundError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(report.markdown(report.summarise(records)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
