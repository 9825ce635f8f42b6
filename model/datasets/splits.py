"""Which pictures, scenes and clips training may use, and which only measure.

Held out is every picture whose number is a multiple of its set's step; held-out pictures belong to
the validation split, by which weights are chosen, and to the test split, which is run once, in
turn. Rendered people are split by hash of their name, so that more of them move nobody.
"""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "validation", "test"]

HELD_OUT_CLIPS = ("outdoor_s32", "talk_d10", "talk_d9")
"""Real clips that are never trained on, never labelled and never used to choose weights."""

PHOTO_STEP = 10
KEYED_STEP = 5
SCENE_STEP = 10
PANORAMA_STEP = 3
RENDERED_SHARE = 0.1
"""Part of the rendered people that are for validation (and, where the renderer's manifest does not
name the test split, another part of this size for the test)."""


def split_of_number(number: int, step: int) -> Split:
    """Return the split of a numbered picture: every `step`-th is held out, for both in turn."""
    if number % step:
        return "train"
    return "validation" if number // step % 2 else "test"


def split_of_rendered(name: str, renderer_split: str | None = None) -> Split:
    """Return the split of a rendered item.

    Args:
        name: of the item: `s010000003`.
        renderer_split: `train` or `test`, what the renderer's manifest says; None without one.
    """
    if renderer_split == "test":
        return "test"
    digest = hashlib.sha256(f"validation/{name}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    if place < RENDERED_SHARE:
        return "validation"
    return "test" if renderer_split is None and place < 2 * RENDERED_SHARE else "train"


def refuse_held_out_clip(name: str) -> None:
    """Raise ValueError where a clip is one of those that only measure."""
    if name in HELD_OUT_CLIPS:
        raise ValueError(
            f"{name}: this clip is set aside for measuring (splits.py) and cannot be trained on; "
            "take it out of the folder or name it with --hold-out"
        )
