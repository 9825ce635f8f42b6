"""Whether a device file is still the one that was opened. Asked from a sink's thread, Linux."""

import os

CHECK_EVERY_S = 1.0


class DeviceNode:
    """Keeps which device a path meant.

    A driver whose device is gone goes on taking what is written into an open file as if it were
    there, and pyvirtualcam does not pass its errors on; its name in `/dev` shows it.

    Args:
        path: of the device; where it is no file (other systems) nothing is ever found amiss.
        now_s: monotonic.
    """

    def __init__(self, path: str, now_s: float) -> None:
        self._path = path
        self._identity = _identity(path)
        self._checked_s = now_s

    def what_is_wrong(self, now_s: float) -> str:
        """Check once a second; return what is wrong, empty where all is well."""
        if self._identity is None or now_s - self._checked_s < CHECK_EVERY_S:
            return ""
        self._checked_s = now_s
        there = _identity(self._path)
        if there == self._identity:
            return ""
        return "is gone" if there is None else "was made anew"


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_rdev
