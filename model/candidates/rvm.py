"""Robust Video Matting (arXiv 2108.11515), measured beside our networks and used for nothing else.

Its weights are the authors' and GPL-3.0. Neither they nor the reader of them are in this package:
`rvm.py` is loaded at run time from the folder that the user names.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

NETWORK_SIDE_PX = 512
"""Long side that the authors' `auto_downsample_ratio` gives the network proper."""


class RvmCandidate:
    """RVM as its authors run it: recurrent state, fp32, their downsample ratio."""

    name = "RVM"

    def __init__(self, folder: Path) -> None:
        """Load the reader and the weights.

        Raises:
            FileNotFoundError: `rvm.py` is not in the folder.
        """
        self._network: Any = load_reader(folder).Rvm(folder)

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) uint8 RGB to (H, W) float32 in [0, 1]."""
        ratio = min(NETWORK_SIDE_PX / max(rgb.shape[:2]), 1.0)
        alpha, _ = self._network(rgb, ratio)
        return np.clip(np.asarray(alpha, np.float32), 0, 1)

    def reset(self) -> None:
        """Clear the recurrent state."""
        self._network.forget()


def load_reader(folder: Path) -> Any:
    """Load `rvm.py` from a folder; FileNotFoundError where it is not there."""
    path = folder / "rvm.py"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: wanted the reader of RVM's weights there")
    spec = importlib.util.spec_from_file_location("rvm_reader", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
