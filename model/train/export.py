"""`python -m u2cam.model.train.export`: turn a checkpoint's averaged weights into a file to ship.

The values are stored in half precision, which moves mattes by less than one step of 8 bits.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import torch
from torch import Tensor

from u2cam.model.train import checkpoint
from u2cam.model.train.networks import trained_state


def export(
    source: Path, target: Path, before: Path | None = None, share: float = 1.0
) -> tuple[int, str]:
    """Write the averaged weights of `source` as a bare state dict of fp16 tensors.

    With the weights that a run was fine-tuned from, the mean of the two weighted by `share`: on
    a straight line between them networks are often better than at either end (Wortsman et al.,
    "Robust fine-tuning of zero-shot models", arXiv 2109.01903).

    Args:
        source: checkpoint of a run.
        target: file to write.
        before: the weights the run began with, a checkpoint or a `.pth` file; None: `source` alone.
        share: of `source` in the mean, in (0, 1].

    Returns:
        Size in bytes and sha256 of the file.

    Raises:
        FileNotFoundError: no such checkpoint.
        ValueError: a weight does not fit into half precision, the checkpoints are of different
            networks, or the share is out of range.
    """
    if not 0 < share <= 1:
        raise ValueError(f"--share: wanted more than 0, at most 1, got {share:g}")
    average = trained_state(source)
    if before is not None:
        average = _mean(average, trained_state(before), share, f"{source}, {before}")
    state = {}
    for name, value in average.items():
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


def _mean(
    after: dict[str, Tensor], before: dict[str, Tensor], share: float, who: str
) -> dict[str, Tensor]:
    if {n: v.shape for n, v in after.items()} != {n: v.shape for n, v in before.items()}:
        raise ValueError(f"{who}: checkpoints of different networks have no mean")
    return {
        name: torch.lerp(before[name].float(), value.float(), share)
        if value.is_floating_point()
        else value
        for name, value in after.items()
    }


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(prog="python -m u2cam.model.train.export", description=__doc__)
    parser.add_argument("checkpoint", type=Path, help="a run's best_*.pt or step_*.pt")
    parser.add_argument("weights", type=Path, help="the .pth file to write")
    parser.add_argument(
        "--before", type=Path, help="the weights that the run began with: write a mean of both"
    )
    parser.add_argument("--share", type=float, default=0.5, help="of CHECKPOINT in that mean")
    options = parser.parse_args()
    share = 1.0 if options.before is None else options.share
    try:
        size, digest = export(options.checkpoint, options.weights, options.before, share)
    except (FileNotFoundError, ValueError) as error:
        parser.error(str(error))
    print(f"{options.weights}: {size} bytes, sha256 {digest}")


if __name__ == "__main__":
    main()
