"""A scripted network, and one that carries mattes over."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal

import cv2
import numpy as np

from u2cam.core.frame import AlphaF32, Frame, ImageU8, MattedFrame

Failure = Literal["raise", "stall", "nan", "wrong_size", "out_of_range"]


class FakeMatter:
    """A Matter whose alpha comes from a function of the image; failures come by call number.

    Args:
        alpha: image (H, W, 3) to alpha (h, w); everything foreground where not given.
        failures: what goes wrong at which call, counted from 0.
        matte_s: how long every matte takes.
        scale: the mattes' size in parts of the image's.
    """

    model_name = "fake"
    device_name = "cpu"
    precision = "n/a"

    def __init__(
        self,
        alpha: Callable[[ImageU8], AlphaF32] | None = None,
        *,
        failures: dict[int, Failure] | None = None,
        matte_s: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        self._alpha = alpha
        self.failures = failures or {}
        self.matte_s = matte_s
        self.scale = scale
        self.calls = 0
        self.reset_before: list[int] = []
        """Numbers of the calls that a reset or a new scene came before."""
        self._scene = 0
        self.go_on = threading.Event()

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        return ()

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        raise AssertionError("there is no choice")

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        width, height = size_wh
        return max(1, round(width * self.scale)), max(1, round(height * self.scale))

    def matte(self, frame: Frame) -> AlphaF32:
        if frame.scene != self._scene:
            self._scene = frame.scene
            self.reset()
        failure = self.failures.get(self.calls)
        self.calls += 1
        if self.matte_s:
            time.sleep(self.matte_s)
        if failure == "raise":
            raise RuntimeError("fake network failed")
        if failure == "stall":
            self.go_on.wait(timeout=20)
        image = frame.image
        full = np.ones(image.shape[:2], np.float32) if self._alpha is None else self._alpha(image)
        size_wh = self.matte_size(frame.size_wh)
        alpha: AlphaF32 = np.asarray(
            cv2.resize(full, size_wh, interpolation=cv2.INTER_NEAREST), dtype=np.float32
        )
        if failure == "nan":
            alpha = alpha.copy()
            alpha[0, 0] = np.nan
        if failure == "out_of_range":
            alpha = alpha + 1.0
        if failure == "wrong_size":
            alpha = np.ones((alpha.shape[0] + 1, alpha.shape[1] + 2), np.float32)
        return alpha

    def reset(self) -> None:
        self.reset_before.append(self.calls)


class FakePropagator:
    """Carries a matte over as it is; never where `carries` is False."""

    def __init__(self, *, carries: bool = True) -> None:
        self.carries = carries
        self.calls = 0

    def propagate(self, matted: MattedFrame, frame: Frame) -> AlphaF32 | None:
        self.calls += 1
        return matted.alpha if self.carries else None
