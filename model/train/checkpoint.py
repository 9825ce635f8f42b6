"""Checkpoints: everything a run needs to go on exactly where it was, written atomically."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch

State = dict[str, Any]


def save_atomically(state: State, path: Path) -> None:
    """Write `state` beside `path`, flush it to disk, and rename it over `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def load(path: Path) -> State:
    """Read a checkpoint; only tensors and plain values are accepted.

    Raises:
        FileNotFoundError: there is none.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no checkpoint there")
    state: State = torch.load(path, map_location="cpu", weights_only=True)
    return state
