"""Names of pictures with a running number, such as `%04d.png`.

A `%` in a name is seldom meant so ("100% done.mp4"): see `NumberedName.meant_by`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".png", ".apng", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm"}
    | {".jp2", ".heic", ".heif", ".hif", ".avif", ".jxl"}
)
_DIRECTIVE = re.compile(r"(?<!%)%(?:0?(\d{1,2})d|d(?![A-Za-z]))")
"""As in `printf`; `%4d` is filled with zeros like `%04d`, as by FFmpeg, and 50%done is a word."""


@dataclass(frozen=True, slots=True)
class NumberedName:
    """A file's name in three parts."""

    before: str
    digits: int
    """At least so many, filled with zeros; 0 and 1 fill nothing."""
    after: str

    @classmethod
    def meant_by(cls, path: Path) -> NumberedName | None:
        """Return the name in its parts; None where the path means a single file.

        Numbers are meant by a directive such as `%d` or `%05d` in the name of a picture, unless a
        file of that very name exists.
        """
        found = _DIRECTIVE.search(path.name)
        if found is None or path.suffix.lower() not in IMAGE_SUFFIXES or path.exists():
            return None
        return cls(path.name[: found.start()], int(found[1] or 0), path.name[found.end() :])

    def of(self, number: int) -> str:
        """Return the name of the picture with a number."""
        return f"{self.before}{number:0{self.digits}d}{self.after}"

    def number_of(self, name: str) -> int | None:
        """Return the number of the picture with a name; None where the name is another."""
        if len(name) < len(self.before) + len(self.after) or not (
            name.startswith(self.before) and name.endswith(self.after)
        ):
            return None
        digits = name[len(self.before) : len(name) - len(self.after)]
        fits = re.fullmatch(rf"[0-9]{{{max(1, self.digits)},}}", digits)
        return int(digits) if fits else None
