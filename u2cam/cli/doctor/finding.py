"""What one check of the doctor came to."""

from dataclasses import dataclass
from typing import Literal

from u2cam.core.errors import one_line

State = Literal["ok", "warning", "failed"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's report."""

    name: str
    """What was looked at: `camera 0`, `v4l2loopback`."""
    state: State
    """`failed` where the asked-for use would not work; `warning` where it would, but less well."""
    found: str
    """One line, for people."""
    advice: str = ""
    """What to do about it, in one line; empty where nothing is to be done."""


def ok(name: str, found: str) -> Finding:
    """Nothing to be done."""
    return Finding(name, "ok", found)


def warning(name: str, found: str, advice: str = "") -> Finding:
    """The asked-for use works without it, or less well."""
    return Finding(name, "warning", found, advice)


def failed(name: str, found: str, advice: str) -> Finding:
    """The asked-for use does not work."""
    return Finding(name, "failed", found, advice)


def from_error(name: str, error: BaseException) -> Finding:
    """A failure from an error whose one line says what, and after the semicolon what to do."""
    found, _, advice = one_line(error).partition("; ")
    return Finding(name, "failed", found, advice or "see the message")
