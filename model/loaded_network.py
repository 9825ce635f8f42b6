"""A network with its weights, what runs it, and the input size that it has at present.

What the matters for frames in the host's memory (`matter.py`) and on a GPU (`gpu_matter.py`) share.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from u2cam.model.engines.gpu_memory import is_out_of_memory, make_room
from u2cam.model.engines.torch import Engine
from u2cam.model.inputs.letterbox import Letterbox
from u2cam.model.inputs.preprocess import fit_input
from u2cam.model.registry import ModelSpec

log = logging.getLogger(__name__)

R = TypeVar("R")


class LoadedNetwork:
    """One network of a run."""

    def __init__(
        self,
        spec: ModelSpec,
        engine: Engine,
        *,
        input_size_wh: tuple[int, int] | None = None,
        model_name: str | None = None,
        degrades: bool = False,
    ) -> None:
        """Join a network's description and what runs it.

        Args:
            spec: the network's entry in the registry.
            engine: runs that network.
            input_size_wh: width and height of the input for pictures in landscape, in pixels;
                None: the network's own, and the smaller ones of the registry to choose from.
            model_name: shown to the user; None: the registry's name.
            degrades: where memory runs out, take a smaller input for the rest of the run and say
                so, instead of failing: for live runs.

        Raises:
            ValueError: the network's output is no matte, or it cannot take the input size.
        """
        if not spec.for_matting:
            raise ValueError(f"model {spec.name} gives no mattes: it {spec.purpose}")
        self.spec = spec
        self.engine = engine
        self.model_name = model_name or spec.name
        self._input_size_wh = self._next_size_wh = input_size_wh or spec.input_size_wh
        self._sizes_wh = () if input_size_wh else spec.live_sizes_wh
        self._degrades = degrades
        if any(side % spec.size_multiple for side in self._input_size_wh):
            width, height = self._input_size_wh
            raise ValueError(
                f"model.input_size = {width}x{height}: model {spec.name} takes multiples of "
                f"{spec.size_multiple} only"
            )

    @property
    def device_name(self) -> str:
        """The device that really does the work."""
        return self.engine.device_label

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `bf16`."""
        return self.engine.precision

    @property
    def input_size_wh(self) -> tuple[int, int]:
        """Width and height of the input for pictures in landscape, of the last run."""
        return self._input_size_wh

    @property
    def input_sizes_wh(self) -> tuple[tuple[int, int], ...]:
        """Input sizes to choose from while running, largest first; empty where one was set."""
        return self._sizes_wh

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another of `input_sizes_wh` from the next run on; from any thread.

        Never one that did not fit into memory: then the largest that did.
        """
        fits = size_wh in self._sizes_wh or not self._sizes_wh
        self._next_size_wh = size_wh if fits else self._sizes_wh[0]

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of pictures of a size, as of the last run."""
        return self.fit(size_wh).content_wh

    def fit(self, size_wh: tuple[int, int]) -> Letterbox:
        """Return where a picture of a size lies in the input, as of the last run."""
        return fit_input(self.spec, size_wh, self._input_size_wh)

    def run(self, work: Callable[[], R], forget: Callable[[], None]) -> R:
        """Do work with the network, with the input size that was asked for last.

        Args:
            work: asks `fit` for the input.
            forget: called before work is tried again with a smaller input.

        Raises:
            RuntimeError: as of work; out of memory only where nothing smaller is left to try.
        """
        while True:
            self._input_size_wh = self._next_size_wh
            try:
                return work()
            except RuntimeError as error:
                if not (self._degrades and self._smaller_sizes() and is_out_of_memory(error)):
                    raise
            # Outside of `except`: the error's traceback holds on to the tensors of the failure.
            forget()
            self._degrade()

    def _smaller_sizes(self) -> tuple[tuple[int, int], ...]:
        area = self._input_size_wh[0] * self._input_size_wh[1]
        return tuple(size for size in self._sizes_wh if size[0] * size[1] < area)

    def _degrade(self) -> None:
        """Take the next smaller input for the rest of the run."""
        failed = self._input_size_wh
        self._sizes_wh = self._smaller_sizes()
        self._next_size_wh = self._sizes_wh[0]
        make_room()
        log.warning(
            "%s: out of memory with network input %dx%d: from now on %dx%d",
            self.device_name,
            *failed,
            *self._next_size_wh,
        )


class NetworkFacts:
    """What every matter tells of its network."""

    def __init__(self, network: LoadedNetwork) -> None:
        """Take a network."""
        self.network = network

    @property
    def model_name(self) -> str:
        """Name in the registry, or the weights file's name."""
        return self.network.model_name

    @property
    def device_name(self) -> str:
        """The device that really does the work."""
        return self.network.device_name

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `bf16`."""
        return self.network.precision

    @property
    def input_size_wh(self) -> tuple[int, int]:
        """Width and height of the network's input for pictures in landscape."""
        return self.network.input_size_wh

    @property
    def input_sizes_wh(self) -> tuple[tuple[int, int], ...]:
        """Input sizes to choose from while running, largest first; empty where one was set."""
        return self.network.input_sizes_wh

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another of `input_sizes_wh` from the next frame on; from any thread."""
        self.network.use_input_size(size_wh)

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of frames of a size."""
        return self.network.matte_size(size_wh)
