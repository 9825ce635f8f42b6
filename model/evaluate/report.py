"""Tables of what was measured, in Markdown and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from u2cam.model.evaluate.kinds import KINDS
from u2cam.model.evaluate.measure import Record, Scores, mean_scores
from u2cam.model.evaluate.suite import EXACT, REAL

COLUMNS = {
    "mad": "MAD",
    "mad_core": "core",
    "mad_band": "band",
    "mse": "MSE",
    "grad": "Grad",
    "conn": "Conn",
    "dtssd": "dtSSD",
    "dtssd_relative": "÷ motion",
}
ALL_EXACT = "all exact"


def exact_scores(by_set: dict[str, Scores]) -> Scores:
    """Average the exact sets that are there, each set counted once; no set, no scores."""
    present = [by_set[name] for name in EXACT if name in by_set]
    names = {name for scores in present for name in scores}
    return {
        name: float(np.mean([scores[name] for scores in present if name in scores]))
        for name in names
    }


def summarise(records: Sequence[Record]) -> dict[str, Any]:
    """Average records by set, by kind of scene and in time.

    Returns:
        `sets` and `kinds` (set or kind, then candidate, to scores), `counts` of sequences, and
        `ms` (median milliseconds of a frame in the composites) by candidate.
    """
    candidates = list(dict.fromkeys(record.candidate for record in records))
    sets = list(dict.fromkeys(record.set_name for record in records))
    by_set: dict[str, dict[str, Scores]] = {
        name: {c: mean_scores(_of(records, c, set_name=name)) for c in candidates} for name in sets
    }
    counts = {name: len(list(_of(records, candidates[0], set_name=name))) for name in sets}
    exact = {c: exact_scores({name: by_set[name][c] for name in sets}) for c in candidates}
    if any(exact.values()):
        by_set[ALL_EXACT] = exact
    by_kind = {}
    for kind in KINDS:
        found = len(list(_of(records, candidates[0], kind=kind)))
        if found:
            counts[kind] = found
            by_kind[kind] = {c: mean_scores(_of(records, c, kind=kind)) for c in candidates}
    times = {c: [ms for r in records if r.candidate == c for ms in r.ms] for c in candidates}
    medians = {c: float(np.median(found)) for c, found in times.items()}
    return {"sets": by_set, "kinds": by_kind, "counts": counts, "ms": medians}


def _of(
    records: Iterable[Record], candidate: str, *, set_name: str = "", kind: str = ""
) -> Iterable[Record]:
    """Return a candidate's records of a set, or those in exact sets that show a kind of scene."""
    for record in records:
        if record.candidate != candidate:
            continue
        if record.set_name == set_name or (kind in record.kinds and record.set_name in EXACT):
            yield record


def markdown(summary: dict[str, Any]) -> str:
    """Return the tables: scores by set, MAD by kind of scene, flicker in real clips."""
    sets, kinds, counts = summary["sets"], summary["kinds"], summary["counts"]
    names = list(summary["ms"])
    lines = _row("set", "network", *COLUMNS.values(), "ms a frame")
    lines += _row("---", "---", *["---:"] * (len(COLUMNS) + 1))
    labelled = [name for name in (*sets, ALL_EXACT) if name != REAL and name in sets]
    for name in dict.fromkeys([*(n for n in labelled if n != ALL_EXACT), *labelled]):
        title = f"{name} ({counts[name]})" if name in counts else f"**{name}**"
        for candidate in names:
            scores = sets[name][candidate]
            cells = [_number(scores.get(column)) for column in COLUMNS]
            lines += _row(title, candidate, *cells, _number(summary["ms"][candidate]))
            title = ""
    if kinds:
        lines += ["", *_row("MAD, exact sets", *(f"{kind} ({counts[kind]})" for kind in kinds))]
        lines += _row("---", *["---:"] * len(kinds))
        for candidate in names:
            cells = [_number(kinds[kind][candidate].get("mad")) for kind in kinds]
            lines += _row(candidate, *cells)
    if REAL in sets:
        lines += ["", *_row("real clips", "flicker where nothing moves"), *_row("---", "---:")]
        for candidate in names:
            lines += _row(candidate, _number(sets[REAL][candidate]["flicker"]))
    return "\n".join(lines)


def _row(*cells: str) -> list[str]:
    return [f"| {' | '.join(cells)} |"]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def write_json(path: Path, facts: dict[str, Any], records: Sequence[Record]) -> None:
    """Write what was asked, the means, and each sequence's scores."""
    rows = [
        {
            "candidate": r.candidate,
            "sequence": r.sequence,
            "set": r.set_name,
            "kinds": list(r.kinds),
            **{name: round(value, 4) for name, value in r.scores.items()},
        }
        for r in records
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**facts, **summarise(records), "sequences": rows}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
