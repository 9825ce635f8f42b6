"""Labels on disk: made once by the teachers, read like any other matte.

A folder of labels is laid out as `KIND/SOURCE/NAME.jpg` with `NAME.alpha.png` (the target) and
`NAME.weight.png` (its label weight). The kind, one of `KINDS`, is what the user says of a source;
names of files mean nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from u2cam.model.candidates.baselines import RgbToAlpha
from u2cam.model.datasets.photo import IMAGE_SUFFIXES, Image, Photo, make_photo, read_rgb
from u2cam.model.datasets.splits import refuse_held_out_clip
from u2cam.model.datasets.video_frames import video_frames
from u2cam.model.train.labels.teachers import combine

KINDS = ("video", "webcam", "street")
"""Frames of a video of a person; photos of people in front of a camera; any other photos."""
MAX_SIDE_PX = 512
"""Labelled pictures are kept at most this large."""
FRAME_STEP = 6
"""One frame in this many of a video is labelled."""
LEAST_MEAN_WEIGHT = 180
"""Pictures whose mean label weight, of 255, is below this are not used."""
WEIGHT_SUFFIX = ".weight.png"


@dataclass(frozen=True, slots=True)
class Source:
    """Pictures without mattes that belong together: one video, or a set of photos."""

    kind: str
    name: str
    files: tuple[Path, ...]

    def pictures(self, done: Set[str]) -> Iterator[tuple[str, Image]]:
        """Yield name and (H, W, 3) pixels of what is to be labelled, without the names `done`."""
        if self.kind == "video":
            for index, frame in video_frames(self.files[0], FRAME_STEP):
                if f"{index:05d}" not in done:
                    yield f"{index:05d}", frame
        else:
            for path in self.files:
                if path.stem not in done:
                    yield path.stem, read_rgb(path)


def photo_source(text: str) -> Source:
    """Read `KIND:NAME=PATTERN`: photos of a kind, a name for them, and a folder or a glob.

    Raises:
        ValueError: it is not of that form, or there are no pictures.
    """
    head, _, pattern = text.partition("=")
    kind, _, name = head.partition(":")
    if kind not in KINDS[1:] or not name or "/" in name or not pattern:
        raise ValueError(
            f"--unlabelled {text}: wanted KIND:NAME=FOLDER or KIND:NAME=PATTERN, the kind webcam "
            "or street, like webcam:office=photos/office"
        )
    place = Path(pattern)
    found = place.iterdir() if place.is_dir() else place.parent.glob(place.name)
    files = tuple(sorted(path for path in found if path.suffix.lower() in IMAGE_SUFFIXES))
    if not files:
        raise ValueError(f"--unlabelled {text}: no pictures there")
    return Source(kind, name, files)


def video_sources(folder: Path, hold_out: Sequence[str]) -> list[Source]:
    """List the videos (`.mp4`) of a folder as sources, without those named in `hold_out`.

    Raises:
        ValueError: there are none, or none of a name in `hold_out`, or one that only measures.
    """
    videos = {path.stem: path for path in sorted(folder.glob("*.mp4"))}
    if not videos:
        raise ValueError(f"--clips {folder}: no .mp4 files there")
    unknown = [name for name in hold_out if name not in videos]
    if unknown:
        raise ValueError(f"--hold-out {unknown[0]}: no {unknown[0]}.mp4 in {folder}")
    chosen = {name: path for name, path in videos.items() if name not in hold_out}
    for name in chosen:
        refuse_held_out_clip(name)
    return [Source("video", name, (path,)) for name, path in chosen.items()]


def shrink(rgb: Image, max_side_px: int = MAX_SIDE_PX) -> Image:
    """Scale a picture down so that its longer side is at most `max_side_px`."""
    scale = max_side_px / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size_wh = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return np.asarray(cv2.resize(rgb, size_wh, interpolation=cv2.INTER_AREA), np.uint8)


def save_label(stem: Path, rgb: Image, target: Image, weight: Image) -> None:
    """Write a picture, its target and, last, its label weight: only then the label is complete."""
    image_bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
    cv2.imwrite(f"{stem}.jpg", image_bgr, [cv2.IMWRITE_JPEG_QUALITY, 95])
    cv2.imwrite(f"{stem}.alpha.png", target)
    cv2.imwrite(f"{stem}{WEIGHT_SUFFIX}", weight)


def write_labels(folder: Path, sources: Iterable[Source], teachers: Sequence[RgbToAlpha]) -> int:
    """Label the pictures of some sources; labels that exist already are kept.

    Returns:
        How many were written.
    """
    written = 0
    for source in sources:
        place = folder / source.kind / source.name
        place.mkdir(parents=True, exist_ok=True)
        done = {path.name.removesuffix(WEIGHT_SUFFIX) for path in place.glob(f"*{WEIGHT_SUFFIX}")}
        for name, rgb in source.pictures(done):
            small = shrink(rgb)
            mattes = [teacher(small) for teacher in teachers]
            label = combine(small, mattes, webcam=source.kind != "street")
            save_label(place / name, small, *label)
            written += 1
    return written


def read_label(path: Path, kind: str, source: str) -> Photo | None:
    """Read the label whose weight is at `path`; None where it is incomplete or too uncertain."""
    name = path.name.removesuffix(WEIGHT_SUFFIX)
    weight = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    alpha = cv2.imread(str(path.with_name(f"{name}.alpha.png")), cv2.IMREAD_GRAYSCALE)
    if alpha is None or weight is None or weight.mean() < LEAST_MEAN_WEIGHT:
        return None
    return make_photo(
        f"{kind}/{source}/{name}",
        kind,
        read_rgb(path.with_name(f"{name}.jpg")),
        np.asarray(alpha, np.uint8),
        np.asarray(weight, np.uint8),
        source,
    )


def load_labels(folder: Path) -> dict[str, list[Photo]]:
    """Read a folder of labels, by kind.

    Raises:
        FileNotFoundError: there is no such folder.
        ValueError: it holds something else than `KINDS`, or a clip that only measures.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no folder of labels there; make them with --teacher")
    for entry in sorted(folder.iterdir()):
        if entry.name not in KINDS and not entry.name.startswith("."):
            raise ValueError(
                f"{entry}: wanted labels as KIND/SOURCE/NAME.jpg, the kind one of "
                f"{', '.join(KINDS)}; make them again with --teacher"
            )
    for place in sorted((folder / "video").glob("*")):
        refuse_held_out_clip(place.name)
    photos: dict[str, list[Photo]] = {}
    for kind in KINDS:
        read = [
            read_label(path, kind, path.parent.name)
            for path in sorted((folder / kind).glob(f"*/*{WEIGHT_SUFFIX}"))
        ]
        photos[kind] = [photo for photo in read if photo is not None]
    return photos
