"""What is measured on: a still or a clip, with exact mattes or without any."""

from __future__ import annotations

from dataclasses import dataclass

from u2cam.model.datasets.photo import Image

CLIP_FPS = 30


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """Frames and mattes that belong together."""

    name: str
    set_name: str
    """The set that it belongs to: `keyed clips`."""
    frames: Image
    """(T, H, W, 3) uint8 RGB; T is 1 for a still."""
    alpha: Image | None
    """(T, H, W) uint8; None where the truth is not known."""
    kinds: frozenset[str] = frozenset()
    """What it shows, from `kinds.KINDS`."""
