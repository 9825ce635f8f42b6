"""Several frames through a network at once; fewer where the memory does not suffice.

Called from the thread that runs the network.
"""

import logging
from collections.abc import Callable

import torch
from torch import Tensor

from u2cam.model.engines.gpu_memory import is_out_of_memory, make_room

log = logging.getLogger(__name__)


class Batch:
    """How many frames go at once, learnt from what went wrong."""

    def __init__(self, size: int) -> None:
        """Begin with a size of at least 1."""
        self.size = max(1, size)
        """Frames at once from now on."""

    def map(self, work: Callable[[Tensor], Tensor], inputs: Tensor) -> Tensor:
        """Do work on all inputs, `size` at a time, in order.

        Where memory runs out, the size is halved and the same frames are tried again: none is
        lost, and the order stays.

        Args:
            work: maps (n, ...) to (n, ...), n at most `size`.
            inputs: (B, ...), any B.

        Returns:
            (B, ...), newly allocated.

        Raises:
            torch.OutOfMemoryError: not even one frame fits.
        """
        done: list[Tensor] = []
        at = 0
        while at < len(inputs):
            try:
                part = work(inputs[at : at + self.size]).clone()
            except RuntimeError as error:
                if not is_out_of_memory(error) or self.size == 1:
                    raise
            else:
                done.append(part)
                at += len(part)
                continue
            # Outside of `except`: the error's traceback holds on to the tensors of the failure.
            make_room()
            log.warning(
                "out of memory with %d frames at once: from now on %d; no frame is lost",
                self.size,
                self.size // 2,
            )
            self.size //= 2
        return torch.cat(done)
