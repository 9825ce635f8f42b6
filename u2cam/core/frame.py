"""The frame: one picture with its place in time. Every stage passes it on, none writes into it."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from u2cam.core.arrays import AlphaF32, AlphaU8, ImageU8
from u2cam.core.errors import MatteError


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
    scene: int = 0
    """Number of the scene, set by the capture stage. A cut or a gap (camera lost and found, rest)
    begins a new one; what was learnt in another scene does not hold. A counter and not a flag,
    because the frame that carries a flag may be dropped."""
    levels: tuple[ImageU8, ...] = ()
    """The picture halved again and again by averaging, largest first; made once by the capture
    stage. Empty: not made."""
    coverage: AlphaU8 | None = None
    """(H, W) uint8: how much of the picture is there; 0 in bars and in transparent parts of the
    input, where the background shows whatever the matte says. None: all of it."""

    @property
    def time_s(self) -> float:
        """Presentation time in seconds."""
        return float(self.pts * self.time_base)

    @property
    def size_wh(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.image.shape[1], self.image.shape[0]

    def at_least(self, size_wh: tuple[int, int]) -> ImageU8:
        """Return the smallest of `image` and `levels` that has at least this width and height.

        The image itself where even that is smaller.
        """
        width, height = size_wh
        for level in reversed(self.levels):
            if level.shape[1] >= width and level.shape[0] >= height:
                return level
        return self.image


def single_frame(
    image: ImageU8, time_s: float = 0.0, *, scene: int = 0, coverage: AlphaU8 | None = None
) -> Frame:
    """Return an image (H, W, 3) as a frame of no particular source, at a time in seconds."""
    pts, time_base = round(time_s * 90_000), Fraction(1, 90_000)
    return Frame(image, 0, pts, time_base, time_s, scene=scene, coverage=coverage)


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
        empty = self.alpha.size == 0
        low, high = (0.0, 0.0) if empty else (float(self.alpha.min()), float(self.alpha.max()))
        _require_valid(who, self.alpha.shape, low, high, self.matte_wh)


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A picture that the GPU made of a frame, and what it measured of the matte used for it."""

    picture: NDArray[np.uint8]
    """As a renderer would have made it, in this computer's memory."""
    matte_shape: tuple[int, ...]
    """Of the matte on the GPU: (h, w)."""
    matte_low: float
    """Its least value; NaN where any value of it is not finite."""
    matte_high: float
    """Its greatest value; NaN likewise."""


@dataclass(frozen=True, slots=True, eq=False)
class ComposedFrame:
    """A frame and its composite, made on the GPU with a valid matte; a gate like `MattedFrame`.

    The matte itself stays on the GPU: what is judged here is what the GPU measured of it.

    Raises:
        MatteError: the matte was not (h, w), finite, within [0, 1] and of `matte_wh`, or what came
            with it is no picture.
    """

    frame: Frame
    composite: Composite
    matte_wh: tuple[int, int]
    """The size that the network promised for frames of this size."""

    @property
    def matte_age_s(self) -> float:
        """0: the matte is always the frame's own."""
        return 0.0

    def __post_init__(self) -> None:
        made = self.composite
        who = f"matte of frame {self.frame.index}"
        _require_valid(who, made.matte_shape, made.matte_low, made.matte_high, self.matte_wh)
        if not isinstance(made.picture, np.ndarray) or made.picture.dtype != np.uint8:
            raise MatteError(f"composite of frame {self.frame.index}: wanted uint8 pixels")


def _require_valid(
    who: str, shape: tuple[int, ...], low: float, high: float, matte_wh: tuple[int, int]
) -> None:
    """Raise MatteError where a matte with these facts must not be used."""
    width, height = matte_wh
    if shape != (height, width) or 0 in shape:
        raise MatteError(f"{who}: wanted shape {(height, width)}, got {shape}")
    # Written so that NaN, which compares false with everything, fails.
    if not (low >= 0.0 and high <= 1.0):
        raise MatteError(f"{who}: wanted values in [0, 1], got {low:.3g} to {high:.3g}")


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What a sink receives: a finished picture, or the placeholder, never a raw frame."""

    image: NDArray[np.uint8]
    """(H, W, 3) RGB, (H, W, 4) RGBA straight or (H, W) gray, uint8; the same kind for a whole
    run."""
    pts: int
    """Presentation timestamp in units of `time_base`, strictly increasing within a run."""
    time_base: Fraction
    """Seconds per unit of `pts`."""
    captured_at_s: float
    """Monotonic capture time of the frame it shows; of its making for a placeholder."""
    placeholder: bool = False
    """True where this stands in for a frame that had no valid matte."""
