"""One block of bytes per frame: all that the device needs of it, so that one copy brings it there.

The host writes the fields into page-locked memory, the device reads them as views of its copy.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

ALIGNED_BYTES = 256
"""Fields begin at multiples of this, so that a view of another type may begin there."""


@dataclass(frozen=True, slots=True)
class Field:
    """Where an array lies in the packet."""

    name: str
    shape: tuple[int, ...]
    floats: bool
    """float32; else uint8."""
    begin: int

    @property
    def end(self) -> int:
        """First byte behind it."""
        return self.begin + math.prod(self.shape) * (4 if self.floats else 1)


class Packet:
    """The layout of the packets of frames of one size."""

    def __init__(self, size_wh: tuple[int, int], grid_wh: tuple[int, int], *, flow: bool) -> None:
        """Lay the fields out.

        Args:
            size_wh: of the frames.
            grid_wh: of their small grid.
            flow: whether the packet carries optical flow.
        """
        width, height = size_wh
        columns, rows = grid_wh
        self._fields: dict[str, Field] = {}
        self._end = 0
        self._add("image", (height, width, 3))
        self._add("small", (rows, columns, 3))
        self._add("luma_u8", (rows, columns))
        self._add("rates", (2,), floats=True)
        self._add("mark", (2,), floats=True)
        if flow:
            self._add("flow", (rows, columns, 2), floats=True)
        self.frame_bytes = self._end
        """Bytes of a frame without a background."""
        self._add("background", (height, width, 3))
        self.bytes = self._end
        """Bytes of a frame with a background of its own."""

    def _add(self, name: str, shape: tuple[int, ...], *, floats: bool = False) -> None:
        field = Field(name, shape, floats, self._end)
        self._fields[name] = field
        self._end = -(-field.end // ALIGNED_BYTES) * ALIGNED_BYTES

    def write(self, room: NDArray[np.uint8], name: str, values: NDArray[np.generic]) -> None:
        """Write a field into a packet's bytes."""
        field = self._fields[name]
        kind = np.float32 if field.floats else np.uint8
        np.copyto(room[field.begin : field.end].view(kind).reshape(field.shape), values)

    def read(self, packet: Tensor, name: str) -> Tensor:
        """Return a field as a view of a packet (bytes,) uint8, on any device."""
        field = self._fields[name]
        part = packet[field.begin : field.end]
        return (part.view(torch.float32) if field.floats else part).view(field.shape)
