"""Opens a network as a function of pictures: a registered one, a file of weights, or a baseline."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.build import build_matter
from u2cam.model.candidates.baselines import RgbToAlpha, mediapipe, onnx_u2net
from u2cam.model.candidates.rvm import RvmCandidate
from u2cam.model.settings import ModelSettings


class Candidate(Protocol):
    """Makes mattes of the picture's size."""

    name: str

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(H, W, 3) uint8 RGB to (H, W) float32 in [0, 1]."""

    def reset(self) -> None:
        """Clear the recurrent input: the next frame begins a video."""


class NetworkCandidate:
    """One of our networks, with the pre- and post-processing of the program."""

    def __init__(self, name: str, matter: Matter) -> None:
        """Wrap a matter under a name."""
        self.name = name
        self._matter = matter

    def matte(self, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Scale the matte to the picture."""
        alpha = self._matter.matte(single_frame(rgb))
        size_wh = (rgb.shape[1], rgb.shape[0])
        full = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_LINEAR)
        return np.clip(full, 0, 1).astype(np.float32)

    def reset(self) -> None:
        """Clear the recurrent input."""
        self._matter.reset()


class BaselineCandidate:
    """Another program's network; it is stateless."""

    def __init__(self, name: str, run: RgbToAlpha) -> None:
        """Wrap a function from picture to matte under a name."""
        self.name = name
        self.matte = run

    def reset(self) -> None:
        """Do nothing."""


def open_candidate(what: str, *, still: bool, threads: int = 2, region: bool = False) -> Candidate:
    """Open a registered name, or a `.pth`, `.tflite` or `.onnx` file.

    Args:
        what: the name or file.
        still: frames are photos that have nothing to do with each other.
        threads: of the network.
        region: give the network the part of a frame with the person, as a run does.

    Raises:
        ValueError: no such name, or the file is of another network.
        FileNotFoundError: no such file.
        ModuleNotFoundError: the extra that runs it is not installed.
    """
    path = Path(what)
    if path.suffix == ".tflite":
        return BaselineCandidate(path.stem.replace("_", " "), mediapipe(path, threads))
    if path.suffix == ".onnx":
        return BaselineCandidate(path.stem, onnx_u2net(path, threads))
    settings = ModelSettings(name=what, device="cpu", precision="fp32", threads=threads)
    name = path.stem if path.suffix == ".pth" else what
    matter = build_matter(settings, still=still, region=region)
    return NetworkCandidate(f"{name}, as in a run" if region else name, matter)


def open_peers(folder: Path, threads: int = 2) -> list[Candidate]:
    """Open what a folder has: RVM (`rvm/rvm.py`) and MediaPipe's networks (`*.tflite`).

    Raises:
        FileNotFoundError: neither is there.
        ModuleNotFoundError: `ai-edge-litert` is not installed.
    """
    found: list[Candidate] = []
    if (folder / "rvm").is_dir():
        found.append(RvmCandidate(folder / "rvm"))
    for path in sorted(folder.glob("*.tflite")):
        found.append(open_candidate(str(path), still=True, threads=threads))
    if not found:
        raise FileNotFoundError(f"{folder}: wanted rvm/rvm.py or .tflite networks there")
    return found
