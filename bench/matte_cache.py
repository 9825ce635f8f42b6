"""Mattes of a network, kept in a folder: it takes far longer than what is measured on them."""

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from u2cam import model


def fingerprint(weights: str) -> str:
    """Name what mattes come from: changes with the weights and with any line of `model/`."""
    package = Path(model.__path__[0])
    sources = [*sorted(package.rglob("*.py")), *sorted(package.glob("pretrained/*.pth"))]
    digest = hashlib.sha256()
    for path in [*sources, Path(weights)]:
        if path.is_file():
            digest.update(path.read_bytes())
    return f"{Path(weights).stem}-{digest.hexdigest()[:8]}"


def mattes_of_frames(
    cache: Path, name: str, frames: NDArray[np.uint8], weights: str
) -> NDArray[np.float32]:
    """Return a network's mattes (N, h, w), from the cache where they are there.

    Args:
        cache: the folder; made where it is not there.
        name: what the frames are, once for all.
        frames: (N, H, W, 3) uint8 RGB, in order.
        weights: a file, or a network's name.
    """
    path = cache / f"{name}-{fingerprint(weights)}.npy"
    if not path.exists():
        # Imported here: with a full cache the measuring needs no torch.
        from u2cam.core.frame import single_frame
        from u2cam.model.build import build_matter
        from u2cam.model.settings import ModelSettings

        matter = build_matter(ModelSettings(name=weights, device="cpu"))
        mattes = np.stack([matter.matte(single_frame(image)) for image in frames])
        cache.mkdir(parents=True, exist_ok=True)
        np.save(path, mattes.astype(np.float16))
    return np.asarray(np.load(path), np.float32)
