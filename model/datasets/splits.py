"""Which pictures, scenes and clips training may use, and which only measure.

What is held out belongs to the validation split, by which weights are chosen, or to the test split,
which is run once, for the model card. A split is a function of a name alone, so that neither more
data nor a pack with a part of them moves anything.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal

Split = Literal["train", "validation", "test"]

HELD_OUT_CLIPS = ("outdoor_s32", "talk_d10", "talk_d9")
"""Real clips that are never trained on, never labelled and never used to choose weights."""

FIRST_SCENES = ("Depth-An_", "Human-Se_", "MoGe_", "SuperGlu_", "scene_")
"""How the names of the first 149 scenes begin."""
HELD_OUT_SCENES = (
    "Depth-An_demo01",
    "Depth-An_demo11",
    "Human-Se_4",
    "MoGe_07_Breads",
    "SuperGlu_1341847988.769740",
    *(f"scene_{number:03d}" for number in range(1, 100, 10)),
)
"""Those of them that no weights were ever trained on; the other 134 are for training."""


def photo(path: Path) -> Split:
    """Split numbered photographs: every tenth is held out."""
    return _by_number(path, 10)


def keyed(path: Path) -> Split:
    """Split keyed portraits: every fifth is held out."""
    return _by_number(path, 5)


def rendered(path: Path) -> Split:
    """Split rendered people: the renderer's folder `test`, and of others a tenth for validation.

    Of a folder that the renderer did not split another tenth is for the test.
    """
    place = _place(path)
    if path.parent.name == "test" or (path.parent.name != "train" and place >= 0.9):
        return "test"
    return "validation" if place < 0.1 else "train"


def scene(path: Path) -> Split:
    """Split scenes and panoramas: a tenth by hash, of the first scenes those never trained on."""
    if path.stem.startswith(FIRST_SCENES):
        if path.stem not in HELD_OUT_SCENES:
            return "train"
        return "validation" if HELD_OUT_SCENES.index(path.stem) % 2 else "test"
    if _place(path) >= 0.1:
        return "train"
    return "validation" if _digest(path)[1] % 2 else "test"


def refuse_held_out_clip(path: Path) -> None:
    """Raise ValueError for a clip that only measures, and for a frame that is named after one."""
    for name in (path.parent.name, path.stem):
        if name in HELD_OUT_CLIPS or name.startswith(tuple(f"{c}_" for c in HELD_OUT_CLIPS)):
            raise ValueError(
                f"{path}: this clip is set aside for measuring (splits.py) and cannot be trained "
                "on; take it out"
            )


def _by_number(path: Path, step: int) -> Split:
    """Hold out every `step`-th number that a name ends in, for validation and test in turn."""
    digits = path.stem.rpartition("_")[2]
    if not digits.isdigit() or int(digits) % step:
        return "train"
    return "validation" if int(digits) // step % 2 else "test"


def _place(path: Path) -> float:
    """Return a number in [0, 1) that depends on the name alone."""
    return _digest(path)[0] / 256


def _digest(path: Path) -> bytes:
    return hashlib.sha256(path.stem.encode()).digest()
