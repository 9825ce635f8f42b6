"""Runs candidates over sequences and keeps what each measured on each sequence."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from u2cam.model.candidates.candidate import Candidate
from u2cam.model.evaluate import metrics
from u2cam.model.evaluate.metrics import Matte
from u2cam.model.evaluate.sequence import Sequence

Scores = dict[str, float]


@dataclass(frozen=True, slots=True)
class Record:
    """One candidate on one sequence."""

    candidate: str
    sequence: str
    set_name: str
    kinds: tuple[str, ...]
    scores: Scores
    """Means over the frames, and over the pairs of frames for `dtssd` and `motion`."""
    worst_frame: int = 0
    """Index of the frame with the highest MAD."""
    ms: list[float] = field(default_factory=list)
    """Wall time of each frame's matte."""


def run(candidate: Candidate, sequence: Sequence) -> tuple[list[Matte], list[float]]:
    """Return a candidate's mattes of a sequence, (H, W) each, and the milliseconds they took."""
    candidate.reset()
    mattes, times = [], []
    for frame in sequence.frames:
        begin_s = time.perf_counter()
        mattes.append(candidate.matte(frame))
        times.append(1000 * (time.perf_counter() - begin_s))
    return mattes, times


def score(mattes: list[Matte], sequence: Sequence) -> tuple[Scores, int]:
    """Score mattes of a sequence; returns the scores and the frame with the highest MAD."""
    if sequence.alpha is None:
        return {"flicker": metrics.flicker(sequence.frames, mattes)}, 0
    truths = sequence.alpha.astype(np.float32) / 255
    rows: list[Scores] = []
    for alpha, truth in zip(mattes, truths, strict=True):
        band = metrics.edge_band(truth)
        error = np.abs(alpha - truth)
        rows.append(
            {
                "mad": metrics.mad(alpha, truth),
                "mse": metrics.mse(alpha, truth),
                "grad": metrics.gradient_error(alpha, truth),
                "conn": metrics.connectivity_error(alpha, truth),
                "mad_core": 1000 * float(error[~band].sum()) / error.size,
                "mad_band": 1000 * float(error[band].sum()) / error.size,
                "iou": metrics.iou(alpha, truth),
            }
        )
    scores = {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}
    if len(mattes) > 1:
        pairs = range(1, len(mattes))
        changes = [metrics.dtssd(mattes[t], mattes[t - 1], truths[t], truths[t - 1]) for t in pairs]
        still = [metrics.dtssd(truths[t], truths[t], truths[t], truths[t - 1]) for t in pairs]
        scores |= {"dtssd": float(np.mean(changes)), "motion": float(np.mean(still))}
    return scores, int(np.argmax([row["mad"] for row in rows]))


def measure(candidates: list[Candidate], sequences: Iterable[Sequence]) -> Iterator[Record]:
    """Measure every candidate on every sequence; candidates take turns, so that time is fair."""
    for sequence in sequences:
        for candidate in candidates:
            mattes, times = run(candidate, sequence)
            scores, worst = score(mattes, sequence)
            yield Record(
                candidate.name,
                sequence.name,
                sequence.set_name,
                tuple(sorted(sequence.kinds)),
                scores,
                worst,
                times,
            )


def mean_scores(records: Iterable[Record]) -> Scores:
    """Average records, each sequence counted once.

    `dtssd_relative` is the mean dtSSD over the mean motion of the truth: a matte that never moves
    has 1, whatever it looks like.
    """
    values: dict[str, list[float]] = {}
    for record in records:
        for name, value in record.scores.items():
            values.setdefault(name, []).append(value)
    scores = {name: float(np.mean(found)) for name, found in values.items()}
    if scores.get("motion", 0) > 0:
        scores["dtssd_relative"] = scores["dtssd"] / scores["motion"]
    return scores
