"""Opens whatever is to be measured: a registered network, a weights file, or a peer's network."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from model.build import build_matter
from model.evaluate.peers import RgbToAlpha, mediapipe, onnx_u2net
from model.settings import ModelSettings


class Contender(Protocol):
    """Gives mattes of the picture's size."""

    name: str

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) uint8 RGB to (H, W) float32 in [0, 1]."""

    def reset(self) -> None:
        """Forget the frames before."""


class RegisteredContender:
    """One of our networks, run exactly as the program runs it."""

    def __init__(self, name: str, *, still: bool, threads: int) -> None:
        """Open a name of the registry or a `.pth` file; `still` treats each picture alone."""
        self.name = Path(name).stem if name.endswith(".pth") else name
        settings = ModelSettings(name=name, device="cpu", precision="fp32", threads=threads)
        self._matter = build_matter(settings, still=still)

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Run the matter and scale its matte to the picture."""
        alpha = self._matter.matte(rgb)
        size_wh = (rgb.shape[1], rgb.shape[0])
        full = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_LINEAR)
        return np.clip(full, 0, 1).astype(np.float32)

    def reset(self) -> None:
        """Forget the previous matte."""
        self._matter.reset()


class PeerContender:
    """Another program's network; it remembers nothing."""

    def __init__(self, name: str, run: RgbToAlpha) -> None:
        """Wrap a function from picture to matte."""
        self.name = name
        self.matte = run

    def reset(self) -> None:
        """Do nothing."""


def open_contender(what: str, *, still: bool, threads: int = 2) -> Contender:
    """Open a registered name, or a `.pth`, `.tflite` or `.onnx` file.

    Raises:
        ValueError: no such name or a foreign file.
        FileNotFoundError: no such file.
        ModuleNotFoundError: the extra that runs it is not installed.
    """
    path = Path(what)
    if path.suffix == ".tflite":
        return PeerContender(path.stem, mediapipe(path, threads))
    if path.suffix == ".onnx":
        return PeerContender(path.stem, onnx_u2net(path, threads))
    return RegisteredContender(what, still=still, threads=threads)
