"""How a network does on real clips, by the teachers' labels: `python -m bench.clip_labels`.

Every clip is run through from its first frame as in a run, where the network is shown the part of a
frame with the person. Where a frame was labelled by the teachers, two areas count, each in
percent of the person's and by the belief in the label: what is surely the person and has a matte
below one half (lost), and what is surely not and has one above it (kept). The labels are no truth:
they tell where to look.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.model.build import build_matter
from u2cam.model.matter import NetworkMatter
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.settings import ModelSettings
from u2cam.model.train.labels.teachers import clip_frames

SURE = (25, 230)
"""Labels (of 255) below the first are surely no person, above the second surely one."""

NOTICED_PERCENT = 1.0
"""A frame in which more than this is lost shows a fault that a viewer may notice."""


def lost_and_kept(
    alpha: NDArray[np.float32], label: NDArray[np.uint8], weight: NDArray[np.uint8]
) -> tuple[float, float]:
    """Return the person's area that a matte loses and the other area that it keeps.

    Args:
        alpha: (H, W) in [0, 1].
        label: (H, W), the teachers' matte.
        weight: (H, W), the belief in it, 255 for full.

    Returns:
        Both in percent of the area that is surely the person's; zeros where nobody is.
    """
    person, other = label > SURE[1], label < SURE[0]
    area = float(person.sum())
    if area == 0:
        return 0.0, 0.0
    belief = weight / np.float32(255)
    lost = float(belief[person & (alpha < 0.5)].sum())
    kept = float(belief[other & (alpha > 0.5)].sum())
    return 100 * lost / area, 100 * kept / area


def judge(matter: RegionMatter, clip: Path, labels: Path) -> NDArray[np.float64]:
    """Return lost and kept area of every labelled frame of a clip, (frames, 2) in percent."""
    matter.reset()
    rows = []
    for index, frame in clip_frames(clip, 1):
        alpha = matter.matte(frame)
        name = f"{clip.stem}_{index:05d}"
        if not (labels / f"{name}.weight.png").exists():
            continue
        label = cv2.imread(str(labels / f"{name}.alpha.png"), cv2.IMREAD_GRAYSCALE)
        weight = cv2.imread(str(labels / f"{name}.weight.png"), cv2.IMREAD_GRAYSCALE)
        size_wh = (label.shape[1], label.shape[0])
        alpha = np.asarray(cv2.resize(alpha, size_wh, interpolation=cv2.INTER_LINEAR), np.float32)
        rows.append(lost_and_kept(alpha, np.asarray(label, np.uint8), np.asarray(weight, np.uint8)))
    return np.array(rows).reshape(-1, 2)


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(
        description=__doc__,
        prog="python -m bench.clip_labels",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--clips", type=Path, default=Path("../shared/clips"))
    parser.add_argument("--labels", type=Path, required=True, help="what the teachers wrote")
    parser.add_argument("--network", action="append", help="name or file of weights")
    arguments = parser.parse_args()
    clips = [
        clip
        for clip in sorted(arguments.clips.glob("*.mp4"))
        if any(arguments.labels.glob(f"{clip.stem}_*.weight.png"))
    ]
    if not clips:
        parser.error(f"--labels {arguments.labels}: no labels of the clips in {arguments.clips}")
    print("| network | clip | lost: mean, most | frames above 1 % | kept: mean, most |")
    print("|---|---|---:|---:|---:|")
    for name in arguments.network or ["u2net_live"]:
        network = build_matter(ModelSettings(name=name, device="cpu"))
        assert isinstance(network, NetworkMatter)
        matter = RegionMatter(network)
        for clip in clips:
            lost, kept = judge(matter, clip, arguments.labels).T
            noticed = int((lost > NOTICED_PERCENT).sum())
            print(
                f"| {Path(name).stem} | {clip.stem} | {lost.mean():.2f}, {lost.max():.1f} | "
                f"{noticed} of {lost.size} | {kept.mean():.2f}, {kept.max():.1f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
