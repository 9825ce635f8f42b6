"""Pictures to look at: failures drawn at random among the worst tenth, and strips of real clips."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Sequence as Many
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.candidates.candidate import Candidate
from u2cam.model.datasets.photo import Image
from u2cam.model.evaluate.measure import Record, run
from u2cam.model.evaluate.sequence import Sequence

GREEN = (0, 177, 64)
WORST_SHARE = 0.1
STRIP_FRAMES = 6
CAPTION_PX = 18


def on_green(rgb: Image, alpha: NDArray[np.float32]) -> Image:
    """Show what a matte keeps: (H, W, 3) uint8 over green."""
    a = alpha[..., None]
    return np.rint(rgb * a + np.array(GREEN, np.float32) * (1 - a)).astype(np.uint8)


def draw_worst(records: Iterable[Record], candidate: str, count: int, seed: int) -> list[Record]:
    """Draw at most `count` sequences at random from a candidate's worst tenth by MAD."""
    own = [r for r in records if r.candidate == candidate and "mad" in r.scores]
    own.sort(key=lambda record: record.scores["mad"], reverse=True)
    worst = own[: max(1, round(WORST_SHARE * len(own)))] if own else []
    order = np.random.default_rng(seed).permutation(len(worst))[:count]
    return [worst[int(place)] for place in sorted(order)]


def save_pictures(
    folder: Path,
    sequences: Iterable[Sequence],
    failures: Many[Record],
    candidates_for: Callable[[Sequence], Many[Candidate]],
) -> int:
    """Write one picture for each failure and each real clip; returns how many.

    Args:
        folder: is made where it is not there.
        sequences: those that were measured, drawn again.
        failures: which of them to show, at their worst frame: the frame, the truth over green, and
            each candidate's matte over green.
        candidates_for: what to show of a sequence; of real clips, a strip of frames for each.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {(record.set_name, record.sequence): record for record in failures}
    written = 0
    for sequence in sequences:
        record = wanted.get((sequence.set_name, sequence.name))
        if sequence.alpha is not None and record is None:
            continue
        if record is not None and sequence.alpha is not None:
            at = record.worst_frame
            truth = sequence.alpha[at].astype(np.float32) / 255
            tiles = [sequence.frames[at], _named(on_green(sequence.frames[at], truth), "truth")]
            for candidate in candidates_for(sequence):
                alpha = run(candidate, sequence)[0][at]
                tiles.append(_named(on_green(sequence.frames[at], alpha), candidate.name))
            picture = _grid(tiles, 3)
        else:
            picture = np.vstack(
                [_strip(candidate, sequence) for candidate in candidates_for(sequence)]
            )
        place = folder / f"{sequence.set_name}_{sequence.name}.jpg".replace(" ", "_")
        picture_bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(place), picture_bgr, [cv2.IMWRITE_JPEG_QUALITY, 88])
        written += 1
    return written


def _strip(candidate: Candidate, sequence: Sequence) -> Image:
    """Frames of a clip in a row, each at half its size over green."""
    mattes, _ = run(candidate, sequence)
    shown = np.linspace(0, len(mattes) - 1, STRIP_FRAMES).round().astype(int)
    tiles = [on_green(sequence.frames[t], mattes[t])[::2, ::2] for t in shown]
    return _named(np.hstack(tiles), candidate.name)


def _named(picture: Image, name: str) -> Image:
    named = np.ascontiguousarray(picture)
    place = (6, CAPTION_PX)
    cv2.putText(named, name, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
    return named


def _grid(tiles: list[Image], columns: int) -> Image:
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.vstack(rows)
