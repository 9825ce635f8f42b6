"""The pictures that are drawn from: decoded once and kept in memory.

Layout of a data folder (every part is optional but one with people; see docs/training.md):

- `ccp/images`, `ccp/masks`, `humanseg/images`, `humanseg/masks`: photos with masks of one name.
- `cutouts`: RGBA people.
- `backgrounds`: scenes without people.

The kind of a photo is the name of its folder. Labels that teachers made (`model.train.labels`) are
of the kinds `video`, `webcam` and `street`; which, the user says when they are made. Every tenth
ccp id and background is held out (`splits.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.datasets.photo import (
    IMAGE_SUFFIXES,
    Image,
    Photo,
    feather,
    inpaint_person,
    make_photo,
    read_rgb,
)

CAMERA_KINDS = ("video", "webcam")
"""People in front of a camera: these pictures are a webcam's view as they are."""
SCENE_MAX_SIDE_PX = 720
"""Scenes are kept at most this large."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """What a run may draw: people by kind, and scenes."""

    people: dict[str, list[Photo]]
    scenes: list[Image]
    inpainted: list[Image] = field(default_factory=list)
    """Photos whose person was painted over: more scenes, of a poorer kind."""
    error: dict[str, float] = field(default_factory=dict)
    """How much of a picture a network has wrong, by the picture's name: `hard_examples.py`."""


def is_validation(name: str) -> bool:
    """Return whether a ccp picture (named by its number) belongs to the validation split."""
    return name.isdigit() and int(name) % 10 == 0


def load_masked(folder: Path, kind: str, validation: bool | None) -> list[Photo]:
    """Read `folder/images` with `folder/masks`; `validation` picks a part of the split."""
    photos = []
    for path in sorted((folder / "images").iterdir()):
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        if validation is not None and is_validation(path.stem) != validation:
            continue
        mask = cv2.imread(str(folder / "masks" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise ValueError(f"{path}: has no mask masks/{path.stem}.png beside it")
        rgb = read_rgb(path)
        if mask.shape != rgb.shape[:2]:
            mask = cv2.resize(mask, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
        alpha = feather(np.asarray(mask, np.uint8))
        photo = make_photo(f"{kind}/{path.stem}", kind, rgb, alpha, source=kind)
        if photo is not None:
            photos.append(photo)
    return photos


def load_cutouts(folder: Path) -> list[Photo]:
    """Read RGBA pictures; their colours under zero alpha are not used."""
    photos = []
    for path in sorted(folder.glob("*.png")):
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3 or image.shape[2] != 4:
            continue
        rgb = np.asarray(cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2RGB), np.uint8)
        alpha = np.asarray(image[..., 3], np.uint8, order="C")
        photo = make_photo(f"cutouts/{path.stem}", "cutouts", rgb, alpha, source="cutouts")
        if photo is not None:
            photos.append(photo)
    return photos


def load_scenes(folder: Path, validation: bool) -> list[Image]:
    """Read scenes, every tenth for validation, at most `SCENE_MAX_SIDE_PX` large."""
    scenes = []
    for index, path in enumerate(sorted(folder.iterdir())):
        if path.suffix.lower() in IMAGE_SUFFIXES and (index % 10 == 0) == validation:
            rgb = read_rgb(path)
            scale = min(1.0, SCENE_MAX_SIDE_PX / max(rgb.shape[:2]))
            size_wh = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
            rgb = np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
            scenes.append(rgb)
    return scenes


def load_library(
    data: Path, *, labelled: dict[str, list[Photo]] | None = None, validation: bool = False
) -> Library:
    """Read a data folder.

    Args:
        data: the folder in the layout above.
        labelled: pictures by kind that teachers labelled.
        validation: load the validation split instead of the training one.

    Raises:
        FileNotFoundError: there are no people in the folder.
        ValueError: a picture cannot be decoded, or lacks its mask.
    """
    people: dict[str, list[Photo]] = {}
    if (data / "ccp").is_dir():
        people["ccp"] = load_masked(data / "ccp", "ccp", validation)
    if not validation:
        if (data / "humanseg").is_dir():
            people["humanseg"] = load_masked(data / "humanseg", "humanseg", None)
        if (data / "cutouts").is_dir():
            people["cutouts"] = load_cutouts(data / "cutouts")
        people |= labelled or {}
    people = {kind: photos for kind, photos in people.items() if photos}
    if not people:
        raise FileNotFoundError(
            f"{data}: no training pictures; expected ccp, humanseg or cutouts (docs/training.md)"
        )
    scenes: list[Image] = []
    if (data / "backgrounds").is_dir():
        scenes = load_scenes(data / "backgrounds", validation)
    inpainted: list[Image] = []
    for kind in ("ccp", "humanseg") if not validation else ():
        inpainted.extend(inpaint_person(p.rgb[0], p.alpha[0]) for p in people.get(kind, []))
    return Library(people, scenes, inpainted)
