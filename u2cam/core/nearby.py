"""What a misspelt name may have meant."""

import difflib
from pathlib import Path


def nearby(path: Path) -> str:
    """Return the most similar name in the folder of a path that is not there; empty for none."""
    try:
        names = [there.name for there in path.parent.iterdir()]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, names, n=1)
    return str(path.parent / close[0]) if close else ""
