"""Which files an output replaces, and whether one of them is still to be read.

Plain functions, called before anything is opened. Files are compared by device and inode, so that
a symbolic link, a hard link or another spelling of a path hides nothing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from u2cam.stream.media.numbered_name import IMAGE_SUFFIXES, NumberedName

_LONGEST_NAME_BYTES = 255
"""Of ext4, APFS, NTFS (there in UTF-16 units, which are fewer)."""
_MANY = 999_999
"""So many pictures of a numbered name must find one."""
_PREFIX = "file:"


def real_path(path: Path) -> Path:
    """Return the absolute path of a file that need not exist, behind all symbolic links.

    Raises:
        OSError: a symbolic link leads back to itself.
    """
    real = Path(os.path.realpath(path))
    if real.is_symlink():
        raise OSError(f"{path}: a symbolic link that leads to itself")
    return real


def part_name(name: str) -> str:
    """Return the hidden name under which a file grows, short enough for every file system."""
    hidden = f".{name}.part"
    if len(os.fsencode(hidden)) <= _LONGEST_NAME_BYTES:
        return hidden
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:16]
    return f".{digest}.part"


def check_name(path: Path) -> None:
    """Raise OSError where a name, of numbered ones that of a late one, is longer than can be."""
    numbered = NumberedName.meant_by(path)
    name = path.name if numbered is None else numbered.of(_MANY)
    length = len(os.fsencode(name))
    if length > _LONGEST_NAME_BYTES:
        raise OSError(f"{path.name[:40]}…: a name of {length} bytes; up to 255 are possible")


def put(part: Path, target: Path) -> None:
    """Give a finished file its name; where that is a symbolic link, the file behind it changes.

    Raises:
        OSError: the place refuses.
    """
    real = real_path(target)
    if real.parent.stat().st_dev != part.parent.stat().st_dev:
        # Another file system: bring it there first, so that the name never shows half a file.
        near = real.with_name(part_name(real.name))
        shutil.move(part, near)
        part = near
    os.replace(part, real)


@dataclass(frozen=True, slots=True)
class Target:
    """What one output writes: a file, or the pictures of a numbered name."""

    given: str
    """As on the command line."""
    folder: Path
    """Behind all symbolic links."""
    name: str | NumberedName

    @classmethod
    def of(cls, given: str) -> Target:
        """Tell what an output writes.

        Raises:
            OSError: a symbolic link leads back to itself, or the name is too long.
        """
        path = Path(given)
        check_name(path)
        numbered = NumberedName.meant_by(path)
        if numbered is not None:
            return cls(given, real_path(path.parent), numbered)
        real = real_path(path)
        return cls(given, real.parent, real.name)

    def meets(self, other: Target) -> bool:
        """True where both write into one file."""
        if self.folder != other.folder:
            return False
        mine, theirs = self.name, other.name
        if isinstance(mine, str):
            return mine == theirs if isinstance(theirs, str) else theirs.number_of(mine) is not None
        if isinstance(theirs, str):
            return mine.number_of(theirs) is not None
        return (mine.before, mine.after) == (theirs.before, theirs.after)

    def replaces(self, read: Iterable[Path]) -> Path | None:
        """Return the first file that is read and that this output would replace; else None."""
        identities = {_identity(path) for path in self._existing()} - {None}
        if not identities:
            return None
        return next((path for path in read if _identity(path) in identities), None)

    def adds_picture_to(self, folder: Path) -> bool:
        """True where this is one more picture of a folder."""
        name = self.name if isinstance(self.name, str) else self.name.of(1)
        is_picture = Path(name).suffix.lower() in IMAGE_SUFFIXES
        return is_picture and _identity(folder) == _identity(self.folder)

    def _existing(self) -> Iterator[Path]:
        if isinstance(self.name, str):
            yield self.folder / self.name
        elif self.folder.is_dir():
            for path in self.folder.iterdir():
                if self.name.number_of(path.name) is not None:
                    yield path


def files_read(given: str) -> Iterator[Path]:
    """Yield the files that an input or a background reads, as far as its name tells.

    Args:
        given: a file, a URL `file:...`, a numbered name, or a folder, of which pictures are
            read; what names no file gives nothing.
    """
    text = given.strip()
    if text.lower().startswith(_PREFIX):
        text = text[len(_PREFIX) :]
    path = Path(text).expanduser()
    try:
        if not text or len(os.fsencode(path.name)) > _LONGEST_NAME_BYTES:
            return
        if path.is_dir():
            yield path
            yield from (p for p in path.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
            return
        numbered = NumberedName.meant_by(path)
        if numbered is not None and path.parent.is_dir():
            for file in path.parent.iterdir():
                if numbered.number_of(file.name) is not None:
                    yield file
        elif path.exists():
            yield path
    except OSError:
        return  # whoever opens it says what is wrong


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what is the same for all names of a file; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
