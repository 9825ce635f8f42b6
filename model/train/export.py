"""Turns a checkpoint's averaged weights into a file to ship.

The values are stored in half precision, which moves mattes by less than one step of 8 bits.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import torch

from u2cam.model.train import checkpoint
from u2cam.model.train.networks import trained_state


def export(source: Path, target: Path) -> tuple[int, str]:
    """Write the averaged weights of a run's checkpoint as a bare state dict of fp16 tensors.

    Returns:
        Size in bytes and sha256 of the file.

    Raises:
        FileNotFoundError: no such checkpoint.
        ValueError: a weight does not fit into half precision.
    """
    state = {}
    for name, value in trained_state(source).items():
        if not value.is_floating_point():
            state[name] = value
            continue
        half = value.half()
        if not torch.isfinite(half).all():
            raise ValueError(f"{source}: {name} is too large for half precision")
        state[name] = half
    checkpoint.save_atomically(state, target)
    content = target.read_bytes()
    return len(content), hashlib.sha256(content).hexdigest()
