"""Validation during training: fixed pictures of people and scenes that are never trained on.

The same for every recipe, so that runs can be compared: stills and clips with exact alpha, and
photographs whose core is known. Weights are chosen by `Score.value` alone.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import torch
from torch import nn

from u2cam.model.datasets.composite_clip import Clip
from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo import CORE, EXACT, Image
from u2cam.model.datasets.photo_library import Library
from u2cam.model.train.network_input import network_input, recurrent_input
from u2cam.model.train.training_clip import draw_clip

VALIDATION_SEED = 20260101
CLIPS_SHARE = 6
"""One clip for so many stills, and two photographs."""
CLIP_FRAMES = 8
EXACT_PEOPLE = {"keyed": 0.4, "rendered": 0.4, "rendered_clips": 0.2}
COMPOSITES = DrawSettings(people=EXACT_PEOPLE, photo=0)
PHOTOGRAPHS = DrawSettings(people={"ccp": 1.0}, photo=1, empty=0)


class Score(NamedTuple):
    """Errors of a network; lower is better."""

    mad: float
    """Mean absolute difference of exact alpha, times one thousand."""
    core: float
    """The same in the cores of photographs."""
    dtssd: float
    """RMS of the error of the change between frames, times one hundred."""

    @property
    def value(self) -> float:
        """What weights are chosen by: the mean of the first two, where there are both."""
        known = [error for error in (self.mad, self.core) if not np.isnan(error)]
        return float(np.mean(known)) if known else float("inf")


def draw_validation(library: Library, size_wh: tuple[int, int], stills: int) -> list[Clip]:
    """Draw stills, clips and photographs as a webcam sees them, the same ones every time."""
    cv2.setNumThreads(1)
    exact = {name: found for name, found in library.people.items() if name in EXACT_PEOPLE}
    masked = {name: found for name, found in library.people.items() if name == "ccp"}
    wanted = [
        *(((1, COMPOSITES),) * stills if exact else ()),
        *(((CLIP_FRAMES, COMPOSITES),) * (stills // CLIPS_SHARE) if exact else ()),
        *(((1, PHOTOGRAPHS),) * (stills * 2 // CLIPS_SHARE) if masked else ()),
    ]
    return [
        draw_clip(library, size_wh, count, Draws((VALIDATION_SEED, index)), settings).clip
        for index, (count, settings) in enumerate(wanted)
    ]


@torch.inference_mode()
def predict(network: nn.Module, frames: Image) -> np.ndarray:
    """Run an eval-mode network over (T, H, W, 3) frames as a run does; (T, H, W) in [0, 1]."""
    device = next(network.parameters()).device
    previous = torch.zeros(1, 1, *frames.shape[1:3], device=device)
    mattes = []
    for frame in frames:
        rgb = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None].to(device)
        output = network(network_input(network, rgb, previous))
        alpha = (output if isinstance(output, torch.Tensor) else output[0]).float()
        previous = recurrent_input(alpha)
        mattes.append(alpha[0, 0].cpu().numpy())
    return np.stack(mattes)


def score(network: nn.Module, clips: list[Clip]) -> Score:
    """Measure an eval-mode network; a part without pictures is NaN."""
    errors: dict[str, list[float]] = {"mad": [], "core": [], "dtssd": []}
    for clip in clips:
        truth = clip.alpha / np.float32(255)
        wrong = predict(network, clip.frames) - truth
        exact = bool((clip.regions == EXACT).any())
        known = clip.regions == (EXACT if exact else CORE)
        share = np.count_nonzero(known)
        if share:
            mean = float(np.abs(wrong[known]).sum()) / share
            errors["mad" if exact else "core"].append(1000 * mean)
        if exact and len(wrong) > 1:
            change = np.square(np.diff(wrong, axis=0)).mean(axis=(1, 2))
            errors["dtssd"].append(100 * float(np.sqrt(change).mean()))
    return Score(**{name: float(np.mean(e)) if e else float("nan") for name, e in errors.items()})
