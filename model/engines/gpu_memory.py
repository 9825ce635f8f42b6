"""Running out of a GPU's memory: recognising it, making room, and how many frames fit.

Called from the thread that runs the network.
"""

import gc

import torch

MOST_FRAMES = 16
"""Frames at a time beyond which a network gains nothing."""
SHARE = 0.7
"""Of the free memory, for a batch: the rest is for the effects, and for other programs."""


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that the device has no memory left.

    Libraries below PyTorch say it in their own words, as a plain RuntimeError.
    """
    if isinstance(error, torch.OutOfMemoryError):
        return True
    said = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in said or "alloc_failed" in said)


def make_room() -> None:
    """Give back what PyTorch keeps for later; tensors in use stay."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def frames_that_fit(free_bytes: int, frame_bytes: int, most: int = MOST_FRAMES) -> int:
    """Return how many frames at a time fit into memory: a power of two from 1 to `most`.

    Args:
        free_bytes: of the device now.
        frame_bytes: what one frame needs in the network at its worst moment.
        most: never more.
    """
    fitting = int(free_bytes * SHARE // max(frame_bytes, 1))
    count = 1
    while count * 2 <= min(fitting, most):
        count *= 2
    return count
