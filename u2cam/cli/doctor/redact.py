"""Takes out of a report what could name a person, so that it can go into a public bug report."""

import contextlib
import getpass
import re
import socket
from collections.abc import Iterable
from pathlib import Path

_URL = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_BY_ID = re.compile(r"/dev/v4l/\S+")
_PATH = re.compile(r"(?<![\w.])(~|[A-Za-z]:)?(/|\\\\?)[^\s,;:'\")]+([/\\][^\s,;:'\")]+)*")
_PUBLIC = ("/dev/video", "/var/lib/dkms/mok.pub")


def redact(text: str, private: Iterable[str] = ()) -> str:
    """Return a text without paths, addresses, user and host name.

    Args:
        text: a line of the report.
        private: more words that must go, such as the names of the input and output.
    """
    for word in sorted({word for word in private if len(word) > 1}, key=len, reverse=True):
        text = text.replace(word, "<name>")
    text = _URL.sub("<address>", text)
    # The link's name carries the camera's serial number.
    text = _BY_ID.sub("/dev/v4l/<camera>", text)
    text = _PATH.sub(_path, text)
    for word in identities():
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "<name>", text)
    return text


def identities() -> list[str]:
    """Return user name, home folder's name and host name, as far as they are known."""
    found = {Path.home().name, socket.gethostname(), socket.gethostname().split(".")[0]}
    # A system without user names has none to give away.
    with contextlib.suppress(OSError, KeyError, ImportError):
        found.add(getpass.getuser())
    # `root` and the like name no person, and stand in every other word of this field.
    return sorted(found - {"", "root", "localhost", "video", "user"}, key=len, reverse=True)


def _path(match: re.Match[str]) -> str:
    path = match[0]
    kept = path.startswith(_PUBLIC) or path == "/dev/v4l/<camera>"
    return path if kept else "<path>"
