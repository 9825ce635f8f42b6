"""`python -m u2cam.model.evaluate`: measure networks on mattes that are known exactly.

Prints a table, and writes JSON and a contact sheet where asked.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from u2cam.model.candidates.candidate import open_candidate
from u2cam.model.evaluate import contact_sheet, sets
from u2cam.model.evaluate.measure import Scores, measure
from u2cam.model.export import size_of

COLUMNS = ("mad", "mse", "grad", "conn", "dtssd", "iou", "max_f", "s_measure", "mae")
LEAST_SIDE_PX = 32


def table(title: str, results: dict[str, Scores]) -> str:
    """Lay results out as lines of text."""
    width = max(len(name) for name in results)
    lines = [title, " " * width + "".join(f"{column:>11}" for column in COLUMNS)]
    for name, scores in results.items():
        cells = (f"{scores[c]:11.4f}" if c in scores else " " * 10 + "-" for c in COLUMNS)
        lines.append(f"{name:<{width}}" + "".join(cells))
    return "\n".join(lines)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m u2cam.model.evaluate", description=__doc__)
    parser.add_argument(
        "--network",
        action="append",
        metavar="NAME|FILE",
        help="a registered name, or a .pth, .tflite or .onnx file; may be repeated",
    )
    parser.add_argument(
        "--data", type=Path, help="training folder: synthetic sets are drawn from it"
    )
    parser.add_argument("--frames", type=int, default=400, help="single composites")
    parser.add_argument("--clips", type=int, default=24, help="synthetic clips")
    parser.add_argument("--clip-frames", type=int, default=12, help="frames in a synthetic clip")
    parser.add_argument(
        "--clip-motion", type=float, default=1.0, help="1 shakes; 0.2 is a person who talks"
    )
    parser.add_argument(
        "--seed", type=int, default=0, help="above 0: another draw by the same rule, never tuned on"
    )
    parser.add_argument(
        "--size", type=size_of, default=(640, 360), help="WIDTHxHEIGHT of composites"
    )
    parser.add_argument("--folder", type=Path, help="measure on a folder with images and masks")
    parser.add_argument("--video", type=Path, action="append", help="real clip for the sheet")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    if options.data is None and options.folder is None and not options.video:
        parser.error("nothing to measure on: give --data, --folder or --video")
    if min(options.size) < LEAST_SIDE_PX:
        parser.error(f"--size: wanted at least {LEAST_SIDE_PX} on either side")
    return options


def run(options: argparse.Namespace) -> dict[str, dict[str, Scores]]:
    """Measure as asked and write what was asked for."""
    names = options.network or ["u2net_live"]
    stills = [open_candidate(name, still=True, threads=options.threads) for name in names]
    moving = [open_candidate(name, still=False, threads=options.threads) for name in names]
    results: dict[str, dict[str, Scores]] = {}
    rows = []
    if options.folder is not None:
        results["folder"], _ = measure(stills, sets.folder(options.folder))
        if options.sheet is not None:
            shown = [s.frames[0] for s in islice(sets.folder(options.folder), 8)]
            rows += contact_sheet.picture_rows(shown, stills)
    if options.data is not None:
        library = sets.validation_library(options.data)
        seed = options.seed

        def singles() -> Iterator[sets.Sequence]:
            return sets.composites(library, options.frames, 1, options.size, seed=seed)

        results["composites"], mads = measure(stills, singles())
        results["clips"], _ = measure(
            moving,
            sets.composites(
                library,
                options.clips,
                options.clip_frames,
                options.size,
                seed=seed,
                motion=options.clip_motion,
            ),
        )
        if options.sheet is not None:
            worst = np.argsort(mads[stills[0].name])[::-1]
            wanted = set(worst[:6].tolist()) | set(worst[len(worst) // 2 :][:4].tolist())
            shown = [s.frames[0] for i, s in enumerate(singles()) if i in wanted]
            rows += contact_sheet.picture_rows(shown, stills)
    for video in options.video or []:
        if options.sheet is not None:
            rows += contact_sheet.clip_rows(video, moving)
    if rows:
        contact_sheet.save(contact_sheet.stack(rows), options.sheet)
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return results


def main(arguments: list[str] | None = None) -> int:
    """Measure and print; 2 for a mistake in the arguments."""
    options = parse(arguments)
    try:
        results = run(options)
    except (ValueError, FileNotFoundError, ModuleNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    for title, scores in results.items():
        print(table(title, scores))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
