"""The pictures that are drawn from: decoded once and kept in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.datasets.panorama import read_panorama
from u2cam.model.datasets.photo import (
    CORE,
    IMAGE_SUFFIXES,
    UNKNOWN,
    Image,
    Photo,
    feather,
    inpaint_person,
    make_photo,
    mask_regions,
    pyramid,
    read_rgb,
    read_rgba,
    spread_foreground,
)
from u2cam.model.datasets.sources import PEOPLE, SOURCES, SPREAD, Source, find_source
from u2cam.model.datasets.splits import Split

SCENE_MAX_SIDE_PX = 720
"""Scenes are kept at most this large."""
FURNITURE_SUFFIX = ".furniture.webp"
CORE_SUFFIX = ".core.png"
RENDERED_SCENES = ("rooms", "negatives")
"""Folders that the renderer writes beside its people; they are sets of their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """What a run may draw: people and scenes by the name of their set."""

    people: dict[str, list[Photo]]
    scenes: dict[str, list[Image]] = field(default_factory=dict)
    """Pictures (H, W, 3); of `panoramas` what `panorama.draw_view` takes, of `objects` RGBA."""

    def describe(self) -> str:
        """Return one line with the number of pictures of every set."""
        counts = {name: len(found) for name, found in (self.people | self.scenes).items()}
        return ", ".join(f"{name} {count}" for name, count in counts.items())


def load_library(
    data: Path,
    split: Split = "train",
    *,
    only: Collection[str] | None = None,
    folders: Mapping[str, Path] | None = None,
) -> Library:
    """Read the sets of one split.

    Args:
        data: folder with the sets, see `sources.py`.
        split: which part of each set.
        only: names of sets; None: all whose licence is known, and `own` scenes.
        folders: sets that lie elsewhere.

    Raises:
        FileNotFoundError: there are no people of this split.
        ValueError: a picture cannot be decoded, or lacks its mask.
    """
    people: dict[str, list[Photo]] = {}
    scenes: dict[str, list[Image]] = {}
    for source in wanted_sources(only):
        folder = (folders or {}).get(source.name, data / source.folder)
        if not folder.is_dir():
            continue
        if source.name in PEOPLE:
            photos = [p for p in read_people(source, folder, split) if p is not None]
            if photos:
                people[source.name] = photos
        else:
            found = [read_scene(source, path) for path in files_of(source, folder, split)]
            if found:
                scenes[source.name] = found
    if not people:
        raise FileNotFoundError(
            f"{data}: no people of the {split} split; expected folders as in docs/training.md"
        )
    if only is None or "own" in only:
        masked = [p for name in people if find_source(name).kind == "masks" for p in people[name]]
        own = [inpaint_person(p.rgb[0], p.alpha[0]) for p in masked if p.rgb is not None]
        if own:
            scenes["own"] = own
    return Library(people, scenes)


def wanted_sources(only: Collection[str] | None) -> list[Source]:
    """Return the sets of these names, or all whose licence is known."""
    if only is None:
        return [source for source in SOURCES if source.licence is not None]
    return [source for source in SOURCES if source.name in only]


def files_of(source: Source, folder: Path, split: Split) -> list[Path]:
    """List the pictures (of clips: their folders) of a set that belong to a split."""
    place = folder / "images" if source.kind == "masks" else folder
    if source.kind == "clips":
        found = [p for p in place.rglob("*") if p.suffix != ".part" and any(p.glob("00.*"))]
    else:
        found = [
            path
            for path in place.rglob("*")
            if path.suffix.lower() in (*IMAGE_SUFFIXES, ".hdr")
            and not path.name.endswith((FURNITURE_SUFFIX, CORE_SUFFIX))
            and not (source.name == "rendered" and path.stem.isdigit())
            and not (source.kind == "rgba" and path.parent.name in RENDERED_SCENES)
        ]
    return sorted(path for path in found if source.split(path) == split)


def read_people(source: Source, folder: Path, split: Split) -> Iterator[Photo | None]:
    """Read the people of a set one by one; None for pictures without any."""
    for path in files_of(source, folder, split):
        name = f"{source.name}/{path.stem}"
        if source.kind == "masks":
            yield read_masked(name, path, folder / "masks" / f"{path.stem}.png")
        elif source.kind == "cores":
            yield read_core(name, path)
        elif source.kind == "clips":
            frames = [read_exact(name, frame) for frame in sorted(path.glob("[0-9]*.webp"))]
            shown = [frame for frame in frames if frame is not None]
            if shown:
                yield make_clip(path, shown)
        else:
            yield read_exact(name, path, spread=source.name in SPREAD)


def read_exact(name: str, path: Path, *, spread: bool = False) -> Photo | None:
    """Read an RGBA picture of a person, and the furniture beside it if there is any."""
    rgba = read_rgba(path)
    alpha = np.ascontiguousarray(rgba[..., 3])
    rgb = np.ascontiguousarray(rgba[..., :3])
    layer = path.with_name(path.stem + FURNITURE_SUFFIX)
    return make_photo(
        name,
        spread_foreground(rgb, alpha) if spread else rgb,
        alpha,
        furniture=read_rgba(layer) if layer.is_file() else None,
    )


def make_clip(path: Path, frames: list[Photo]) -> Photo:
    """Join the frames of a clip, and the furniture that stands still behind all of them."""
    layer = path.with_name(path.name + FURNITURE_SUFFIX)
    furniture = pyramid(read_rgba(layer)) if layer.is_file() else None
    first, *later = [replace(frame, furniture=furniture) for frame in frames]
    return replace(first, later=tuple(later))


def read_masked(name: str, path: Path, mask_path: Path) -> Photo | None:
    """Read a photo with a hand-made mask of its person.

    Raises:
        ValueError: it has none.
    """
    mask = cv2.imread(str(mask_path), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise ValueError(f"{path}: has no mask masks/{path.stem}.png beside it")
    rgb = read_rgb(path)
    if mask.shape != rgb.shape[:2]:
        mask = cv2.resize(mask, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
    alpha = feather(np.asarray(mask, np.uint8))
    regions = mask_regions(np.asarray(mask, np.uint8))
    return make_photo(name, spread_foreground(rgb, alpha), alpha, rgb=rgb, regions=regions)


def read_core(name: str, path: Path) -> Photo | None:
    """Read a photo with a teacher's label: 0 background, 255 person, between them unknown.

    Raises:
        ValueError: it has no label.
    """
    label = cv2.imread(str(path.with_name(path.stem + CORE_SUFFIX)), cv2.IMREAD_GRAYSCALE)
    if label is None:
        raise ValueError(f"{path}: has no label {path.stem}{CORE_SUFFIX} beside it")
    rgb = read_rgb(path)
    known = (label < 32) | (label > 223)
    regions = np.where(known, CORE, UNKNOWN).astype(np.uint8)
    return make_photo(name, rgb, np.asarray(label, np.uint8), rgb=rgb, regions=regions)


def read_scene(source: Source, path: Path) -> Image:
    """Read a scene or an object, at most `SCENE_MAX_SIDE_PX` large, or a panorama."""
    if source.kind == "panoramas":
        return read_panorama(path)
    rgb = read_rgba(path) if source.kind == "objects" else read_rgb(path)
    scale = min(1.0, SCENE_MAX_SIDE_PX / max(rgb.shape[:2]))
    size_wh = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
