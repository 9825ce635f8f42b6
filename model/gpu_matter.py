"""A network for frames that are on the device already, and whose mattes stay there.

Runs in the inference thread. Also all that `NetworkMatter` is: a picture in the host's memory still
gets its matte.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from u2cam.model.engines.batch import Batch
from u2cam.model.engines.gpu_memory import frames_that_fit, is_out_of_memory
from u2cam.model.engines.torch import TorchEngine
from u2cam.model.inputs.gpu_preprocess import normalise, resize_input
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.matter import NetworkMatter, Part, turn_looks
from u2cam.model.recurrence import Looks
from u2cam.model.registry import ModelSpec

log = logging.getLogger(__name__)

UNKNOWN_DEVICE_BATCH = 4
"""Frames at once where the free memory is not known: on the CPU, for tests and benchmarks."""


class DeviceLooks(Looks[Tensor]):
    """With a network; pictures are (3, h, w) normalised, mattes (1, h, w), values not looked at."""

    def __init__(self, engine: TorchEngine) -> None:
        """Take what runs the network."""
        super().__init__()
        self._engine = engine

    def _see(self, picture: Tensor, told: Tensor | None) -> Tensor:
        if told is None:
            told = picture.new_zeros((1, *picture.shape[1:]))
        # Copied: the next look writes over it.
        return self._engine.mattes(torch.cat((picture, told))[None]).clone()

    def _remembered(self, alpha: Tensor) -> Tensor:
        sure = (alpha * 2 - 1).clamp(0, 1)  # as `levels.remembered`
        return torch.where(torch.isfinite(alpha).all(), sure, 0.0)

    def _carried(self, told: Tensor, matrix: NDArray[np.float64]) -> Tensor:
        theta = np.zeros((1, 2, 3), np.float32)
        for axis, size in enumerate((told.shape[2], told.shape[1])):
            # From pixels to `grid_sample`'s places: -1 and 1 are the edges of the picture.
            scale, shift = matrix[axis, axis], matrix[axis, 2]
            theta[0, axis, axis] = scale
            theta[0, axis, 2] = scale - 1 + (2 * shift + 1 - scale) / size
        shape = [1, *told.shape]
        grid = F.affine_grid(torch.from_numpy(theta).to(told.device), shape, align_corners=False)
        return F.grid_sample(told[None].float(), grid, align_corners=False)[0]

    def _hinted(self, previous: Tensor, afresh: Tensor) -> Tensor:
        return torch.maximum(previous, afresh / 2)


class DeviceMatter(NetworkMatter):
    """Mattes of frames on a device."""

    def __init__(
        self,
        spec: ModelSpec,
        engine: TorchEngine,
        *,
        input_size_wh: tuple[int, int] | None = None,
        model_name: str | None = None,
        warm_up_wh: tuple[int, int] | None = None,
        gives_way: bool = False,
        batch: int = 1,
    ) -> None:
        """Join a network and what runs it.

        Args:
            spec: the network's entry in the registry.
            engine: runs that network, in PyTorch.
            input_size_wh: as of `NetworkMatter`.
            model_name: as of `NetworkMatter`.
            warm_up_wh: as of `NetworkMatter`.
            gives_way: as of `NetworkMatter`.
            batch: frames at once, offline; 0 chooses by free memory. A network that is told its
                previous matte takes one: the second frame of a batch would wait for the first.

        Raises:
            ValueError: as of `NetworkMatter`.
        """
        self._torch_engine = engine
        self._device_looks = DeviceLooks(engine)
        self._device_box: Letterbox | None = None
        super().__init__(
            spec,
            engine,
            input_size_wh=input_size_wh,
            model_name=model_name,
            warm_up_wh=warm_up_wh,
            gives_way=gives_way,
        )
        self._batch = Batch(1 if self.has_memory else batch or self._fitting(warm_up_wh))

    @property
    def torch_device(self) -> torch.device:
        """Where the frames have to be."""
        return self._torch_engine.device.torch_device

    @property
    def has_memory(self) -> bool:
        """Whether a frame's matte depends on the matte of the frame before."""
        return self._spec.feeding == "live"

    @property
    def batch(self) -> int:
        """Frames at once from now on."""
        return self._batch.size

    def reset(self) -> None:
        """Forget the previous matte."""
        super().reset()
        self._device_looks.forget()

    def turn(self, before: Part, now: Part) -> None:
        """Look at another part of the frames from the next one on, with what is remembered."""
        super().turn(before, now)
        turn_looks(self._device_looks, self._device_box, before, now)

    def mattes(self, images: Sequence[Tensor], frame_wh: tuple[int, int] | None = None) -> Tensor:
        """Return the mattes of frames on the device, in order.

        Args:
            images: at least one, (H, W, 3) uint8 RGB each, all of one size.
            frame_wh: of what frames they are parts, as in `matte`; None: they are the frames.

        Returns:
            (B, h, w) float32 on the device, letterbox bars removed. Not looked at: they may not
            be finite.

        Raises:
            torch.OutOfMemoryError: nothing smaller is left to try.
        """
        return self._run_on_device(images, frame_wh, afresh=False)

    def glances(self, images: Sequence[Tensor], frame_wh: tuple[int, int] | None = None) -> Tensor:
        """Return mattes like `mattes`, as if nothing had come before, and forget the images."""
        return self._run_on_device(images, frame_wh, afresh=True)

    def _run_on_device(
        self, images: Sequence[Tensor], frame_wh: tuple[int, int] | None, *, afresh: bool
    ) -> Tensor:
        while True:
            try:
                with torch.inference_mode():
                    return self._mattes(images, frame_wh, afresh=afresh)
            except RuntimeError as error:
                if not is_out_of_memory(error) or not self._can_give_way():
                    raise
            self._give_way()

    def network_alone(self, x: Tensor) -> Tensor:
        """Map inputs (B, C, h, w) on the device to mattes (B, h, w): for measuring."""
        return self._torch_engine.mattes(x)

    def _mattes(
        self, images: Sequence[Tensor], frame_wh: tuple[int, int] | None, *, afresh: bool
    ) -> Tensor:
        self._input_size_wh = self._next_size_wh
        box = self._fit(frame_wh or (images[0].shape[1], images[0].shape[0]))
        if box != self._device_box:
            self._device_box = box
            self._device_looks.forget()
        pictures = [normalise(resize_input(self._spec.feeding, box, image)) for image in images]
        if self.has_memory:
            see = self._device_looks.glance if afresh else self._device_looks.look
            alpha = torch.cat([see(picture) for picture in pictures])
        else:
            alpha = self._batch.map(self._torch_engine.mattes, torch.stack(pictures))
        rows = slice(box.top, box.top + box.content_wh[1])
        return alpha[:, rows, box.left : box.left + box.content_wh[0]]

    def _fitting(self, frame_wh: tuple[int, int] | None) -> int:
        """Try a frame and return how many of its kind fit into the free memory."""
        device = self.torch_device
        if device.type != "cuda":
            return UNKNOWN_DEVICE_BATCH
        width, height = frame_wh or (1280, 720)
        image = torch.zeros((height, width, 3), dtype=torch.uint8, device=device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        with torch.inference_mode():
            box = self._fit((width, height))
            picture = normalise(resize_input(self._spec.feeding, box, image))[None]
            self._torch_engine.launch(picture)
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
