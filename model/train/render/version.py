"""The generator's version, which each item's line in the manifest records."""

import hashlib
from pathlib import Path

VERSION = 3
"""Raised by hand whenever what is drawn or rendered changes enough to matter."""


def source_digest() -> str:
    """Eight hexadecimal digits over the package's own source files."""
    folder = Path(__file__).parent
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]
