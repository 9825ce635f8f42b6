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

from u2cam.model.datasets.person_shape import thin
from u2cam.model.datasets.photo_library import Library
from u2cam.model.datasets.views import Views
from u2cam.model.train.data.previous_matte import draw_previous
from u2cam.model.train.data.training_clip import draw_clip
from u2cam.model.train.settings import Phase

PORTRAIT_SHARE = 0.25
"""Part of the batches in portrait orientation."""

Batch = dict[str, Tensor]


class ClipBatches(Dataset[Batch]):
    """Batches of `batch_size` frames, as uint8 tensors."""

    def __init__(
        self,
        library: Library,
        phase: Phase,
        views: Views,
        *,
        batch_size: int,
        seed: tuple[int, ...],
        count: int,
    ) -> None:
        """Prepare the batches of a phase for one process.

        Args:
            library: what to draw from.
            phase: sizes of the frames, each batch has one or is turned to portrait, and how often
                a batch holds clips instead of single frames.
            views: shares of unusual pictures.
            batch_size: frames in a batch of this process.
            seed: differs from phase to phase and process to process.
            count: of the batches.
        """
        self.library = library
        self.phase = phase
        self.views = views
        self.batch_size = batch_size
        self.seed = seed
        self.count = count

    def __len__(self) -> int:
        """Number of batches."""
        return self.count

    def __getitem__(self, index: int) -> Batch:
        """Draw batch `index`.

        Returns:
            `frames` (T, B, 3, H, W), `alpha`, `weight` and `thin` (T, B, 1, H, W), `previous`
            (B, 1, H, W), all uint8; T is 1 or the length of a clip, T × B at most the batch size.
        """
        cv2.setNumThreads(1)
        rng = np.random.default_rng((*self.seed, index))
        size_wh = self.phase.sizes_wh[int(rng.integers(len(self.phase.sizes_wh)))]
        if rng.random() < PORTRAIT_SHARE:
            size_wh = (size_wh[1], size_wh[0])
        every = self.phase.clip_every
        frames = self.phase.clip_frames if index % every == every - 1 else 1
        clips = [
            draw_clip(self.library, size_wh, frames, rng, self.views)
            for _ in range(max(1, self.batch_size // frames))
        ]
        previous = [
            draw_previous(clip.alpha[0], clips[place - 1].alpha[0], rng)
            for place, clip in enumerate(clips)
        ]
        pictures = np.stack([clip.frames for clip in clips], axis=1)  # (T, B, H, W, 3)
        return {
            "frames": torch.from_numpy(pictures).permute(0, 1, 4, 2, 3),
            "alpha": torch.from_numpy(np.stack([c.alpha for c in clips], axis=1)[:, :, None]),
            "weight": torch.from_numpy(np.stack([c.weight for c in clips], axis=1)[:, :, None]),
            "thin": torch.from_numpy(
                np.stack([[thin(matte) for matte in c.alpha] for c in clips], axis=1)[:, :, None]
            ),
            "previous": torch.from_numpy(np.stack(previous)[:, None]),
        }
