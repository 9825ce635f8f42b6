"""The effects of a run, exchangeable while it goes on: a reload builds new ones beside the old."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import AlphaF32, ImageU8
from u2cam.effects.chain import EffectsChain


class EffectsSlot:
    """Passes everything on to the present chain; another one takes its place between two frames."""

    def __init__(self, chain: EffectsChain) -> None:
        self._chain = chain

    @property
    def chain(self) -> EffectsChain:
        """The present chain."""
        return self._chain

    def replace(self, chain: EffectsChain) -> None:
        """Let another chain go on; from any thread.

        Raises:
            ValueError: its pictures are of another kind than the run's.
        """
        if chain.picture_kind != self._chain.picture_kind:
            raise ValueError("the view cannot change its kind of picture during a run")
        self._chain = chain

    @property
    def picture_kind(self) -> Literal["rgb", "rgba", "gray"]:
        """The kind of every picture of this run."""
        return self._chain.picture_kind

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the pictures made from frames of a size."""
        return self._chain.picture_size(size_wh)

    def render(self, image: ImageU8, alpha: AlphaF32, time_s: float) -> NDArray[np.uint8]:
        """Return the picture for a frame, its matte and its time."""
        return self._chain.render(image, alpha, time_s)

    def holding_picture(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        """Return the picture that stands in while there is no valid matte."""
        return self._chain.holding_picture(size_wh, time_s)

    def reset(self) -> None:
        """Forget smoothing state."""
        self._chain.reset()

    def next_background(self) -> str:
        """Take the next background; return its `-b` value."""
        return self._chain.next_background()

    def cycle_view(self) -> None:
        """Take the next view of the same kind."""
        self._chain.cycle_view()
