"""One block of bytes per frame: all that the device needs of it, so that one copy brings it there.

The host writes the fields into page-locked memory, the device reads them as views of its copy.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

ALIGNED_BYTES = 256
"""Fields begin at multiples of this, so that a view of another type may begin there."""


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
        self._fields: dict[str, tuple[int, np.dtype[Any]]] = {}
        """By name: first byte, and type with shape."""
        self.bytes = 0
        """Bytes of a frame with everything."""
        self._add("image", np.uint8, (height, width, 3))
        self._add("small", np.uint8, (rows, columns, 3))
        self._add("luma_u8", np.uint8, (rows, columns))
        self._add("rates", np.float32, (2,))
        self._add("mark", np.float32, (2,))
        if flow:
            self._add("flow", np.float32, (rows, columns, 2))
        self.frame_bytes = self.bytes
        """Bytes of a frame that is covered whole, without a background."""
        self._add("coverage", np.uint8, (height, width))
        self.covered_bytes = self.bytes
        """Bytes of a frame with its coverage, without a background."""
        self._add("background", np.uint8, (height, width, 3))

    def _add(self, name: str, kind: type[np.generic], shape: tuple[int, ...]) -> None:
        self._fields[name] = self.bytes, np.dtype((kind, shape))
        end = self.bytes + self._fields[name][1].itemsize
        self.bytes = -(-end // ALIGNED_BYTES) * ALIGNED_BYTES

    def write(self, room: NDArray[np.uint8], name: str, values: NDArray[np.generic]) -> None:
        """Write a field into a packet's bytes."""
        begin, kind = self._fields[name]
        np.copyto(np.ndarray(kind.shape, kind.base, room, begin), values)

    def read(self, packet: Tensor, name: str) -> Tensor:
        """Return a field as a view of a packet (bytes,) uint8, on any device."""
        begin, kind = self._fields[name]
        part = packet[begin : begin + kind.itemsize]
        return (part.view(torch.float32) if kind.base == np.float32 else part).view(kind.shape)
