"""Stands in for network and effects on a GPU."""

from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.fakes.matter import FakeMatter
from tests.fakes.renderer import FakeRenderer
from u2cam.core.frame import ComposedFrame, Composite, Frame
from u2cam.core.protocols import PictureKind, ReadyFrame


class FakeGpuCompositor:
    """Mattes and composites as its matter and renderer do, in batches, when they are collected.

    A GPU cannot refuse to show what it made of a broken matte: neither does this. The whole frame
    is what comes with a matte that is not valid.

    Args:
        matter: gives the mattes; its failures are those of the GPU.
        renderer: makes the pictures.
        batch: frames at once.
        collect_fails_at: number of the call of `collect` that raises.
    """

    model_name = "fake"
    device_name = "fake device"
    precision = "n/a"
    input_sizes_wh = ()
    ahead = 1

    def __init__(
        self,
        matter: FakeMatter,
        renderer: FakeRenderer,
        *,
        batch: int = 1,
        collect_fails_at: int | None = None,
    ) -> None:
        self.matter = matter
        self.renderer = renderer
        self.batch = batch
        self.collect_fails_at = collect_fails_at
        self.submitted: list[list[int]] = []
        self.collected = 0
        self.most_in_flight = 0
        self.reset_before: list[int] = []
        """How many batches had been submitted at each reset."""
        self._in_flight: deque[list[Frame]] = deque()
        self._give_up = False

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        raise AssertionError("there is no choice")

    @property
    def picture_kind(self) -> PictureKind:
        return self.renderer.picture_kind

    def picture_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        return self.renderer.picture_size(size_wh)

    def submit(self, frames: Sequence[Frame]) -> None:
        assert frames, "nothing to submit"
        if self._give_up:
            self._give_up = False
            self._in_flight.clear()
        self.submitted.append([frame.index for frame in frames])
        self._in_flight.append(list(frames))
        self.most_in_flight = max(self.most_in_flight, len(self._in_flight))

    def collect(self) -> list[ReadyFrame]:
        frames = self._in_flight.popleft() if self._in_flight else []
        number = self.collected
        self.collected += 1
        if number == self.collect_fails_at:
            raise RuntimeError("fake device failed")
        return [self._composed(frame) for frame in frames]

    def _composed(self, frame: Frame) -> ComposedFrame:
        alpha = self.matter.matte(frame)
        low, high = float(alpha.min()), float(alpha.max())
        promised_wh = self.matter.matte_size(frame.size_wh)
        valid = alpha.shape == (promised_wh[1], promised_wh[0]) and low >= 0 and high <= 1
        picture = self.renderer.render(frame, alpha) if valid else frame.image.copy()
        return ComposedFrame(frame, Composite(picture, alpha.shape, low, high), promised_wh)

    def render(self, ready: ReadyFrame) -> NDArray[np.uint8]:
        assert isinstance(ready, ComposedFrame)
        return ready.composite.picture

    def placeholder(self, size_wh: tuple[int, int], time_s: float) -> NDArray[np.uint8]:
        return self.renderer.placeholder(size_wh, time_s)

    def reset(self) -> None:
        self.reset_before.append(len(self.submitted))
        self._give_up = True
