"""Measures region tracking for people who are small in the frame: `python -m bench.region`.

People of the validation split (`ccp` ids divisible by 10), standing or cut off by the frame's lower
edge at half their height as at a desk, in front of scenes without people, moving slowly; 1280×720,
24 frames each. All but the first count, as mattes of 640×360. Then all scenes without people, where
every foreground pixel is a false positive; most of them were trained on.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.build import host_matter, open_network
from u2cam.model.evaluate.metrics import dtssd, iou, mad
from u2cam.model.settings import ModelSettings

SIZE_WH = (1280, 720)
JUDGED_WH = (640, 360)
FRAMES = 24
KINDS = (
    ("whole", 0.3),
    ("whole", 0.4),
    ("whole", 0.6),
    ("half", 0.35),
    ("half", 0.5),
    ("half", 0.7),
    ("half", 0.8),
)
"""What is shown of people, and their height as share of the frame's."""

Clip = list[tuple[NDArray[np.uint8], NDArray[np.float32]]]


def draw_clip(
    person: Path, mask: Path, scene: Path, kind: tuple[str, float], rng: np.random.Generator
) -> Clip:
    """Return frames (720, 1280, 3) uint8 RGB with their exact alpha (360, 640) float32."""
    shown, share = kind
    image = cv2.imread(str(person))[..., ::-1]
    alpha = (cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE) > 127).astype(np.float32)
    alpha = cv2.GaussianBlur(alpha, (0, 0), 0.9)
    rows = np.flatnonzero((alpha > 0.5).any(axis=1))
    end = rows[-1] + 1 if shown == "whole" else (rows[0] + rows[-1]) // 2
    image, alpha = image[rows[0] : end], alpha[rows[0] : end]
    scale = share * SIZE_WH[1] / image.shape[0]
    background = cv2.resize(cv2.imread(str(scene))[..., ::-1], SIZE_WH).astype(np.float32)
    left = SIZE_WH[0] / 2 - image.shape[1] * scale / 2 + rng.normal(0, 120)
    top = SIZE_WH[1] * (1 - share) * (rng.uniform() if shown == "whole" else 1)
    phase, reach_px = rng.uniform(0, 6, 2), rng.uniform(5, 60)
    clip = []
    for number in range(FRAMES):
        x = left + reach_px * np.sin(0.12 * number + phase[0])
        y = top + (0.2 * reach_px * np.sin(0.2 * number + phase[1]) if shown == "half" else 0)
        matrix = np.array(((scale, 0.0, x), (0.0, scale, y)))
        matte = cv2.warpAffine(alpha, matrix, SIZE_WH, flags=cv2.INTER_AREA)
        colour = cv2.warpAffine(image, matrix, SIZE_WH, borderMode=cv2.BORDER_REPLICATE)
        matte[max(0, round(y + image.shape[0] * scale)) :] = 0
        frame = background + (colour - background) * matte[..., None]
        frame += rng.normal(0, 2.5, frame.shape)
        truth = cv2.resize(matte, JUDGED_WH, interpolation=cv2.INTER_AREA)
        clip.append((np.clip(frame, 0, 255).astype(np.uint8), np.asarray(truth, np.float32)))
    return clip


def draw_clips(data: Path, count: int, seed: int, kind: tuple[str, float]) -> Iterator[Clip]:
    """Draw so many clips of a kind; the same people and scenes for every kind."""
    people = [p for p in sorted((data / "ccp" / "images").iterdir()) if int(p.stem) % 10 == 0]
    scenes = sorted((data / "backgrounds").iterdir())
    rng = np.random.default_rng(seed)
    for number, place in enumerate(rng.permutation(len(people))[:count]):
        mask = next((data / "ccp" / "masks").glob(f"{people[place].stem}.*"))
        scene = scenes[(number * 7 + seed) % len(scenes)]
        yield draw_clip(people[place], mask, scene, kind, rng)


def judge(matter: Matter, clip: Clip) -> tuple[float, float, float]:
    """Return the mean MAD ×1000, dtSSD ×100 and IoU of the mattes of a clip."""
    matter.reset()
    rows = []
    last: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None
    for image, truth in clip:
        alpha = cv2.resize(
            matter.matte(single_frame(image)), JUDGED_WH, interpolation=cv2.INTER_LINEAR
        )
        now = (np.asarray(alpha, np.float32), truth)
        if last is not None:
            change = dtssd(now[0], last[0], truth, last[1])
            rows.append((mad(now[0], truth), change, iou(now[0], truth)))
        last = now
    means = np.mean(rows, axis=0)
    return float(means[0]), float(means[1]), float(means[2])


def false_positive_percent(matter: Matter, scene: Path) -> float:
    """Return the largest share of a scene without people that is foreground, in percent."""
    matter.reset()
    image = np.asarray(cv2.resize(cv2.imread(str(scene))[..., ::-1], SIZE_WH), np.uint8)
    return max(float(100 * (matter.matte(single_frame(image)) > 0.5).mean()) for _ in range(FRAMES))


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.region")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--network", action="append", help="name or file of weights")
    parser.add_argument("--clips", type=int, default=12, help="of each kind")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    data = arguments.shared / "data" / "portrait"
    print("| network | people | whole frame: MAD ×10³, dtSSD, IoU | region | better clips |")
    print("|---|---|---:|---:|---:|")
    for name in arguments.network or ["u2net_live"]:
        network = open_network(ModelSettings(name=name, device="cpu"))
        full, crops = (host_matter(network, region=region) for region in (False, True))
        for kind in KINDS:
            pairs = [
                (judge(full, clip), judge(crops, clip))
                for clip in draw_clips(data, arguments.clips, arguments.seed, kind)
            ]
            whole, region = np.mean(pairs, axis=0)
            better = sum(seen[0] < plain[0] for plain, seen in pairs)
            print(
                f"| {Path(name).stem} | {kind[0]}, {kind[1]:.0%} | "
                f"{whole[0]:.1f}, {whole[1]:.2f}, {whole[2]:.3f} | "
                f"{region[0]:.1f}, {region[1]:.2f}, {region[2]:.3f} | {better} of {len(pairs)} |",
                flush=True,
            )
        scenes = sorted((data / "backgrounds").iterdir())
        shares = np.array(
            [
                (false_positive_percent(full, scene), false_positive_percent(crops, scene))
                for scene in scenes
            ]
        )
        mean, above = shares.mean(axis=0), (shares > 1).sum(axis=0)
        print(
            f"\n{Path(name).stem}: of {len(scenes)} scenes without people, full frame, "
            f"{mean[0]:.2f} % is foreground, in {above[0]} scenes more than 1 %; "
            f"with regions {mean[1]:.2f} %, in {above[1]} scenes"
        )


if __name__ == "__main__":
    main()
