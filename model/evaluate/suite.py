"""The fixed sets: rendered people, keyed portraits, photographs, real clips.

A set is a pure function of the data folder, the split and the seed. What training may use, and
what belongs to which split, says `u2cam.model.datasets.splits`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from u2cam.model.datasets import splits
from u2cam.model.datasets.photo import IMAGE_SUFFIXES, Image, feather, read_rgb, spread_foreground
from u2cam.model.datasets.splits import Split
from u2cam.model.datasets.video_frames import video_frames
from u2cam.model.evaluate.composites import Layer, compose, crop_scene, scene_size
from u2cam.model.evaluate.cutouts import CutoutFiles, list_keyed, list_rendered, read_rgba
from u2cam.model.evaluate.kinds import kinds_of
from u2cam.model.evaluate.panorama import draw_view, read_panorama
from u2cam.model.evaluate.placing import place_portrait, place_rendered, place_standing
from u2cam.model.evaluate.sequence import Sequence

Item = TypeVar("Item", CutoutFiles, Path)

SIZE_WH = (512, 288)
"""Of all composites: that of rendered people, and the one by which video matting is compared."""
EXACT = ("rendered stills", "rendered clips", "keyed stills", "keyed clips")
PHOTOGRAPHS, REAL = "photographs", "real clips"
VIEW_SHARE = 0.4
"""Part of the scenes that are views of panoramas, where there are any."""
ASIDE_SHARE = 0.15
"""Part of the keyed portraits that the frame's side cuts."""
SECOND_PERSON_SHARE = 0.15
REAL_FIRST, REAL_FRAMES = 20, 40


@dataclass(frozen=True, slots=True)
class Counts:
    """How many sequences a set has, and how long its clips are."""

    rendered_stills: int = 60
    rendered_clips: int = 12
    keyed_stills: int = 60
    keyed_clips: int = 12
    photographs: int = 60
    clip_frames: int = 12


@dataclass(frozen=True, slots=True, eq=False)
class Scenes:
    """Scenes without people of one split."""

    photographs: list[Image]
    panoramas: list[Image]

    def draw(self, rng: np.random.Generator) -> Image:
        """Draw a scene that is large enough to be behind frames of `SIZE_WH`."""
        size_wh = scene_size(SIZE_WH)
        if self.panoramas and rng.random() < VIEW_SHARE:
            return draw_view(self.panoramas[int(rng.integers(len(self.panoramas)))], size_wh, rng)
        return crop_scene(self.photographs[int(rng.integers(len(self.photographs)))], size_wh, rng)


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the data are; what is None or missing is left out."""

    data: Path
    rendered: Path | None = None
    panoramas: Path | None = None
    clips: Path | None = None


def load_scenes(folders: Folders, split: Split) -> Scenes:
    """Read the scenes of a split.

    Raises:
        FileNotFoundError: there are none.
    """
    place = folders.data / "backgrounds"
    files = sorted(place.iterdir()) if place.is_dir() else []
    found = [
        read_rgb(path)
        for path in files
        if path.suffix.lower() in IMAGE_SUFFIXES and splits.scene(path) == split
    ]
    if not found:
        raise FileNotFoundError(f"{place}: no scenes of the {split} split there (docs/training.md)")
    panoramas = sorted(folders.panoramas.glob("*.hdr")) if folders.panoramas else []
    views = [read_panorama(path) for path in panoramas if splits.scene(path) == split]
    return Scenes(found, views)


class Suite:
    """Draws the sequences of a split, one after the other."""

    def __init__(
        self, folders: Folders, split: Split, *, seed: int = 0, counts: Counts | None = None
    ) -> None:
        """List what is there.

        Raises:
            FileNotFoundError: there are no scenes, or no people.
        """
        cv2.setNumThreads(1)
        self.split, self.seed, self.counts = split, seed, counts or Counts()
        self._folders = folders
        self._scenes = load_scenes(folders, split)
        rendered = list_rendered(folders.rendered, split) if folders.rendered else []
        self._stills = [item for item in rendered if len(item.frames) == 1]
        self._clips = [item for item in rendered if len(item.frames) > 1]
        self._keyed = list_keyed(folders.data / "keyed", split)
        images = folders.data / "ccp" / "images"
        self._photos = [
            path
            for path in (sorted(images.iterdir()) if images.is_dir() else [])
            if splits.photo(path) == split
        ]
        if not (rendered or self._keyed or self._photos):
            raise FileNotFoundError(
                f"{folders.data}: no people of the {split} split; wanted keyed, rendered or ccp"
            )

    def sequences(self) -> Iterator[Sequence]:
        """Draw all sets."""
        yield from itertools.chain(
            self.rendered(), self.keyed(), self.photographs(), self.real_clips()
        )

    def rendered(self) -> Iterator[Sequence]:
        """Draw rendered stills and clips, framed by their own camera, over scenes."""
        counts = self.counts
        for set_name, items, most in (
            (EXACT[0], self._stills, counts.rendered_stills),
            (EXACT[1], self._clips, counts.rendered_clips),
        ):
            for index in range(min(most, len(items))):
                rng = self._rng(set_name, index)
                item = self._turn(set_name, items, index)
                furniture = None if item.furniture is None else read_rgba(item.furniture)
                layer = place_rendered(item.read(), furniture, SIZE_WH)
                frames = len(layer.frames)
                yield self._composite(set_name, item.name, [layer], frames, rng, tags=item.tags)

    def keyed(self, *, stills: bool = True) -> Iterator[Sequence]:
        """Draw keyed portraits over scenes, as stills and as drifting clips."""
        counts = self.counts
        for set_name, count, frames in (
            (EXACT[2], counts.keyed_stills if stills else 0, 1),
            (EXACT[3], counts.keyed_clips, counts.clip_frames),
        ):
            for index in range(count if self._keyed else 0):
                rng = self._rng(set_name, index)
                item = self._turn(set_name, self._keyed, index)
                aside = rng.random() < ASIDE_SHARE
                layers = [place_portrait(item.read()[0], SIZE_WH, rng, aside=aside)]
                if rng.random() < SECOND_PERSON_SHARE:
                    other = self._keyed[int(rng.integers(len(self._keyed)))]
                    layers.insert(0, place_portrait(other.read()[0], SIZE_WH, rng, aside=True))
                name = f"{item.name}_{index:03d}"
                drift = 0.0 if frames == 1 else 1.0
                yield self._composite(set_name, name, layers, frames, rng, drift=drift)

    def photographs(self) -> Iterator[Sequence]:
        """Draw people cut from street photographs by hand-made masks over scenes, as stills."""
        for index in range(self.counts.photographs if self._photos else 0):
            rng = self._rng(PHOTOGRAPHS, index)
            path = self._turn(PHOTOGRAPHS, self._photos, index)
            layer = place_standing(read_photo(path), SIZE_WH, rng)
            yield self._composite(PHOTOGRAPHS, f"{path.stem}_{index:03d}", [layer], 1, rng)

    def real_clips(self) -> Iterator[Sequence]:
        """Read the clips that were set aside, without mattes; long side as in the composites."""
        for name in splits.HELD_OUT_CLIPS if self._folders.clips else ():
            path = Path(self._folders.clips or "") / f"{name}.mp4"
            frames = []
            for _, frame in itertools.islice(
                video_frames(path), REAL_FIRST, REAL_FIRST + REAL_FRAMES
            ):
                scale = min(1.0, SIZE_WH[0] / max(frame.shape[:2]))
                size_wh = (round(frame.shape[1] * scale), round(frame.shape[0] * scale))
                frames.append(cv2.resize(frame, size_wh, interpolation=cv2.INTER_AREA))
            yield Sequence(name, REAL, np.asarray(np.stack(frames), np.uint8), None)

    def _rng(self, set_name: str, index: int) -> np.random.Generator:
        words = np.frombuffer(f"{set_name}/{self.split}".encode(), np.uint8).tolist()
        return np.random.default_rng((self.seed, *words, index))

    def _turn(self, set_name: str, items: list[Item], index: int) -> Item:
        """Take items in a drawn order, each as often as any other."""
        lap, place = divmod(index, len(items))
        order = self._rng(f"{set_name}/order", lap).permutation(len(items))
        return items[int(order[place])]

    def _composite(
        self,
        set_name: str,
        name: str,
        layers: list[Layer],
        count: int,
        rng: np.random.Generator,
        *,
        drift: float = 0.0,
        tags: frozenset[str] = frozenset(),
    ) -> Sequence:
        frames, alpha = compose(layers, self._scenes.draw(rng), SIZE_WH, count, rng, drift=drift)
        kinds = kinds_of(frames[0], alpha[0], tags)
        return Sequence(name, set_name, frames, alpha, kinds)


def read_photo(path: Path) -> Image:
    """Cut a person from a photograph by its mask; returns (H, W, 4) straight RGBA.

    Raises:
        ValueError: the mask is missing.
    """
    mask = cv2.imread(str(path.parents[1] / "masks" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE)
    if mask is None:
        raise ValueError(f"{path}: has no mask masks/{path.stem}.png beside it")
    rgb = read_rgb(path)
    if mask.shape != rgb.shape[:2]:
        mask = cv2.resize(mask, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
    alpha = feather(np.asarray(mask, np.uint8))
    return np.dstack((spread_foreground(rgb, alpha), alpha))


def folder(path: Path) -> Iterator[Sequence]:
    """Read `path/images` with mattes or masks of the same name in `path/masks` (PNG)."""
    if not (path / "images").is_dir():
        raise FileNotFoundError(f"{path}: wanted folders images and masks inside it")
    for picture in sorted((path / "images").iterdir()):
        if picture.suffix.lower() not in IMAGE_SUFFIXES:
            continue
        mask = cv2.imread(str(path / "masks" / f"{picture.stem}.png"), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise FileNotFoundError(f"{picture}: has no masks/{picture.stem}.png")
        rgb = read_rgb(picture)
        if mask.shape != rgb.shape[:2]:
            mask = cv2.resize(mask, (rgb.shape[1], rgb.shape[0]), interpolation=cv2.INTER_AREA)
        alpha = np.asarray(mask, np.uint8)
        yield Sequence(
            picture.stem, "folder", rgb[None], alpha[None], kinds_of(rgb, alpha, frozenset())
        )
