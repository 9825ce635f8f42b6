"""A network and a renderer put together, both working in this computer's memory."""

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import Frame, MattedFrame
from u2cam.core.protocols import Matter, Network, Pictures, ReadyFrame, Renderer


class HasNetwork(Protocol):
    """A matter, on the CPU or on a GPU."""

    @property
    def network(self) -> Network:
        """What gives the mattes."""


class HasPresentation(Protocol):
    """A renderer, on the CPU or on a GPU."""

    @property
    def presentation(self) -> Pictures:
        """What the pictures show."""


AnyMatter = TypeVar("AnyMatter", bound=HasNetwork)
AnyRenderer = TypeVar("AnyRenderer", bound=Renderer)
AnyPictures = TypeVar("AnyPictures", bound=HasPresentation)


class MatterAndRenderer(Generic[AnyMatter, AnyPictures]):
    """The two that compositors put together, on the CPU and on a GPU alike."""

    def __init__(self, matter: AnyMatter, renderer: AnyPictures) -> None:
        self._matter = matter
        self.renderer = renderer
        """What makes the pictures now."""

    @property
    def network(self) -> Network:
        """What gives the mattes."""
        return self._matter.network

    @property
    def presentation(self) -> Pictures:
        """What the pictures show."""
        return self.renderer.presentation

    def use_renderer(self, renderer: AnyPictures) -> None:
        """Let another renderer take over between two frames; from any thread.

        Raises:
            ValueError: its pictures are of another kind than the run's.
        """
        if renderer.presentation.picture_kind != self.presentation.picture_kind:
            raise ValueError("the view cannot change its kind of picture during a run")
        self.renderer = renderer


class CpuCompositor(MatterAndRenderer[Matter, AnyRenderer]):
    """Fulfils the pipeline's `Compositor` with any `Matter` and any `Renderer`."""

    batch = 1
    ahead = 0

    def __init__(self, matter: Matter, renderer: AnyRenderer) -> None:
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
            promised_wh = self.network.matte_size(frame.size_wh)
            self._collectable.append(MattedFrame(frame, alpha, promised_wh))

    def collect(self) -> list[ReadyFrame]:
        """Return the frames submitted last; nothing where they were collected already."""
        collected, self._collectable = self._collectable, []
        return collected

    def render(self, ready: ReadyFrame) -> NDArray[np.uint8]:
        """Return the picture of a frame with its matte."""
        assert isinstance(ready, MattedFrame)  # nothing else comes from here
        return self.renderer.render(ready.frame, ready.alpha)

    def reset(self) -> None:
        """Let network and renderer forget all frames before the next one; from any thread."""
        self._matter.reset()
        self.renderer.reset()
