"""The pictures that training draws from: decoded once, kept in memory with half and quarter sizes.

Layout of a data folder (every part is optional but `people`; see docs/training.md):

- `ccp/images`, `ccp/masks`, `humanseg/images`, `humanseg/masks`: photos with masks of one name.
- `cutouts`: RGBA people.
- `backgrounds`: scenes without people.
- a folder of soft targets from `model.train.labels.teachers`: `NAME.jpg`, `.alpha.png`,
  `.weight.png`.

Validation is every ccp id and every background divisible by 10.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

LEVELS = 3
FEATHER_SIGMA_PX = 0.9
CORE_ALPHA = 250
WHOLE_KINDS = ("clip", "soft_webcam")
"""Pictures that a camera took of somebody before it: as they are, they are a webcam's view."""
IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One picture of a person at full, half and quarter size; all arrays uint8."""

    name: str
    kind: str
    rgb: tuple[Image, ...]
    """(H, W, 3) as taken: the real background is still there."""
    foreground: tuple[Image, ...]
    """(H, W, 3) with the person's colours spread outwards over the old background."""
    alpha: tuple[Image, ...]
    weight: tuple[Image, ...] | None
    """Belief in alpha, 255 full; None for hand-made masks."""
    box: tuple[int, int, int, int]
    """Left, top, right, bottom of the person in pixels of full size."""
    head_x: float
    """Horizontal centre of the top of the person in pixels of full size."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """What a run may draw: people by kind and scenes."""

    people: dict[str, list[Photo]]
    scenes: list[Image]
    filled: list[Image] = field(default_factory=list)
    """Photos of people whose person was painted over: more scenes, of a poorer kind."""
    wrong: dict[str, float] = field(default_factory=dict)
    """How much of a picture a network has wrong, by the picture's name: `lapses.py`."""


def read_rgb(path: Path) -> Image:
    """Decode an image file to (H, W, 3) uint8 RGB; ValueError when it is none."""
    image_bgr = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image_bgr is None:
        raise ValueError(f"{path}: not a picture that can be decoded; remove it from the data")
    return np.asarray(cv2.cvtColor(image_bgr, cv2.COLOR_BGR2RGB), np.uint8)


def pyramid(image: Image) -> tuple[Image, ...]:
    """Full, half and quarter size, so that small crops do not alias."""
    levels = [np.ascontiguousarray(image)]
    for _ in range(LEVELS - 1):
        last = levels[-1]
        size_wh = (max(1, last.shape[1] // 2), max(1, last.shape[0] // 2))
        levels.append(np.asarray(cv2.resize(last, size_wh, interpolation=cv2.INTER_AREA), np.uint8))
    return tuple(levels)


def spread_foreground(rgb: Image, alpha: Image) -> Image:
    """Replace colours at and outside the edge by those of the nearby sure foreground.

    A normalised box blur of the opaque pixels; without it a pasted person carries a rim of the
    old background and the network learns halos.
    """
    opaque = (alpha >= CORE_ALPHA).astype(np.uint8)
    core = np.asarray(cv2.erode(opaque, np.ones((3, 3), np.uint8)), np.uint8)
    small_wh = (max(1, alpha.shape[1] // 2), max(1, alpha.shape[0] // 2))
    share = core.astype(np.float32)
    weight = cv2.resize(share, small_wh, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(rgb * share[..., None], small_wh, interpolation=cv2.INTER_AREA)
    spread = cv2.resize(rgb, small_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    for size in (21, 7, 3):
        near = np.reshape(cv2.blur(weight, (size, size)), (*weight.shape, 1))
        mean = cv2.blur(colour, (size, size)) / np.maximum(near, np.float32(1e-4))
        spread = np.where(near > 0.02, mean, spread)
    wide = cv2.resize(spread, (alpha.shape[1], alpha.shape[0]), interpolation=cv2.INTER_LINEAR)
    outside = np.clip(wide, 0, 255).astype(np.uint8)
    return np.asarray(np.where(core[..., None] > 0, rgb, outside), np.uint8)


def fill_person(rgb: Image, alpha: Image) -> Image:
    """Make a scene of a photo at half size: the person is replaced by the mirrored picture."""
    size_wh = (max(8, rgb.shape[1] // 2), max(8, rgb.shape[0] // 2))
    small = cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA).astype(np.float32)
    mask = cv2.resize(alpha, size_wh, interpolation=cv2.INTER_AREA)
    grown = cv2.dilate((mask > 8).astype(np.float32), np.ones((9, 9), np.uint8))
    mask = np.asarray(grown, np.float32)
    free = 1 - mask
    mirrored_free = free[:, ::-1] * mask
    result = small * free[..., None] + small[:, ::-1] * mirrored_free[..., None]
    known = free + mirrored_free
    size = max(9, int(0.6 * size_wh[0]) | 1)
    weight = cv2.blur(known, (size, size))
    blurred = cv2.blur(result, (size, size)) / np.maximum(weight, 1e-3)[..., None]
    mix = cv2.GaussianBlur(known, (0, 0), 2)[..., None]
    soft = np.minimum(mix * known[..., None] * 1.2, 1)
    return np.asarray(np.clip(result * soft + blurred * (1 - soft), 0, 255), np.uint8)


def make_photo(
    name: str, kind: str, rgb: Image, alpha: Image, weight: Image | None = None
) -> Photo | None:
    """Prepare one picture; None when nobody is in it (less than one part in 200 of the area)."""
    person = alpha > 127
    if person.mean() < 0.005:
        return None
    rows = np.flatnonzero(person.any(axis=1))
    columns = np.flatnonzero(person.any(axis=0))
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    head = person[top : top + max(2, (bottom - top) // 8)]
    head_columns = np.flatnonzero(head.any(axis=0))
    head_x = float(np.average(np.arange(head.shape[1]), weights=head.sum(axis=0)))
    if head_columns.size == 0:
        return None
    return Photo(
        name=name,
        kind=kind,
        rgb=pyramid(rgb),
        foreground=pyramid(spread_foreground(rgb, alpha)),
        alpha=pyramid(alpha),
        weight=None if weight is None else pyramid(weight),
        box=(int(columns[0]), top, int(columns[-1]) + 1, bottom),
        head_x=head_x,
    )


def feather(mask: Image) -> Image:
    """Give a binary mask a soft edge of about two pixels."""
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), FEATHER_SIGMA_PX), np.uint8)


def is_validation(name: str) -> bool:
    """Whether a ccp picture (named by its number) belongs to the validation split."""
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
        photo = make_photo(path.stem, kind, rgb, feather(np.asarray(mask, np.uint8)))
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
        photo = make_photo(path.stem, "cutouts", rgb, np.ascontiguousarray(image[..., 3]))
        if photo is not None:
            photos.append(photo)
    return photos


def load_soft_targets(folder: Path) -> dict[str, list[Photo]]:
    """Read what the teachers wrote, as kinds `clip`, `soft_webcam` and `soft_street`."""
    people: dict[str, list[Photo]] = {"clip": [], "soft_webcam": [], "soft_street": []}
    for seal in sorted(folder.glob("*.weight.png")):
        name = seal.name.removesuffix(".weight.png")
        weight = cv2.imread(str(seal), cv2.IMREAD_GRAYSCALE)
        alpha = cv2.imread(str(folder / f"{name}.alpha.png"), cv2.IMREAD_GRAYSCALE)
        if alpha is None or weight is None or weight.mean() < 180:
            continue
        kind = "soft_webcam"
        if name.startswith("ccp"):
            kind = "soft_street"
        elif name.startswith(("talk", "outdoor")):
            kind = "clip"
        photo = make_photo(
            name,
            kind,
            read_rgb(folder / f"{name}.jpg"),
            np.asarray(alpha, np.uint8),
            np.asarray(weight, np.uint8),
        )
        if photo is not None:
            people[kind].append(photo)
    return people


def load_scenes(folder: Path, validation: bool) -> list[Image]:
    """Read scenes, every tenth for validation, at most 640 px wide."""
    scenes = []
    for index, path in enumerate(sorted(folder.iterdir())):
        if path.suffix.lower() in IMAGE_SUFFIXES and (index % 10 == 0) == validation:
            rgb = read_rgb(path)
            scale = min(1.0, 720 / max(rgb.shape[:2]))
            size_wh = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
            rgb = np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
            scenes.append(rgb)
    return scenes


def load_library(data: Path, soft_targets: Path | None, validation: bool = False) -> Library:
    """Read a data folder.

    Args:
        data: the folder in the layout above.
        soft_targets: folder that the teachers wrote, or None.
        validation: load the validation split instead of the training one.

    Raises:
        FileNotFoundError: the folder has nobody in it.
    """
    people: dict[str, list[Photo]] = {}
    if (data / "ccp").is_dir():
        people["ccp"] = load_masked(data / "ccp", "ccp", validation)
    if not validation:
        if (data / "humanseg").is_dir():
            people["humanseg"] = load_masked(data / "humanseg", "humanseg", None)
        if (data / "cutouts").is_dir():
            people["cutouts"] = load_cutouts(data / "cutouts")
        if soft_targets is not None and soft_targets.is_dir():
            people.update(load_soft_targets(soft_targets))
    people = {kind: photos for kind, photos in people.items() if photos}
    if not people:
        raise FileNotFoundError(
            f"{data}: no training pictures; expected ccp, humanseg or cutouts (docs/training.md)"
        )
    scenes: list[Image] = []
    if (data / "backgrounds").is_dir():
        scenes = load_scenes(data / "backgrounds", validation)
    filled: list[Image] = []
    for kind in ("ccp", "humanseg") if not validation else ():
        filled.extend(fill_person(p.rgb[0], p.alpha[0]) for p in people.get(kind, []))
    return Library(people, scenes, filled)
