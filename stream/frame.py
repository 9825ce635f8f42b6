"""The frame: one picture with its place in time. Every stage passes it on, none writes into it."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

ImageU8: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8, RGB, gamma-encoded."""

AlphaF32: TypeAlias = NDArray[np.float32]
"""(H, W) float32 in [0, 1]; 1 is foreground."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of a source. Receivers never write into `image`."""

    image: ImageU8
    """(H, W, 3) uint8 RGB."""
    index: int
    """Counts the frames that the source delivered, from 0."""
    pts: int
    """Presentation timestamp in units of `time_base`."""
    time_base: Fraction
    """Seconds per unit of `pts`."""
    captured_at_s: float
    """`time.monotonic()` at the moment the source had the picture."""

    @property
    def time_s(self) -> float:
        """Presentation time in seconds."""
        return float(self.pts * self.time_base)

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]


class MatteError(ValueError):
    """A matte that must not be used: wrong kind, wrong size, not finite or out of range."""


@dataclass(frozen=True, slots=True, eq=False)
class MattedFrame:
    """A frame and its valid matte. It cannot be made with a matte that is not valid.

    This is the gate of the privacy promise: the composite stage takes nothing else, so a frame
    whose matte failed has no way to a sink.

    Raises:
        MatteError: the matte is not (h, w) float32, finite, within [0, 1] and of `matte_wh`.
    """

    frame: Frame
    alpha: AlphaF32
    """(h, w) float32 in [0, 1] over the same field of view as the frame; h, w as the network gave
    it, usually smaller than the frame."""
    matte_wh: tuple[int, int]
    """The size that the network promised for frames of this size."""
    matte_age_s: float = 0.0
    """How much older than the frame the picture was that the matte was computed from."""

    def __post_init__(self) -> None:
        who = f"matte of frame {self.frame.index}"
        if not isinstance(self.alpha, np.ndarray) or self.alpha.dtype != np.float32:
            kind = getattr(self.alpha, "dtype", type(self.alpha).__name__)
            raise MatteError(f"{who}: wanted float32, got {kind}")
        width, height = self.matte_wh
        if self.alpha.shape != (height, width) or self.alpha.size == 0:
            raise MatteError(f"{who}: wanted shape {(height, width)}, got {self.alpha.shape}")
        low, high = float(self.alpha.min()), float(self.alpha.max())
        # Written so that NaN, which compares false with everything, fails.
        if not (low >= 0.0 and high <= 1.0):
            raise MatteError(f"{who}: wanted values in [0, 1], got {low:.3g} to {high:.3g}")


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a sink receives: a finished picture, or the holding picture, never a raw frame."""

    image: NDArray[np.uint8]
    """(H, W, 3) RGB, (H, W, 4) RGBA straight or (H, W) gray, uint8; the same kind for a whole
    run."""
    pts: int
    """Presentation timestamp in units of `time_base`, strictly increasing within a run."""
    time_base: Fraction
    """Seconds per unit of `pts`."""
    captured_at_s: float
    """Monotonic capture time of the frame it shows; of its making for a holding picture."""
    holding: bool = False
    """True where this stands in for a frame that had no valid matte."""
