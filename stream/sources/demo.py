"""The built-in source `demo`: a portrait, filmed by a hand that is not quite steady, with sound.

It needs no camera and no network, and gives the same pixels on every run: the hand's movement is a
sum of sines whose periods never meet, the sensor's noise comes from a seeded generator.
"""

import math
import time
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.errors import SourceError
from u2cam.core.frame import Frame, ImageU8
from u2cam.stream.sources.base import EndOfStream, SourceInfo

ASSETS = Path(__file__).parent / "assets"
DURATION_S = 8.0

VIEW_WH = (488, 275)
"""What the camera sees of the 512×512 portrait, in its pixels: head and shoulders."""
VIEW_CENTRE_XY = (251.0, 140.0)
NOISE_SIGMA = 2.2
"""Levels; that of a webcam in a well-lit room."""

SWAY = ((0.11, 1.0), (0.27, 0.6), (0.71, 0.22), (1.9, 0.05), (3.7, 0.012))
"""Frequencies in Hz and weights of a hand's movement: slow drift, less and less of the quicker."""
SWAY_PX = (11.0, 6.0)
"""Reach across and up and down, in pixels of the portrait."""
SWAY_ROLL_DEG = 1.1
SWAY_ZOOM = 0.035


class DemoSource:
    """Frames of the portrait at any size and rate. Opened by entering the context.

    Args:
        size_wh: of the frames; any shape, the view is cut to it.
        rate: frames per second.
    """

    dropped = 0
    """None: it waits for its reader."""

    def __init__(
        self, size_wh: tuple[int, int] = (1280, 720), rate: Fraction = Fraction(30)
    ) -> None:
        self._info = SourceInfo(
            name="demo",
            size_wh=size_wh,
            rate=rate,
            live=False,
            time_base=1 / rate,
            frames=round(DURATION_S * rate),
            duration_s=DURATION_S,
            media=ASSETS / "demo.m4a",
        )
        self._index = 0
        self._portrait: ImageU8 | None = None
        self._noise: NDArray[np.int16] | None = None

    @property
    def info(self) -> SourceInfo:
        """Size and rate as asked; the sound is `media`."""
        return self._info

    def __enter__(self) -> Self:
        """Load the portrait.

        Raises:
            SourceError: the installation lacks it.
        """
        path = ASSETS / "portrait.jpg"
        portrait_bgr = cv2.imread(str(path)) if path.is_file() else None
        if portrait_bgr is None:
            raise SourceError(f"demo: {path.name} is missing; install the program again")
        portrait = np.asarray(cv2.cvtColor(portrait_bgr, cv2.COLOR_BGR2RGB), dtype=np.uint8)
        self._portrait = _enlarged(portrait, self._info.size_wh)
        self._noise = _noise_tile(self._info.size_wh)
        return self

    def read(self) -> Frame:
        """Make the next frame.

        Raises:
            EndOfStream: after the last frame.
            SourceError: not open.
        """
        if self._portrait is None or self._noise is None:
            raise SourceError("demo: read while it was not open")
        if self._index == self._info.frames:
            raise EndOfStream
        frame = Frame(
            image=self._picture(self._portrait, self._noise, self._index),
            index=self._index,
            pts=self._index,
            time_base=self._info.time_base,
            captured_at_s=time.monotonic(),
        )
        self._index += 1
        return frame

    def reopen(self) -> bool:
        """Nothing to look for: it cannot be lost."""
        return False

    def close(self) -> None:
        """Let go of the pictures."""
        self._portrait = self._noise = None

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _picture(self, portrait: ImageU8, noise: NDArray[np.int16], number: int) -> ImageU8:
        width, height = self._info.size_wh
        matrix = _view(number / float(self._info.rate), (width, height), portrait.shape[0] / 512)
        # Beyond the portrait's edge lies its mirror image: a plain wall stays a plain wall.
        moved = cv2.warpAffine(
            portrait,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101,
        )
        across, down = np.random.default_rng(number).integers(0, NOISE_SHIFTS, 2)
        grain = noise[down : down + height, across : across + width]
        return np.asarray(cv2.add(moved, grain, dtype=cv2.CV_8U), dtype=np.uint8)


NOISE_SHIFTS = 64
"""Places at which the noise tile may lie, along each side."""


def _enlarged(portrait: ImageU8, size_wh: tuple[int, int]) -> ImageU8:
    """Scale the portrait once so that the moving view needs no more enlargement."""
    side = math.ceil(512 * max(0.25, size_wh[0] / VIEW_WH[0], size_wh[1] / VIEW_WH[1]))
    # Above 4K the portrait has nothing more to give, but memory would go.
    side = min(side, 4200)
    way = cv2.INTER_CUBIC if side > 512 else cv2.INTER_AREA
    return np.asarray(cv2.resize(portrait, (side, side), interpolation=way), dtype=np.uint8)


def _noise_tile(size_wh: tuple[int, int]) -> NDArray[np.int16]:
    """Grain, the same in all three channels for the greater part, as after demosaicing."""
    shape = (size_wh[1] + NOISE_SHIFTS, size_wh[0] + NOISE_SHIFTS)
    rng = np.random.default_rng(1995)
    gray = rng.normal(0, NOISE_SIGMA, (*shape, 1)).astype(np.float32)
    colour = rng.normal(0, 0.4 * NOISE_SIGMA, (*shape, 3)).astype(np.float32)
    return np.asarray(np.rint(gray + colour), dtype=np.int16)


def _view(time_s: float, size_wh: tuple[int, int], scale: float) -> NDArray[np.float64]:
    """Return the (2, 3) matrix from a pixel of the frame to one of the enlarged portrait."""
    across, down, roll, zoom = (_sway(time_s, channel) for channel in range(4))
    # The whole frame is filled: the view is cut at the sides or at top and bottom.
    size = min(VIEW_WH[0] / size_wh[0], VIEW_WH[1] / size_wh[1])
    size *= scale * (1 + SWAY_ZOOM * zoom)
    angle = math.radians(SWAY_ROLL_DEG * roll)
    cos, sin = size * math.cos(angle), size * math.sin(angle)
    centre_x = scale * (VIEW_CENTRE_XY[0] + SWAY_PX[0] * across)
    centre_y = scale * (VIEW_CENTRE_XY[1] + SWAY_PX[1] * down)
    middle_x, middle_y = (size_wh[0] - 1) / 2, (size_wh[1] - 1) / 2
    return np.array(
        [
            [cos, -sin, centre_x - cos * middle_x + sin * middle_y],
            [sin, cos, centre_y - sin * middle_x - cos * middle_y],
        ]
    )


def _sway(time_s: float, channel: int) -> float:
    """Return a smooth movement within [-1, 1]; every channel has phases and periods of its own."""
    total = 0.0
    for number, (frequency_hz, weight) in enumerate(SWAY):
        detuned_hz = frequency_hz * (1 + 0.137 * channel)
        phase = 2.399963 * (7 * channel + number)  # the golden angle spreads them evenly
        total += weight * math.sin(2 * math.pi * detuned_hz * time_s + phase)
    return total / sum(weight for _, weight in SWAY)
