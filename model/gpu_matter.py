"""A network for frames that are on its device already, and whose mattes stay there.

Runs in the inference thread. The same network may have a `NetworkMatter` beside it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.engines.batch import Batch
from u2cam.model.engines.gpu_memory import frames_that_fit
from u2cam.model.gpu_recurrence import GpuEngine, TorchBackend
from u2cam.model.inputs.gpu_preprocess import normalise, resize_input
from u2cam.model.loaded_network import LoadedNetwork, NetworkFacts
from u2cam.model.recurrence import Recurrence
from u2cam.model.roi.region import FULL_FRAME, Region

log = logging.getLogger(__name__)

UNKNOWN_DEVICE_BATCH = 4
"""Frames at once where the free memory is not known: on the CPU, for tests and benchmarks."""


class GpuMattes(NamedTuple):
    """Mattes on the device."""

    alphas: Tensor
    """(B, h, w) float32, letterbox bars removed. Values are not checked: they may not be finite."""
    summaries: Tensor
    """(B, h', w') uint8: what `learn` is to be given of each on the host; may be empty."""
    learn: Callable[[NDArray[np.uint8]], None]
    """Takes a frame's summary, whenever it has come down."""


def learn_nothing(summary_u8: NDArray[np.uint8]) -> None:
    """Full frames need no planning."""


class GpuMatter(NetworkFacts):
    """Mattes of full frames on a device."""

    def __init__(
        self,
        network: LoadedNetwork,
        engine: GpuEngine,
        *,
        batch: int = 1,
        frame_wh: tuple[int, int] | None = None,
    ) -> None:
        """Join a network and what runs it.

        Args:
            network: the network.
            engine: its engine.
            batch: frames at once, offline; 0 chooses by free memory. A recurrent network takes
                one: the second frame of a batch would wait for the first.
            frame_wh: size of the frames that will come, to choose the batch by; None: 720p.
        """
        super().__init__(network)
        self._engine = engine
        self._recurrence = Recurrence(TorchBackend(engine)) if network.spec.recurrent else None
        if self._recurrence is not None:
            batch = 1
        self._batch = Batch(batch or self._fitting(frame_wh or (1280, 720)))

    @property
    def torch_device(self) -> torch.device:
        """Where the frames have to be."""
        return self._engine.device.torch_device

    @property
    def batch(self) -> int:
        """Frames at once from now on."""
        return self._batch.size

    def mattes(self, images: Sequence[Tensor]) -> GpuMattes:
        """Return the mattes of frames on the device, in order.

        Args:
            images: at least one, (H, W, 3) uint8 RGB each, all of one size.

        Raises:
            torch.OutOfMemoryError: nothing smaller is left to try.
        """
        alphas = self.run(images, FULL_FRAME)
        none = torch.zeros((len(images), 0, 0), dtype=torch.uint8, device=alphas.device)
        return GpuMattes(alphas, none, learn_nothing)

    def run(self, pictures: Sequence[Tensor], region: Region, *, stateless: bool = False) -> Tensor:
        """Return the mattes (B, h, w) of a region of frames.

        Args:
            pictures: the frames, as of `mattes`.
            region: what of them to run, in the shape and size in which the frame would be.
            stateless: without the previous matte; nothing of the pass is kept.
        """

        def work() -> Tensor:
            with torch.inference_mode():
                return self._run(pictures, region, stateless)

        return self.network.run(work, self.forget)

    def move_view(self, before: Region, now: Region) -> None:
        """Bring what is fed back from one region of the frames to another."""
        if self._recurrence is not None:
            with torch.inference_mode():
                self._recurrence.move_view(before, now)

    def frame_size(self, picture: Tensor) -> tuple[int, int]:
        """Width and height of a frame (H, W, 3)."""
        return picture.shape[1], picture.shape[0]

    def forget(self) -> None:
        """Forget the previous matte."""
        if self._recurrence is not None:
            self._recurrence.reset()

    def _run(self, images: Sequence[Tensor], region: Region, stateless: bool) -> Tensor:
        frame_wh = (images[0].shape[1], images[0].shape[0])
        box = self.network.fit(frame_wh)
        left, top, right, bottom = region.pixels(frame_wh)
        shown = [image[top:bottom, left:right] for image in images]
        pictures = [normalise(resize_input(self.network.spec, box, image)) for image in shown]
        recurrence = self._recurrence
        if recurrence is None:
            alphas = self._batch.map(self._engine.mattes, torch.stack(pictures))
        elif stateless:
            alphas = torch.cat([recurrence.run_stateless(picture) for picture in pictures])
        else:
            alphas = torch.cat([recurrence.run(picture, box) for picture in pictures])
        rows = slice(box.top, box.top + box.content_wh[1])
        return alphas[:, rows, box.left : box.left + box.content_wh[0]]

    def _fitting(self, frame_wh: tuple[int, int]) -> int:
        """Try a frame and return how many of its kind fit into the free memory."""
        device = self.torch_device
        if device.type != "cuda":
            return UNKNOWN_DEVICE_BATCH
        width, height = frame_wh
        image = torch.zeros((height, width, 3), dtype=torch.uint8, device=device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        with torch.inference_mode():
            box = self.network.fit(frame_wh)
            picture = normalise(resize_input(self.network.spec, box, image))[None]
            self._engine.launch(picture)
        torch.cuda.synchronize(device)
        needed = torch.cuda.max_memory_allocated(device) - before
        free = torch.cuda.mem_get_info(device)[0]
        count = frames_that_fit(free, needed)
        log.info(
            "%d frames at once: a frame needs %.0f MB of %.0f MB that are free",
            count,
            needed / 1e6,
            free / 1e6,
        )
        return count
