"""A renderer in plain NumPy."""

import time
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import AlphaF32, Frame, ImageU8


class FakeRenderer:
    """Blends frames over one colour; the placeholder is another colour.

    Args:
        color: of the background.
        placeholder: colour of the placeholder.
        picture_kind: of the pictures.
        fail_at: number of the call of `render` that raises.
        render_s: how long every picture takes.
    """

    def __init__(
        self,
        color: tuple[int, int, int] = (0, 177, 64),
        placeholder: tuple[int, int, int] = (40, 40, 90),
        *,
        picture_kind: Literal["rgb", "rgba", "gray"] = "rgb",
        fail_at: int | None = None,
        render_s: float = 0.0,
    ) -> None:
        self._color = color
        self._placeholder = placeholder
        self._kind = picture_kind
        self.fail_at = fail_at
        self.render_s = render_s
        self.renders = 0
        self.reset_before: list[int] = []
        """Numbers of the calls of `render` that a reset came before."""

    @property
    def picture_kind(self) -> Literal["rgb", "rgba", "gray"]:
        return self._kind

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        return size_wh

    def render(self, frame: Frame, alpha: AlphaF32) -> NDArray[np.uint8]:
        number = self.renders
        self.renders += 1
        if self.render_s:
            time.sleep(self.render_s)
        if number == self.fail_at:
            raise RuntimeError("fake renderer failed")
        resized = cv2.resize(alpha, frame.size_wh, interpolation=cv2.INTER_NEAREST)
        wide = np.asarray(resized, dtype=np.float32)
        color = np.array(self._color, np.float32)
        shown = frame.image * wide[..., None] + color * (1 - wide[..., None])
        return self._as_kind(np.rint(shown).astype(np.uint8), wide)

    def placeholder(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        width, height = size_wh
        shown = np.empty((height, width, 3), np.uint8)
        shown[:] = self._placeholder
        return self._as_kind(shown, np.zeros((height, width), np.float32))

    def reset(self) -> None:
        self.reset_before.append(self.renders)

    def _as_kind(self, shown: ImageU8, alpha: AlphaF32) -> NDArray[np.uint8]:
        alpha_u8 = np.rint(alpha * 255).astype(np.uint8)
        if self._kind == "gray":
            return alpha_u8
        if self._kind == "rgba":
            return np.dstack([shown, alpha_u8])
        return shown
