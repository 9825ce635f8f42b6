"""Batches for training: one item is one whole batch, a pure function of seed, phase and index.

That makes a run reproducible and lets a resumed run go on with exactly the next batch. Runs in
the loader's worker processes, which share the decoded pictures by fork.
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from u2cam.model.datasets.draw_settings import DrawSettings
from u2cam.model.datasets.draws import Draws
from u2cam.model.datasets.photo_library import Library
from u2cam.model.train.previous_matte import draw_previous
from u2cam.model.train.settings import Phase
from u2cam.model.train.training_clip import draw_clip

PORTRAIT_SHARE = 0.25
"""Part of the batches in portrait orientation."""

Batch = dict[str, Tensor]


class ClipBatches(Dataset[Batch]):
    """Batches of stills or of clips, as uint8 tensors."""

    def __init__(
        self,
        library: Library,
        phase: Phase,
        settings: DrawSettings,
        *,
        processes: int,
        seed: tuple[int, ...],
        count: int,
    ) -> None:
        """Prepare the batches of a phase for one of `processes` processes.

        Args:
            library: what to draw from.
            phase: sizes of the frames, each batch has one or is turned to portrait, how many, and
                how often a batch holds clips instead of stills.
            settings: what is drawn how often.
            processes: that share a batch.
            seed: differs from phase to phase and process to process.
            count: of the batches.
        """
        self.library = library
        self.phase = phase
        self.settings = settings
        self.processes = processes
        self.seed = seed
        self.count = count

    def __len__(self) -> int:
        """Number of batches."""
        return self.count

    def __getitem__(self, index: int) -> Batch:
        """Draw batch `index`.

        Returns:
            `frames` (T, B, 3, H, W), `alpha` and `regions` (T, B, 1, H, W), `previous`
            (B, 1, H, W), the previous matte of the first frame, and `forget` (T, B); all uint8.
            T is 1 for stills.
        """
        cv2.setNumThreads(1)
        phase = self.phase
        draws = Draws((*self.seed, index))
        rng = draws.rng("size")
        size_wh = phase.sizes_wh[int(rng.integers(len(phase.sizes_wh)))]
        if draws.happens("portrait", PORTRAIT_SHARE) is not None:
            size_wh = (size_wh[1], size_wh[0])
        of_clips = index % phase.clip_every == phase.clip_every - 1
        count = max(1, (phase.clips if of_clips else phase.batch_size) // self.processes)
        frames = phase.clip_frames if of_clips else 1
        parts = [draws.under(f"sample {place}") for place in range(count)]
        drawn = [draw_clip(self.library, size_wh, frames, part, self.settings) for part in parts]
        clips = [each.clip for each in drawn]
        previous = [
            draw_previous(clip.alpha[0], clips[place - 1].alpha[0], parts[place].under("previous"))
            for place, clip in enumerate(clips)
        ]
        pictures = np.stack([clip.frames for clip in clips], axis=1)  # (T, B, H, W, 3)
        return {
            "frames": torch.from_numpy(pictures).permute(0, 1, 4, 2, 3),
            "alpha": torch.from_numpy(np.stack([c.alpha for c in clips], axis=1)[:, :, None]),
            "regions": torch.from_numpy(np.stack([c.regions for c in clips], axis=1)[:, :, None]),
            "previous": torch.from_numpy(np.stack(previous)[:, None]),
            "forget": torch.from_numpy(np.stack([each.forget for each in drawn], axis=1)),
        }
