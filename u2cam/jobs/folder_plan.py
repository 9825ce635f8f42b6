"""Which pictures go where, when outputs are folders: decided before anything is opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from u2cam.core.choices import PICTURE_KINDS, View
from u2cam.core.errors import UsageError
from u2cam.inputs import Input
from u2cam.outputs import Output
from u2cam.overwriting import INPUT_ITSELF, Read, refuse_overwriting
from u2cam.stream.media.names import is_folder_output, names_any
from u2cam.stream.sinks.containers import IMAGE_KINDS, Kind, check_kind
from u2cam.stream.sources.images import picture_files
from u2cam.stream.sources.pictures import is_still_file

_FALLBACK = ".png"
"""Holds everything, exactly."""


@dataclass(frozen=True, slots=True)
class PictureTask:
    """One picture, and where it goes."""

    source: Path
    targets: tuple[Path, ...]
    """One in each folder of the plan."""


@dataclass(frozen=True, slots=True)
class FolderPlan:
    """All pictures of a run, each a still of its own."""

    tasks: tuple[PictureTask, ...]
    folders: tuple[Path, ...]
    """One for each output; made where they are not there yet."""


def plan_folders(
    source: Input, sinks: Sequence[Output], *, view: View, read: Read
) -> FolderPlan | None:
    """Return where each picture goes; None where no output is a folder.

    Args:
        source: what a run reads: a folder of pictures, or one picture.
        sinks: its outputs; all of them folders, or none.
        view: what the pictures show: not every kind of file holds each.
        read: files that the run reads besides, by what they are for it.

    Raises:
        UsageError: no pictures, outputs that are no folders among others that are, a picture that
            would be replaced, two that would get one name.
        SourceError: no pictures in the folder.
        ValueError: an ending that is not known, or cannot hold what the view shows.
        OSError: a place that cannot be written.
    """
    pictures_in = isinstance(source, str | os.PathLike) and os.path.isdir(source)
    names = [os.fspath(one) for one in sinks if isinstance(one, str | os.PathLike)]
    chosen = [name for name in names if is_folder_output(name, of_folder=pictures_in)]
    if not chosen:
        return None
    if len(chosen) < len(sinks):
        raise UsageError(f"--output {chosen[0]}: is a folder, which no other output goes with")
    pictures = _pictures(source, chosen[0])
    kind = PICTURE_KINDS[view]
    columns = [_targets(name, pictures, kind) for name in chosen]
    folders = tuple(_folder(name) for name in chosen)
    for folder in folders:
        _check_folder(folder)
    if pictures_in:
        _refuse_own_folder(Path(pictures[0]).parent, folders)
    everything = {INPUT_ITSELF: pictures, **read}
    written = [("--output", str(target)) for column in columns for target in column]
    refuse_overwriting(written, everything)
    tasks = zip(pictures, zip(*columns, strict=True), strict=True)
    return FolderPlan(tuple(PictureTask(one, targets) for one, targets in tasks), folders)


def _pictures(source: Input, folder: str) -> list[Path]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if path.is_dir():
            return picture_files(path)
        if is_still_file(path):
            return [path]
    numbered = _folder(folder) / f"%05d{_asked(folder) or _FALLBACK}"
    given = f"input {os.fspath(source)}" if isinstance(source, str | os.PathLike) else "this source"
    raise UsageError(
        f"--output {folder}: is a folder, where pictures keep their names; {given} needs the name "
        f"of a file, or {numbered} for numbered pictures"
    )


def _folder(name: str) -> Path:
    path = Path(name)
    return path.parent if names_any(path) else path


def _asked(name: str) -> str | None:
    path = Path(name)
    return path.suffix if names_any(path) else None


def _targets(name: str, pictures: Sequence[Path], kind: Kind) -> list[Path]:
    """Return a name for each picture: its own, with an ending that can hold it."""
    folder, pattern = _folder(name), Path(name)
    asked = _asked(name)
    if asked is not None:
        holds = IMAGE_KINDS.get(asked.lower())
        if holds is None:
            known = " ".join(sorted(IMAGE_KINDS))
            raise UsageError(f"--output {name}: no kind of picture; known are {known}")
        check_kind(pattern, kind, holds)
    endings = [asked or _ending(one, kind) for one in pictures]
    plain = [one.stem + ending for one, ending in zip(pictures, endings, strict=True)]
    # Where two would get one name (a.heic and a.jpg as a.png) both keep their endings in it. Not
    # every file system tells A from a.
    often = Counter(one.casefold() for one in plain)
    given = [
        plain_name if often[plain_name.casefold()] == 1 else one.name + ending
        for one, plain_name, ending in zip(pictures, plain, endings, strict=True)
    ]
    again = [one for one, count in Counter(map(str.casefold, given)).items() if count > 1]
    if again:
        raise UsageError(f"--output {name}: two pictures would be called {again[0]}; rename one")
    return [folder / one for one in given]


def _ending(picture: Path, kind: Kind) -> str:
    return picture.suffix if kind in IMAGE_KINDS.get(picture.suffix.lower(), ()) else _FALLBACK


def _check_folder(folder: Path) -> None:
    if folder.is_dir():
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(f"{folder}: no permission to write into it")
        return
    if os.path.lexists(folder):
        raise NotADirectoryError(f"{folder}: is not a folder")
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise FileNotFoundError(f"{folder}: folder {parent} does not exist; make it first")
    if not os.access(parent, os.W_OK | os.X_OK):
        raise PermissionError(f"{folder}: no permission to make it in {parent}")


def _refuse_own_folder(source: Path, folders: Iterable[Path]) -> None:
    """Refuse to write into the folder that is read, by whatever name."""
    for folder in folders:
        if folder.is_dir() and os.path.samefile(source, folder):
            raise UsageError(f"--output {folder}: is {INPUT_ITSELF}; choose another folder")
