"""A virtual camera as pyvirtualcam opens it."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray


class FakeVirtualBackend:
    """A pyvirtualcam backend that records what is sent to it.

    Register the class: `pyvirtualcam.register_backend("fake", FakeVirtualBackend)`; the instances
    that a test made are in `instances`, emptied by `forget()`.
    """

    instances: "list[FakeVirtualBackend]" = []  # noqa: RUF012
    refuse: str | None = None
    """Reason to give for not opening."""
    fail_after: int | None = None
    """Frames after which `send` raises."""

    def __init__(
        self, *, width: int, height: int, fps: float, fourcc: int, device: str | None, **kw: Any
    ) -> None:
        if self.refuse is not None:
            raise RuntimeError(self.refuse)
        self.size_wh = (width, height)
        self.fps = fps
        self._device = device or "fake camera"
        self.frames: list[NDArray[np.uint8]] = []
        self.sent_at_s: list[float] = []
        self.closed = 0
        FakeVirtualBackend.instances.append(self)

    @classmethod
    def forget(cls) -> None:
        cls.instances = []
        cls.refuse = None
        cls.fail_after = None

    def close(self) -> None:
        self.closed += 1

    def send(self, frame: NDArray[np.uint8]) -> None:
        if self.fail_after is not None and len(self.frames) >= self.fail_after:
            raise RuntimeError("device is gone")
        width, height = self.size_wh
        assert frame.ndim == 1 and frame.flags.c_contiguous
        self.frames.append(frame.reshape(height, width, 3).copy())
        self.sent_at_s.append(time.monotonic())

    def device(self) -> str:
        return self._device

    def native_fourcc(self) -> int | None:
        return None
