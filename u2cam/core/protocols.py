"""The seams where packages meet: what the pipeline asks of a network and of the effects.

`model` and `effects` fulfil these protocols without importing them; `app.build` joins them.
"""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import AlphaF32, Composite, Frame, ImageU8

BeginsScene = Callable[[ImageU8], bool]
"""Shown every frame (H, W, 3) in order, tells whether it begins another scene. Called from the
inference thread only."""


class Matter(Protocol):
    """Gives an image its matte. Called from the inference thread only."""

    @property
    def model_name(self) -> str:
        """Name in the registry, or the weights file's name."""

    @property
    def device_name(self) -> str:
        """The device that really does the work, for example `cpu` or `cuda:0 (NVIDIA L4)`."""

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `bf16`; `n/a` for a matter without a network."""

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        """Network input sizes to choose from while running, largest first; empty for no choice."""

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another of `input_sizes_wh` from the next matte on. From any thread."""

    def matte(self, image: ImageU8) -> AlphaF32:
        """Return the matte (h, w) of an image (H, W, 3), over the same field of view.

        The size is the network's own, letterbox bars removed. May use what it saw before.
        """

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of such frames; a matte of another size is refused."""

    def reset(self) -> None:
        """Forget what was seen before: after a scene cut, a gap or a failure."""


class Propagator(Protocol):
    """Carries a matte to a later frame. Called from the propagate thread only."""

    def propagate(self, alpha: AlphaF32, matte_image: ImageU8, image: ImageU8) -> AlphaF32 | None:
        """Return the matte (h, w) for `image` from that of `matte_image`, an earlier frame.

        None where the two show different scenes, so that no matte can be carried over.
        """


class Effects(Protocol):
    """Turns frame and matte into the finished picture. Called from the composite thread only."""

    @property
    def picture_kind(self) -> Literal["rgb", "rgba", "gray"]:
        """The kind of every picture of this run, as its view asks."""

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the pictures made from frames of a size (side by side is wider)."""

    def render(self, image: ImageU8, alpha: AlphaF32, time_s: float) -> NDArray[np.uint8]:
        """Return the picture for a frame (H, W, 3), its matte (h, w) and its time in seconds.

        Time is the frame's presentation time: smoothing and moving backgrounds follow it.
        The result is newly allocated and has the kind that the run's view asks for.
        """

    def holding_picture(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        """Return the picture that stands in while there is no valid matte.

        It is made of the replacement background and a short text; never of camera pixels.
        """

    def reset(self) -> None:
        """Forget smoothing state: after a scene cut or a gap."""


class Compositor(Protocol):
    """Matter and effects in one, on a device that keeps a frame from its upload to its composite.

    In place of the two. Called from the inference thread only, but for `reset`.
    """

    @property
    def device_name(self) -> str:
        """The device that does the work."""

    @property
    def batch(self) -> int:
        """Frames that `submit` is best given at once, offline; may change from call to call."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of such frames as they were submitted last."""

    def submit(self, frames: Sequence[Frame]) -> None:
        """Begin the work on frames, at least one and of one size; does not wait for its end."""

    def collect(self) -> list[Composite]:
        """Wait for the frames that were submitted first, and return their composites in order.

        The matte of each has been measured, not judged: that is `ComposedFrame`.
        """

    def abandon(self) -> None:
        """Forget what was submitted and everything before: after a failure."""

    def reset(self) -> None:
        """Forget what was seen before, from the next frame submitted on. From any thread."""
