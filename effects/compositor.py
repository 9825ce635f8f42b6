"""A network and a renderer put together, both working in this computer's memory."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import Frame, MattedFrame
from u2cam.core.protocols import Matter, Network, PictureKind, Pictures, ReadyFrame, Renderer

AnyNetwork = TypeVar("AnyNetwork", bound=Network)
AnyRenderer = TypeVar("AnyRenderer", bound=Renderer)
AnyPictures = TypeVar("AnyPictures", bound=Pictures)


class NetworkAndRenderer(Generic[AnyNetwork, AnyPictures]):
    """What compositors tell of the two that they put together, on the CPU and on a GPU alike."""

    def __init__(self, matter: AnyNetwork, renderer: AnyPictures) -> None:
        """Put the two together."""
        self._matter = matter
        self._renderer = renderer

    @property
    def model_name(self) -> str:
        """The network's name."""
        return self._matter.model_name

    @property
    def device_name(self) -> str:
        """The device that does the network's work."""
        return self._matter.device_name

    @property
    def precision(self) -> str:
        """The network's precision."""
        return self._matter.precision

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        """The network's input sizes to choose from."""
        return self._matter.input_sizes_wh

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another input size from the next frame on; from any thread."""
        self._matter.use_input_size(size_wh)

    @property
    def renderer(self) -> AnyPictures:
        """What makes the pictures now."""
        return self._renderer

    def use_renderer(self, renderer: AnyPictures) -> None:
        """Let another renderer take over between two frames; from any thread.

        Raises:
            ValueError: its pictures are of another kind than the run's.
        """
        if renderer.picture_kind != self.picture_kind:
            raise ValueError("the view cannot change its kind of picture during a run")
        self._renderer = renderer

    @property
    def picture_kind(self) -> PictureKind:
        """The kind of every picture of this run."""
        return self._renderer.picture_kind

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the pictures made from frames of a size."""
        return self._renderer.picture_size(size_wh)

    def placeholder(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        """Return the picture that stands in while there is no valid matte."""
        return self._renderer.placeholder(size_wh, time_s)


class CpuCompositor(NetworkAndRenderer[Matter, AnyRenderer]):
    """Fulfils the pipeline's `Compositor` with any `Matter` and any `Renderer`."""

    batch = 1
    ahead = 0

    def __init__(self, matter: Matter, renderer: AnyRenderer) -> None:
        """Put the two together."""
        super().__init__(matter, renderer)
        self._collectable: list[ReadyFrame] = []

    def submit(self, frames: Sequence[Frame]) -> None:
        """Compute the mattes of frames.

        Raises:
            MatteError: the network gave something that is no valid matte of its frame.
        """
        self._collectable = []
        for frame in frames:
            alpha = self._matter.matte(frame)
            # Asked after the matte: a network that ran out of memory has taken a smaller input.
            promised_wh = self._matter.matte_size(frame.size_wh)
            self._collectable.append(MattedFrame(frame, alpha, promised_wh))

    def collect(self) -> list[ReadyFrame]:
        """Return the frames submitted last; nothing where they were collected already."""
        collected, self._collectable = self._collectable, []
        return collected

    def render(self, ready: ReadyFrame) -> NDArray[np.uint8]:
        """Return the picture of a frame with its matte."""
        assert isinstance(ready, MattedFrame)  # nothing else comes from here
        return self._renderer.render(ready.frame, ready.alpha)

    def reset(self) -> None:
        """Let network and renderer forget all frames before the next one; from any thread."""
        self._matter.reset()
        self._renderer.reset()
