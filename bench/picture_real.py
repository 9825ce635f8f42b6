"""Looks at real clips: `python -m bench.picture_real --clips FOLDER`.

Prints how much the matte flickers where the frame does not change, and writes one sheet per clip:
a crop at 100 % of the frame, the raw matte over white, and the full chain over white, black and
green; one row per network. There is no truth here: the sheets are to be looked at.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.matte_cache import mattes_of_frames
from bench.renderers import cpu_renderer, render
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import ColorSettings, EffectsSettings, MatteSettings

COUNT, SHOWN = 14, 12
"""Frames that are run, and the one on the sheet."""

STILL_LEVELS = 3
"""Mean change of luma (of 255, 9×9 pixels) below which nothing is taken to have changed."""


@dataclass(frozen=True, slots=True)
class Look:
    """Where to look: a clip, its first frame, and the crop's left, top, width and height."""

    name: str
    first: int
    crop: tuple[int, int, int, int]


LOOKS = (
    Look("talk_d10", 20, (60, 20, 240, 260)),
    Look("talk_d12", 0, (40, 0, 240, 220)),
    Look("talk_d20", 20, (115, 60, 240, 240)),
    Look("outdoor_s32", 20, (460, 190, 240, 300)),
    Look("outdoor_thoughtful", 20, (215, 60, 240, 290)),
)


def read(path: Path, first: int, count: int) -> tuple[NDArray[np.uint8], float]:
    """Return frames (N, H, W, 3) RGB of a clip and their rate.

    Raises:
        FileNotFoundError: no such clip, or it is too short.
    """
    capture = cv2.VideoCapture(str(path))
    frames = []
    for index in range(first + count):
        known, frame_bgr = capture.read()
        if not known:
            raise FileNotFoundError(f"{path}: no frame {index}")
        if index >= first:
            frames.append(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2RGB))
    return np.asarray(np.stack(frames), np.uint8), capture.get(cv2.CAP_PROP_FPS)


def render_clip(
    renderer: CpuRenderer, frames: NDArray[np.uint8], alpha: NDArray[np.float32], fps: float
) -> NDArray[np.uint8]:
    """Render a clip."""
    pairs = enumerate(zip(frames, alpha, strict=True))
    return np.stack([render(renderer, image, matte, i / fps) for i, (image, matte) in pairs])


def flicker(frames: NDArray[np.uint8], alpha_u8: NDArray[np.uint8]) -> float:
    """Mean change of alpha × 10³ from frame to frame, where the frame does not change."""
    changes = []
    for i in range(3, len(frames)):  # the first frames belong to the smoothing's start
        luma = [cv2.cvtColor(f, cv2.COLOR_RGB2GRAY) for f in (frames[i - 1], frames[i])]
        change = cv2.blur(cv2.absdiff(luma[0], luma[1]), (9, 9))
        calm = (np.asarray(change) < STILL_LEVELS).astype(np.uint8)
        still = np.asarray(cv2.erode(calm, np.ones((9, 9), np.uint8))) > 0
        step = np.abs(alpha_u8[i].astype(np.float32) - alpha_u8[i - 1])
        changes.append(float(step[still].mean()) if still.any() else 0.0)
    return 1000 * float(np.mean(changes)) / 255


def main() -> None:
    """Parse the command line, measure, print, write."""
    parser = argparse.ArgumentParser(prog="bench.picture_real", description=__doc__)
    parser.add_argument("--clips", type=Path, default=Path("../shared/clips"))
    parser.add_argument("--weights", default="u2net_live,../shared/weights/u2netp.pth")
    parser.add_argument("--cache", type=Path, default=Path("out/bench"))
    options = parser.parse_args()
    print("| clip | network | raw | all, no smoothing | all |\n|---|---|---:|---:|---:|")
    for look in LOOKS:
        frames, fps = read(options.clips / f"{look.name}.mp4", look.first, COUNT)
        left, top, width, height = look.crop
        rows = []
        for weights in options.weights.split(","):
            network = Path(weights).stem
            name = f"{look.name}-{look.first}-{COUNT}"
            alpha = mattes_of_frames(options.cache, name, frames, weights)
            calm = EffectsSettings(matte=MatteSettings(smoothing="off"))
            values = [
                flicker(frames, render_clip(renderer, frames, alpha, fps))
                for renderer in (
                    cpu_renderer("black", "matte", raw_matte=True),
                    cpu_renderer("black", "matte", calm),
                    cpu_renderer("black", "matte"),
                )
            ]
            print(f"| `{look.name}` | {network} | {' | '.join(f'{v:.2f}' for v in values)} |")
            plain = EffectsSettings(color=ColorSettings(foreground="off"))
            renderers = [cpu_renderer("white", settings=plain, raw_matte=True)]
            renderers += [cpu_renderer(colour) for colour in ("white", "black", "#00b140")]
            shown = [render_clip(r, frames, alpha, fps)[SHOWN] for r in renderers]
            pictures = [frames[SHOWN], *shown]
            rows.append(np.hstack([p[top : top + height, left : left + width] for p in pictures]))
        sheet_bgr = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
        path = options.cache / f"real_{look.name}.jpg"
        cv2.imwrite(str(path), sheet_bgr, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
