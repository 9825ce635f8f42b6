"""The log of a run: lines, a CSV file, and TensorBoard where asked for."""

from __future__ import annotations

import csv
from math import isnan
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from u2cam.model.train.validation import Score


class RunProgress(Protocol):
    """The progress of a run."""

    step: int
    samples: int
    elapsed_s: float
    phase: int

    def learning_rate(self) -> float:
        """Return the present learning rate."""

    def progress(self) -> float:
        """Return the spent part of the budget, 0 to 1."""


class RunLog:
    """Means over some steps, shown and appended to a CSV file."""

    EVERY = 50
    FIELDS = (
        "step", "samples", "minutes", "phase", "rate", "loss", "bce", "side", "l1", "core",
        "laplacian", "ddc", "temporal", "images_s", "wait_share", "val_mad", "val_core",
        "val_dtssd", "val",
    )  # fmt: skip

    def __init__(self, folder: Path, *, from_step: int = 0, tensorboard: bool = False) -> None:
        """Append to `folder/log.csv`, with a header if it is new.

        Args:
            folder: of the run.
            from_step: where the run starts or goes on; later rows, of steps that are now done
                again, are dropped.
            tensorboard: log for TensorBoard as well.

        Raises:
            ModuleNotFoundError: TensorBoard is wanted and not installed.
        """
        self.path = folder / "log.csv"
        self.sums: dict[str, Tensor] = {}
        self.counts: dict[str, int] = {}
        self.frames = 0
        self.time_s = 0.0
        self.waited_s = 0.0
        self.writer = open_tensorboard(folder) if tensorboard else None
        rows: list[dict[str, str]] = []
        if self.path.exists():
            with self.path.open(newline="") as file:
                rows = [row for row in csv.DictReader(file) if int(row["step"]) <= from_step]
        with self.path.open("w", newline="") as file:
            table = csv.DictWriter(file, self.FIELDS)
            table.writeheader()
            table.writerows(rows)

    def close(self) -> None:
        """Flush what is open."""
        if self.writer is not None:
            self.writer.close()

    def write(self, row: dict[str, float]) -> None:
        """Append one row, and the same numbers to TensorBoard."""
        with self.path.open("a", newline="") as file:
            csv.DictWriter(file, self.FIELDS).writerow(row)
        if self.writer is not None:
            for name, value in row.items():
                self.writer.add_scalar(name, value, int(row["step"]))

    def add(
        self, run: RunProgress, parts: dict[str, Tensor], frames: int, step_s: float,
        waited_s: float,
    ) -> None:  # fmt: skip
        """Count one step: its losses, frames, whole time and the part spent waiting for data."""
        for name, value in parts.items():
            # Not read before they are shown: a GPU would have to wait for it.
            self.sums[name] = self.sums[name] + value if name in self.sums else value
            self.counts[name] = self.counts.get(name, 0) + 1
        self.frames += frames
        self.time_s += step_s
        self.waited_s += waited_s
        if run.step % self.EVERY:
            return
        row = {
            name: round(float(value) / self.counts[name], 5) for name, value in self.sums.items()
        }
        row |= self.position(run) | {
            "rate": round(run.learning_rate(), 7),
            "images_s": round(self.frames / self.time_s, 1),
            "wait_share": round(self.waited_s / self.time_s, 3),
        }
        self.write(row)
        left_min = run.elapsed_s / 60 * (1 / max(run.progress(), 1e-6) - 1)
        self.print(
            f"step {run.step} loss {row['loss']:.4f} l1 {row['l1']:.4f} "
            f"{row['images_s']} images/s, waiting {100 * row['wait_share']:.0f} %, "
            f"{100 * run.progress():.1f} % done, {left_min:.0f} min left"
        )
        self.sums, self.counts, self.frames, self.time_s, self.waited_s = {}, {}, 0, 0.0, 0.0

    def validation(self, run: RunProgress, score: Score, height_px: int) -> None:
        """Log one validation at a picture height."""
        errors = {
            "val_mad": score.mad, "val_core": score.core, "val_dtssd": score.dtssd,
            "val": score.value,
        }  # fmt: skip
        known = {name: round(error, 3) for name, error in errors.items() if not isnan(error)}
        self.write(self.position(run) | known)
        self.print(
            f"step {run.step} validation at {height_px}: MAD {score.mad:.2f}e-3, in cores "
            f"{score.core:.2f}e-3, dtSSD {score.dtssd:.2f}e-2; score {score.value:.3f}"
        )

    def print(self, line: str) -> None:
        """Print a line at once."""
        print(line, flush=True)

    def position(self, run: RunProgress) -> dict[str, float]:
        """Return the columns with the progress of the run."""
        return {
            "step": run.step,
            "samples": run.samples,
            "minutes": round(run.elapsed_s / 60, 2),
            "phase": run.phase,
        }


def open_tensorboard(folder: Path) -> Any:
    """Open TensorBoard's writer; it is an extra of the `train` group."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            "TensorBoard logs need tensorboard: pip install 'u2cam[train]'"
        ) from error
    return SummaryWriter(str(folder / "tensorboard"))
