"""A scripted network, and one that carries mattes over."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Literal

import cv2
import numpy as np

from u2cam.core.frame import AlphaF32, ImageU8

Trouble = Literal["raise", "stall", "nan", "wrong_size", "out_of_range"]


class FakeMatter:
    """A Matter whose alpha comes from a function of the image; troubles come by call number.

    Args:
        alpha: image (H, W, 3) to alpha (h, w); everything foreground where not given.
        troubles: what goes wrong at which call, counted from 0.
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
        troubles: dict[int, Trouble] | None = None,
        matte_s: float = 0.0,
        scale: float = 1.0,
    ) -> None:
        self._alpha = alpha
        self.troubles = troubles or {}
        self.matte_s = matte_s
        self.scale = scale
        self.calls = 0
        self.reset_before: list[int] = []
        """Numbers of the calls that a reset came before."""
        self.go_on = threading.Event()

    @property
    def input_sizes_wh(self) -> Sequence[tuple[int, int]]:
        return ()

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        raise AssertionError("there is no choice")

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        width, height = size_wh
        return max(1, round(width * self.scale)), max(1, round(height * self.scale))

    def matte(self, image: ImageU8) -> AlphaF32:
        trouble = self.troubles.get(self.calls)
        self.calls += 1
        if self.matte_s:
            time.sleep(self.matte_s)
        if trouble == "raise":
            raise RuntimeError("fake network failed")
        if trouble == "stall":
            self.go_on.wait(timeout=20)
        size_wh = self.matte_size((image.shape[1], image.shape[0]))
        full = np.ones(image.shape[:2], np.float32) if self._alpha is None else self._alpha(image)
        alpha: AlphaF32 = np.asarray(
            cv2.resize(full, size_wh, interpolation=cv2.INTER_NEAREST), dtype=np.float32
        )
        if trouble == "nan":
            alpha = alpha.copy()
            alpha[0, 0] = np.nan
        if trouble == "out_of_range":
            alpha = alpha + 1.0
        if trouble == "wrong_size":
            alpha = np.ones((alpha.shape[0] + 1, alpha.shape[1] + 2), np.float32)
        return alpha

    def reset(self) -> None:
        self.reset_before.append(self.calls)


class FakePropagator:
    """Carries a matte over as it is; none where `cut` says that the scene changed."""

    def __init__(self, cut: Callable[[ImageU8, ImageU8], bool] | None = None) -> None:
        self.cut = cut
        self.calls = 0

    def propagate(self, alpha: AlphaF32, matte_image: ImageU8, image: ImageU8) -> AlphaF32 | None:
        self.calls += 1
        return None if self.cut is not None and self.cut(matte_image, image) else alpha
