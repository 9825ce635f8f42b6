"""What region tracking gains for a small person in a wide shot: `python -m bench.region`.

Whole people of the validation split (`ccp` ids divisible by 10) at a share of the frame's height
before scenes without people, moving slowly; 1280×720, seven frames each, the last one is judged.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from app.region_matter import RegionMatter
from model.build import build_matter
from model.matter import NetworkMatter
from model.settings import ModelSettings

SIZE_WH = (1280, 720)
FRAMES = 7


def clip(
    person: Path, mask: Path, scene: Path, share: float, rng: np.random.Generator
) -> list[tuple[NDArray[np.uint8], NDArray[np.float32]]]:
    """Return frames (720, 1280, 3) uint8 RGB with their exact alpha (720, 1280) float32."""
    image = cv2.imread(str(person))[..., ::-1]
    alpha = (cv2.imread(str(mask), cv2.IMREAD_GRAYSCALE) > 127).astype(np.float32)
    rows = np.flatnonzero(alpha.any(axis=1))
    image, alpha = image[rows[0] : rows[-1] + 1], alpha[rows[0] : rows[-1] + 1]
    scale = share * SIZE_WH[1] / image.shape[0]
    size_wh = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    image = cv2.resize(image, size_wh, interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_AREA)
    background = cv2.resize(cv2.imread(str(scene))[..., ::-1], SIZE_WH)
    left = int(rng.integers(0, SIZE_WH[0] - size_wh[0] - 8 * FRAMES))
    top = int(rng.integers(0, SIZE_WH[1] - size_wh[1]))
    frames = []
    for number in range(FRAMES):
        whole = np.zeros((SIZE_WH[1], SIZE_WH[0]), np.float32)
        x = left + 8 * number
        whole[top : top + size_wh[1], x : x + size_wh[0]] = alpha
        frame = background.astype(np.float32)
        part = frame[top : top + size_wh[1], x : x + size_wh[0]]
        part += (image - part) * alpha[..., None]
        frame += rng.normal(0, 2.5, frame.shape)
        frames.append((np.clip(frame, 0, 255).astype(np.uint8), whole))
    return frames


def judge(matter: RegionMatter | NetworkMatter, clips: list[list[tuple]]) -> tuple[float, float]:  # type: ignore[type-arg]
    """Return the mean absolute error ×1000 and the IoU at 0.5 of the last frames' mattes."""
    errors, overlaps = [], []
    for frames in clips:
        matter.reset()
        for image, _ in frames:
            alpha = cv2.resize(matter.matte(image), SIZE_WH, interpolation=cv2.INTER_LINEAR)
        truth = frames[-1][1]
        errors.append(float(np.abs(alpha - truth).mean()))
        both, either = ((alpha > 0.5) & (truth > 0.5)).sum(), ((alpha > 0.5) | (truth > 0.5)).sum()
        overlaps.append(float(both / either))
    return 1000 * float(np.mean(errors)), float(np.mean(overlaps))


def main() -> None:
    """Read the arguments, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m bench.region")
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--clips", type=int, default=16)
    arguments = parser.parse_args()
    data = arguments.shared / "data" / "portrait"
    people = [p for p in sorted((data / "ccp" / "images").iterdir()) if int(p.stem) % 10 == 0]
    scenes = sorted((data / "backgrounds").iterdir())
    weights = {"u2net_live": "u2net_live", "u2netp": str(arguments.shared / "weights/u2netp.pth")}
    print("| network | person's height | whole frame: MAD ×1000, IoU | region: MAD ×1000, IoU |")
    print("|---|---:|---:|---:|")
    for share in (0.25, 0.4, 0.6):
        rng = np.random.default_rng(1)
        clips = []
        for number, place in enumerate(rng.permutation(len(people))[: arguments.clips]):
            person = people[place]
            mask = next((data / "ccp" / "masks").glob(f"{person.stem}.*"))
            clips.append(clip(person, mask, scenes[(number * 7) % len(scenes)], share, rng))
        for name, given in weights.items():
            matter = build_matter(ModelSettings(name=given, device="cpu"))
            assert isinstance(matter, NetworkMatter)
            whole, region = judge(matter, clips), judge(RegionMatter(matter), clips)
            print(
                f"| {name} | {share:.0%} | {whole[0]:.1f}, {whole[1]:.3f} | "
                f"{region[0]:.1f}, {region[1]:.3f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
