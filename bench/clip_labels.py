"""Measures networks on real clips by the teachers' labels: `python -m bench.clip_labels`.

Every clip is run from its first frame as in a run, where the network gets the part of a frame with
the person. Where a frame has a label (`model/train/labels`), two areas count, each in percent of
the person's area and by the label weight: false negatives (the label opaque, the matte below one
half) and false positives (the label clear, the matte above it). The labels are not ground truth:
they show where to check by eye.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.build import build_matter
from u2cam.model.datasets.video_frames import video_frames
from u2cam.model.settings import ModelSettings

CLEAR, OPAQUE = 25, 230
"""Labels (of 255) below the first are background, above the second the person."""

NOTICED_PERCENT = 1.0
"""A frame in which more than this is missed shows a fault that a viewer may notice."""


def false_areas(
    alpha: NDArray[np.float32], label: NDArray[np.uint8], weight: NDArray[np.uint8]
) -> tuple[float, float]:
    """Return the areas of false negatives and of false positives of a matte.

    Args:
        alpha: (H, W) in [0, 1].
        label: (H, W), the teachers' matte.
        weight: (H, W), its label weight, 255 for full.

    Returns:
        Both in percent of the area where the label is opaque; zeros where that is nowhere.
    """
    person, background = label > OPAQUE, label < CLEAR
    area = float(person.sum())
    if area == 0:
        return 0.0, 0.0
    counts = weight / np.float32(255)
    missed = float(counts[person & (alpha < 0.5)].sum())
    leaked = float(counts[background & (alpha > 0.5)].sum())
    return 100 * missed / area, 100 * leaked / area


def judge(matter: Matter, clip: Path, labels: Path) -> NDArray[np.float64]:
    """Return both areas of every labelled frame of a clip, (frames, 2) in percent."""
    matter.reset()
    rows = []
    for index, frame in video_frames(clip):
        alpha = matter.matte(single_frame(frame))
        stem = labels / "video" / clip.stem / f"{index:05d}"
        label = cv2.imread(f"{stem}.alpha.png", cv2.IMREAD_GRAYSCALE)
        weight = cv2.imread(f"{stem}.weight.png", cv2.IMREAD_GRAYSCALE)
        if label is None or weight is None:
            continue
        size_wh = (label.shape[1], label.shape[0])
        alpha = np.asarray(cv2.resize(alpha, size_wh, interpolation=cv2.INTER_LINEAR), np.float32)
        rows.append(false_areas(alpha, np.asarray(label, np.uint8), np.asarray(weight, np.uint8)))
    return np.array(rows).reshape(-1, 2)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m bench.clip_labels",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--clips", type=Path, default=Path("../shared/clips"))
    parser.add_argument("--labels", type=Path, required=True, help="the teachers' labels")
    parser.add_argument("--network", action="append", help="name or file of weights")
    arguments = parser.parse_args()
    clips = [
        clip
        for clip in sorted(arguments.clips.glob("*.mp4"))
        if any((arguments.labels / "video" / clip.stem).glob("*.weight.png"))
    ]
    if not clips:
        parser.error(f"--labels {arguments.labels}: no labels of the clips in {arguments.clips}")
    print("| network | clip | missed: mean, most | frames above 1 % | leaked: mean, most |")
    print("|---|---|---:|---:|---:|")
    for name in arguments.network or ["u2net_live"]:
        matter = build_matter(ModelSettings(name=name, device="cpu"), region=True)
        for clip in clips:
            missed, leaked = judge(matter, clip, arguments.labels).T
            noticed = int((missed > NOTICED_PERCENT).sum())
            print(
                f"| {Path(name).stem} | {clip.stem} | {missed.mean():.2f}, {missed.max():.1f} | "
                f"{noticed} of {missed.size} | {leaked.mean():.2f}, {leaked.max():.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
