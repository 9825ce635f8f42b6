"""Stands in for network and effects on a device."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from tests.fakes.effects import FakeEffects
from tests.fakes.matter import FakeMatter
from u2cam.core.frame import Composite, Frame


class FakeCompositor:
    """Mattes and composites as its matter and effects do, in batches, when they are collected.

    A device cannot refuse to show what it made of a broken matte: neither does this. The whole
    frame is what comes with a matte that is not valid.

    Args:
        matter: gives the mattes; its troubles are those of the device.
        effects: make the pictures.
        batch: frames at once.
        collect_fails_at: number of the call of `collect` that raises.
    """

    device_name = "fake device"

    def __init__(
        self,
        matter: FakeMatter,
        effects: FakeEffects,
        *,
        batch: int = 1,
        collect_fails_at: int | None = None,
    ) -> None:
        self.matter = matter
        self.effects = effects
        self.batch = batch
        self.collect_fails_at = collect_fails_at
        self.submitted: list[list[int]] = []
        self.collected = 0
        self.most_flying = 0
        self.reset_before: list[int] = []
        """How many batches had been submitted at each reset."""
        self.abandoned = 0
        self._flying: deque[list[Frame]] = deque()

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        return self.matter.matte_size(size_wh)

    def submit(self, frames: Sequence[Frame]) -> None:
        assert frames, "nothing to submit"
        self.submitted.append([frame.index for frame in frames])
        self._flying.append(list(frames))
        self.most_flying = max(self.most_flying, len(self._flying))

    def collect(self) -> list[Composite]:
        frames = self._flying.popleft()
        number = self.collected
        self.collected += 1
        if number == self.collect_fails_at:
            raise RuntimeError("fake device failed")
        return [self._composite(frame) for frame in frames]

    def _composite(self, frame: Frame) -> Composite:
        alpha = self.matter.matte(frame.image)
        low, high = float(alpha.min()), float(alpha.max())
        wanted = self.matter.matte_size(frame.size_wh)
        valid = alpha.shape == (wanted[1], wanted[0]) and low >= 0 and high <= 1
        picture = frame.image.copy()
        if valid:
            picture = np.asarray(self.effects.render(frame.image, alpha, frame.time_s), np.uint8)
        return Composite(picture, alpha.shape, low, high)

    def abandon(self) -> None:
        self._flying.clear()
        self.abandoned += 1
        self.reset()

    def reset(self) -> None:
        self.reset_before.append(len(self.submitted))
