"""The seams where packages meet: what the pipeline asks of networks, effects and both together.

`model` and `effects` fulfil these protocols; `u2cam.build` joins them.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, ImageU8
from u2cam.core.choices import PictureKind
from u2cam.core.frame import ComposedFrame, Frame, MattedFrame

BeginsScene = Callable[[ImageU8], bool]
"""Shown every frame in order, small: the last of its levels (h, w, 3). Tells whether the frame
begins another scene than the one before. Called from the capture thread only."""

ReadyFrame: TypeAlias = MattedFrame | ComposedFrame
"""A frame whose matte was found valid: nothing else can become a picture."""


class Network(Protocol):
    """What a run knows of its network, whatever gives the mattes."""

    model_name: str
    """Name in the registry, or the weights file's name."""
    device_name: str
    """The device that really does the work, for example `cpu` or `cuda:0 (NVIDIA L4)`."""
    precision: str
    """`fp32`, `fp16` or `bf16`; `n/a` for a matter without a network."""
    input_sizes_wh: tuple[tuple[int, int], ...]
    """Network input sizes to choose from while running, largest first; empty for no choice."""

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another of `input_sizes_wh` from the next matte on. From any thread."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of such frames; a matte of another size is refused."""


class Matter(Protocol):
    """Gives a frame its matte, in this computer's memory. Called from the inference thread only."""

    @property
    def network(self) -> Network:
        """What gives the mattes."""

    def matte(self, frame: Frame) -> AlphaF32:
        """Return the matte (h, w) of a frame, over the same field of view.

        The size is the network's own, letterbox bars removed. May use the frames before it of the
        same scene; where `frame.scene` changed it forgets them by itself.
        """

    def reset(self) -> None:
        """Forget all frames before the next one. From any thread."""


class Propagator(Protocol):
    """Carries a matte to another frame. Called from the propagate thread only."""

    def propagate(self, matted: MattedFrame, frame: Frame) -> AlphaF32 | None:
        """Return the matte (h, w) for `frame` from that of another frame of the same size.

        None where the two are of different scenes, so that no matte can be carried over.
        """


class Pictures(Protocol):
    """What a run knows of its pictures. `placeholder` is called from the composite thread only."""

    picture_kind: PictureKind
    """The kind of every picture of this run, as its view asks."""

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the pictures made from frames of a size (side by side is wider)."""

    def placeholder(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        """Return the picture that stands in while there is no valid matte.

        It is made of the replacement background and a short text; never of camera pixels.
        """


class Renderer(Protocol):
    """Makes the picture from a frame and its matte. Called from the composite thread only."""

    @property
    def presentation(self) -> Pictures:
        """What the pictures show."""

    def render(self, frame: Frame, alpha: AlphaF32) -> NDArray[np.uint8]:
        """Return the picture for a frame and its matte (h, w).

        Smoothing and moving backgrounds follow the frame's presentation time; where `frame.scene`
        changed, smoothing begins anew by itself. The result is newly allocated and has the kind
        that the run's view asks for.
        """

    def reset(self) -> None:
        """Forget all frames before the next one. From any thread."""


class Compositor(Protocol):
    """Network and effects put together: all that the pipeline knows of how pictures are made.

    `submit` and `collect` are called from the inference thread, `render` from the composite thread.
    """

    @property
    def network(self) -> Network:
        """What gives the mattes."""

    @property
    def presentation(self) -> Pictures:
        """What the pictures show; another one may take over during a run, of the same kind."""

    @property
    def batch(self) -> int:
        """Frames that `submit` is best given at once, offline; may change from call to call."""

    @property
    def ahead(self) -> int:
        """Batches that may be submitted before the first is collected, offline; 0 for none."""

    def submit(self, frames: Sequence[Frame]) -> None:
        """Begin the work on frames, at least one and of one size; need not wait for its end."""

    def collect(self) -> Sequence[ReadyFrame]:
        """Wait for the frames that were submitted first and return them in order.

        Nothing where no frames are in flight.

        Raises:
            MatteError: the matte of one of them is not valid.
        """

    def render(self, ready: ReadyFrame) -> NDArray[np.uint8]:
        """Return the picture of a frame that `collect` gave, or that a `Propagator` made of it."""

    def reset(self) -> None:
        """At the next `submit` give up what is in flight and forget everything, after a failure.

        From any thread. New scenes need no call: frames carry their number.
        """
