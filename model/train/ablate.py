"""`python -m u2cam.model.train.ablate`: train variants of a recipe at equal budgets, and compare.

Runs one variant after another, each as `python -m u2cam.model.train` with `--set`, and writes a
table. What was run before is not run again, so that it can be stopped and started at any time.
Options after `--` go to every run.
"""

from __future__ import annotations

import argparse
import csv
import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from u2cam.model.train.recipe import BUDGETS, RECIPES

COLUMNS = ("val", "val_mad", "val_core", "val_dtssd")


@dataclass(frozen=True, slots=True)
class Variant:
    """A name, and what it sets in the recipe."""

    name: str
    assignments: tuple[str, ...]

    @property
    def folder(self) -> str:
        """The name as a folder."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


def read_variants(path: Path) -> list[Variant]:
    """Read a list of variants; each lacks what its own `set` and those after it take away.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is no such list.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such list of variants")
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["variant"]
        steps = [(str(each["name"]), [str(text) for text in each["set"]]) for each in listed]
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ValueError(f'{path}: wanted [[variant]] with name and set = ["key=value"]') from error
    return [
        Variant(name, tuple(text for _, later in steps[index:] for text in later))
        for index, (name, _) in enumerate(steps)
    ]


def best_row(log: Path) -> dict[str, str] | None:
    """Return the best validation at the last size in a run's log; None where there is none."""
    if not log.is_file():
        return None
    with log.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["val"]]
    if not rows:
        return None
    last = [row for row in rows if row["phase"] == rows[-1]["phase"]]
    return min(last, key=lambda row: float(row["val"]))


def table(variants: Sequence[Variant], out: Path) -> str:
    """Lay out what the runs reached, as Markdown."""
    lines = [
        "| variant | score | MAD ·10³ | core ·10³ | dtSSD ·10² | step | minutes |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for variant in variants:
        row = best_row(out / variant.folder / "log.csv")
        cells = ["-"] * 6 if row is None else [row[c] for c in (*COLUMNS, "step", "minutes")]
        lines.append(f"| {variant.name} | {' | '.join(cell or '-' for cell in cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing and write the table; 2 for a mistake in the arguments."""
    parser = argparse.ArgumentParser(prog="python -m u2cam.model.train.ablate", description=__doc__)
    parser.add_argument("--recipe", default="live")
    parser.add_argument("--list", type=Path, default=RECIPES / "ablations.toml", help="of variants")
    parser.add_argument(
        "--budget", required=True, metavar="steps=N|minutes=N", help="of each variant; steps where "
        "the machine has other work"
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder of the runs and table.md")
    parser.add_argument("--only", action="append", help="name of a variant; may be repeated")
    parser.add_argument("rest", nargs="*", help="options for every run, after --")
    options = parser.parse_args(arguments)
    try:
        if options.budget.partition("=")[0] not in BUDGETS:
            raise ValueError(f"--budget {options.budget}: wanted steps=N or minutes=N")
        variants = read_variants(options.list)
        unknown = set(options.only or []) - {variant.name for variant in variants}
        if unknown:
            raise ValueError(f"--only {unknown.pop()}: no such variant in {options.list}")
    except (ValueError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    for variant in variants:
        run = options.out / variant.folder
        if (options.only and variant.name not in options.only) or (run / "done").is_file():
            continue
        command = [sys.executable, "-m", "u2cam.model.train", "--recipe", options.recipe]
        command += ["--run", str(run), *options.rest, "--set", options.budget]
        for text in variant.assignments:
            command += ["--set", text]
        print(f"{variant.name}: {' '.join(command)}", flush=True)
        if (code := subprocess.run(command, check=False).returncode) != 0:
            print(f"error: {variant.name}: the run ended with code {code}", file=sys.stderr)
            return code
        (run / "done").touch()
        (options.out / "table.md").write_text(table(variants, options.out), encoding="utf-8")
    print(table(variants, options.out))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
