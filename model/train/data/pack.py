"""Packed data: the sets of a recipe in one small file, for a machine without the folders.

A ZIP file in the layout of a data folder. Pictures with exact alpha go in as they are; photographs
and scenes are shrunk. Sets take turns until the limit is reached, each in an order by hash, so that
a smaller pack is a part of a larger one and every set keeps its splits.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.datasets.panorama import read_panorama
from u2cam.model.datasets.photo import Image, read_rgb
from u2cam.model.datasets.photo_library import (
    CORE_SUFFIX,
    FURNITURE_SUFFIX,
    files_of,
    wanted_sources,
)
from u2cam.model.datasets.sources import Source
from u2cam.model.datasets.splits import Split
from u2cam.model.train.labels.cache import shrink

MAX_SIDE_PX = 480
"""Photographs and scenes are packed at most this large."""
QUALITY = 82
SPLITS: tuple[Split, ...] = ("train", "validation")
Entries = list[tuple[str, bytes]]


def encode(image: Image, suffix: str) -> bytes:
    """Encode (H, W, 3) RGB or (H, W) grey; `.jpg` and `.webp` with loss."""
    shown = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if image.ndim == 3 else image
    options = {".jpg": [cv2.IMWRITE_JPEG_QUALITY, QUALITY], ".webp": [cv2.IMWRITE_WEBP_QUALITY, 92]}
    _, data = cv2.imencode(suffix, shown, options.get(suffix, []))
    return bytes(data)


def shrink_label(path: Path, like: Image) -> bytes:
    """Shrink a mask or a label to a picture's size."""
    label = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if label is None:
        raise ValueError(f"{path}: not a mask that can be decoded; remove its picture")
    size_wh = (like.shape[1], like.shape[0])
    return encode(np.asarray(cv2.resize(label, size_wh, interpolation=cv2.INTER_NEAREST)), ".png")


def pack_item(source: Source, folder: Path, path: Path) -> Entries:
    """Return the files of a pack that one picture or clip becomes."""
    place = f"{source.folder}/{path.relative_to(folder).parent.as_posix()}"
    if source.kind in ("rgba", "clips"):
        files = sorted(path.glob("*.webp")) if source.kind == "clips" else [path]
        inside = f"{place}/{path.name}" if source.kind == "clips" else place
        layer = path.with_name(path.stem + FURNITURE_SUFFIX)
        furniture = [(f"{place}/{layer.name}", layer.read_bytes())] if layer.is_file() else []
        return [(f"{inside}/{file.name}", file.read_bytes()) for file in files] + furniture
    if source.kind == "panoramas":
        return [(f"{place}/{path.stem}.webp", encode(read_panorama(path), ".webp"))]
    rgb = shrink(read_rgb(path), MAX_SIDE_PX)
    entries = [(f"{place}/{path.stem}.jpg", encode(rgb, ".jpg"))]
    if source.kind == "masks":
        mask = shrink_label(folder / "masks" / f"{path.stem}.png", rgb)
        entries.append((f"{source.folder}/masks/{path.stem}.png", mask))
    elif source.kind == "cores":
        label = path.with_name(path.stem + CORE_SUFFIX)
        entries.append((f"{place}/{label.name}", shrink_label(label, rgb)))
    return entries


def by_hash(source: Source, folder: Path) -> list[Path]:
    """List what a set has for training and validation, in an order by hash of the name."""
    paths = [path for split in SPLITS for path in files_of(source, folder, split)]
    return sorted(paths, key=lambda path: hashlib.sha256(path.stem.encode()).digest())


def in_turns(sources: list[tuple[Source, Path]]) -> Iterator[Entries]:
    """Yield the items of all sets, one of each at a time."""
    queues = [(source, folder, iter(by_hash(source, folder))) for source, folder in sources]
    while queues:
        for queue in list(queues):
            source, folder, paths = queue
            path = next(paths, None)
            if path is None:
                queues.remove(queue)
            else:
                yield pack_item(source, folder, path)


def write_pack(
    target: Path,
    data: Path,
    only: Collection[str],
    folders: Mapping[str, Path],
    *,
    limit_bytes: int,
) -> dict[str, int]:
    """Write a pack of at most `limit_bytes`.

    Args:
        target: the file; complete when it appears.
        data: data folder.
        only: names of the sets.
        folders: sets that lie elsewhere.
        limit_bytes: size of the file at most.

    Returns:
        The number of files by folder.

    Raises:
        FileNotFoundError: none of the sets is there.
    """
    there = [(s, folders.get(s.name, data / s.folder)) for s in wanted_sources(only)]
    there = [(source, folder) for source, folder in there if folder.is_dir()]
    if not there:
        raise FileNotFoundError(f"{data}: none of the recipe's sets is there; give --data")
    counts: dict[str, int] = {}
    used = 22  # The end of a ZIP file's directory.
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".partial")
    with zipfile.ZipFile(part, "w") as pack:
        for entries in in_turns(there):
            # Header and directory name each file once, beside 76 bytes of their own.
            size = sum(len(data) + 2 * len(name) + 76 for name, data in entries)
            if used + size > limit_bytes:
                continue
            used += size
            for name, content in entries:
                info = zipfile.ZipInfo(name.replace("/./", "/"))  # Without the time of day.
                pack.writestr(info, content)
                folder = name.split("/")[0]
                counts[folder] = counts.get(folder, 0) + 1
    part.replace(target)
    return counts


def unpack(source: Path, target: Path) -> Path:
    """Unpack into a data folder, unless that was done before; returns it.

    Raises:
        ValueError: it is no pack.
        FileNotFoundError: there is none.
    """
    if not source.is_file():
        raise FileNotFoundError(f"--packed {source}: no such file; make it with --pack")
    stamp = target / "complete"
    wanted = f"{source.stat().st_size}"
    if not (stamp.is_file() and stamp.read_text() == wanted):
        try:
            with zipfile.ZipFile(source) as pack:
                pack.extractall(target)
        except zipfile.BadZipFile as error:
            raise ValueError(f"--packed {source}: not a file that --pack wrote") from error
        stamp.write_text(wanted)
    return target
