"""Runs candidates over sequences and averages the measures."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from u2cam.model.candidates.candidate import Candidate
from u2cam.model.evaluate import metrics
from u2cam.model.evaluate.metrics import Matte, PrecisionRecall
from u2cam.model.evaluate.sets import Sequence

Scores = dict[str, float]


class Tally:
    """Sums the measures of one candidate."""

    def __init__(self) -> None:
        """Start empty."""
        self.values: dict[str, list[float]] = {}
        self.curves: list[PrecisionRecall] = []

    def add(self, alpha: Matte, truth: Matte) -> float:
        """Measure one frame; returns its MAD."""
        mad = metrics.mad(alpha, truth)
        scores = {
            "mad": mad,
            "mse": metrics.mse(alpha, truth),
            "grad": metrics.gradient_error(alpha, truth),
            "conn": metrics.connectivity_error(alpha, truth),
            "iou": metrics.iou(alpha, truth),
            "s_measure": metrics.s_measure(alpha, truth),
            "mae": mad / 1000,
        }
        for name, value in scores.items():
            self.values.setdefault(name, []).append(value)
        self.curves.append(metrics.precision_recall(alpha, truth))
        return mad

    def add_change(self, alpha: Matte, before: Matte, truth: Matte, truth_before: Matte) -> None:
        """Measure the change between two frames."""
        value = metrics.dtssd(alpha, before, truth, truth_before)
        self.values.setdefault("dtssd", []).append(value)

    def scores(self) -> Scores:
        """Means over everything added."""
        result = {name: float(np.mean(values)) for name, values in self.values.items()}
        if self.curves:
            result["max_f"] = metrics.max_f(self.curves)
        return result


def measure(
    candidates: list[Candidate], sequences: Iterable[Sequence]
) -> tuple[dict[str, Scores], dict[str, list[float]]]:
    """Measure every candidate on every frame.

    Returns:
        Mean scores by candidate, and the MAD of each sequence's first frame by candidate.
    """
    tallies = {candidate.name: Tally() for candidate in candidates}
    first_mads: dict[str, list[float]] = {candidate.name: [] for candidate in candidates}
    for sequence in sequences:
        truths = sequence.alpha.astype(np.float32) / 255
        for candidate in candidates:
            candidate.reset()
            before: Matte | None = None
            for t, frame in enumerate(sequence.frames):
                alpha = candidate.matte(frame)
                mad = tallies[candidate.name].add(alpha, truths[t])
                if before is not None:
                    tallies[candidate.name].add_change(alpha, before, truths[t], truths[t - 1])
                else:
                    first_mads[candidate.name].append(mad)
                before = alpha
    return {name: tally.scores() for name, tally in tallies.items()}, first_mads
