"""`python -m model.train.export`: turn a checkpoint's averaged weights into a file to ship.

The values are stored in half precision, which moves mattes by less than one step of 8 bits.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import torch

from model.train import checkpoint


def export(source: Path, target: Path) -> tuple[int, str]:
    """Write the averaged weights of `source` as a bare state dict of fp16 tensors.

    Returns:
        Size in bytes and sha256 of the file.

    Raises:
        FileNotFoundError: no such checkpoint.
        ValueError: a weight does not fit into half precision.
    """
    state = {}
    for name, value in checkpoint.load(source)["average"].items():
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


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(prog="python -m model.train.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a run's best_*.pt or step_*.pt")
    parser.add_argument("weights", type=Path, help="the .pth file to write")
    options = parser.parse_args()
    size, digest = export(options.checkpoint, options.weights)
    print(f"{options.weights}: {size} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
