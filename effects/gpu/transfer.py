"""Bytes to a device and back, beside its work: page-locked memory, two copy streams, events.

On CUDA uploads, work and downloads are three streams: while a frame is worked on, the next comes up
and the one before goes down. Events order what belongs together, and the host waits at one place,
`Download.wait`. On other devices the same calls copy at once.

Called from the inference thread only.
"""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(slots=True, eq=False)
class Slot:
    """Room for one frame's packet, on both sides; reused when the frame has come back."""

    host: Tensor
    """(bytes,) uint8, page-locked on CUDA."""
    device: Tensor
    """(bytes,) uint8."""

    @property
    def room(self) -> NDArray[np.uint8]:
        """The host's side as an array to write into."""
        return self.host.numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Download:
    """Bytes on their way to the host."""

    host: Tensor
    source: Tensor
    """Kept until the copy has been made."""
    done: torch.cuda.Event | None

    def wait(self) -> NDArray[np.uint8]:
        """Wait for the copy and return it: memory of its own, not used again for another frame."""
        if self.done is not None:
            self.done.synchronize()
        return self.host.numpy()


class Transfer:
    """The copies of one device."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._free: list[Slot] = []
        self._streams: tuple[torch.cuda.Stream, ...] = ()
        if device.type == "cuda":
            self._streams = tuple(_stream(device) for _ in range(3))

    def working(self) -> AbstractContextManager[object]:
        """Return the context in which the device's work is launched."""
        if not self._streams:
            return nullcontext()
        context: AbstractContextManager[object] = torch.cuda.stream(self._streams[1])
        return context

    def slot(self, count: int) -> Slot:
        """Return room for at least so many bytes, that no frame uses; within `working` only."""
        while self._free:
            slot = self._free.pop()
            if slot.host.numel() >= count:
                return slot
        host = torch.empty(count, dtype=torch.uint8, pin_memory=bool(self._streams))
        if not self._streams:
            return Slot(host, host)
        slot = Slot(host, torch.empty(count, dtype=torch.uint8, device=self._device))
        # The memory may be that of a tensor which work launched before still reads.
        self._streams[0].wait_stream(self._streams[1])
        return slot

    def give_back(self, slot: Slot) -> None:
        """Take a slot back whose frame is through."""
        self._free.append(slot)

    def upload(self, slot: Slot, count: int) -> Tensor:
        """Send the first bytes of a slot; return the device's side, for work launched after this.

        The device's side must be free: the frame that used it has been waited for.
        """
        if self._streams:
            up, work, _ = self._streams
            with torch.cuda.stream(up):
                slot.device[:count].copy_(slot.host[:count], non_blocking=True)
                work.wait_event(up.record_event())
        return slot.device

    def download(self, values: Tensor) -> Download:
        """Fetch bytes (n,) uint8 that work launched before this computes.

        `values` must not be written to again; its memory is kept until the copy is made.
        """
        if not self._streams:
            return Download(values, values, None)
        _, work, down = self._streams
        host = torch.empty(values.shape, dtype=torch.uint8, pin_memory=True)
        down.wait_event(work.record_event())
        # A blocking event lets the host's thread sleep instead of asking again and again.
        done: torch.cuda.Event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        with torch.cuda.stream(down):
            host.copy_(values, non_blocking=True)
            done.record(down)
        return Download(host, values, done)

    def settle(self) -> None:
        """Wait until nothing is on its way."""
        if self._streams:
            torch.cuda.synchronize(self._device)


def _stream(device: torch.device) -> torch.cuda.Stream:
    stream: torch.cuda.Stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    return stream
