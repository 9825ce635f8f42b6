"""People cut out with soft alpha: rendered ones (stills and clips) and keyed portraits.

A folder of rendered people is laid out as its generator writes it: `manifest.jsonl`, and the files
that it names, a picture for a still and a folder of numbered pictures for a clip. A folder without
a manifest holds stills without tags.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from u2cam.model.datasets import splits
from u2cam.model.datasets.photo import Image
from u2cam.model.datasets.splits import Split

NO_TAGS: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CutoutFiles:
    """One person or group on disk."""

    name: str
    split: Split
    frames: tuple[Path, ...]
    """RGBA pictures with straight colours: one for a still, more for a clip."""
    furniture: Path | None = None
    """RGBA picture of what stands behind and in front of the people, which is background."""
    tags: frozenset[str] = NO_TAGS
    """Words of the renderer's manifest: `close`, `hands`, `sitting`."""

    def read(self) -> Image:
        """Decode the frames: (T, H, W, 4) uint8 RGBA."""
        return np.stack([read_rgba(path) for path in self.frames])


def read_rgba(path: Path) -> Image:
    """Decode a picture with alpha to (H, W, 4) uint8 RGBA; ValueError when it is none."""
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None or image.ndim != 3 or image.shape[2] != 4:
        raise ValueError(f"{path}: wanted a picture with alpha (RGBA); remove it from the data")
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGRA2RGBA), np.uint8)


def list_keyed(folder: Path, split: Split) -> list[CutoutFiles]:
    """List the keyed portraits (`NAME_NUMBER.webp`) of a split, in order."""
    paths = sorted(folder.glob("*.webp"))
    return [CutoutFiles(p.stem, split, (p,)) for p in paths if splits.keyed(p) == split]


def list_rendered(folder: Path, split: Split) -> list[CutoutFiles]:
    """List the rendered people of a split, in order.

    Raises:
        FileNotFoundError: a picture that the manifest names is not there.
    """
    manifest = folder / "manifest.jsonl"
    if manifest.is_file():
        items = [_item(folder, record) for record in _records(manifest)]
    else:
        paths = sorted(folder.glob("*.webp"))
        items = [CutoutFiles(path.stem, splits.rendered(path), (path,)) for path in paths]
    return sorted((i for i in items if i.split == split), key=lambda item: item.name)


def _records(manifest: Path) -> Iterator[dict[str, Any]]:
    """Yield the newest record of each item that has pictures; a line cut short is none."""
    newest: dict[str, dict[str, Any]] = {}
    for line in manifest.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        newest[record["name"]] = record
    return (record for record in newest.values() if "file" in record)


def _item(folder: Path, record: dict[str, Any]) -> CutoutFiles:
    place = folder / record["file"]
    frames = tuple(sorted(place.glob("*.webp"))) if place.is_dir() else (place,)
    if not frames or not frames[0].is_file():
        raise FileNotFoundError(f"{place}: named in {folder.name}/manifest.jsonl, but not there")
    layer = record.get("furniture file")
    return CutoutFiles(
        record["name"],
        splits.rendered(place),
        frames,
        None if layer is None else folder / layer,
        frozenset(record.get("tags", ())),
    )
