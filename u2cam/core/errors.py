"""Everything that u2cam raises of its own, in one tree. Imports nothing of ours.

    U2camError
    ├── UsageError (ValueError)          a call or a command line that contradicts itself
    │   └── WrongTypeError (TypeError)   an argument that is not the kind of thing wanted
    ├── SettingsError (ValueError)       settings that are not there or out of range
    ├── SourceError (OSError)            an input that cannot be opened or read
    │   ├── SourceLost                   a live input went away and may come back
    │   ├── TooLargeError (ValueError)   more than the settings' limits allow
    │   └── NotAVideoError (ValueError)  a file without a video that can be read
    ├── SinkError (OSError)              an output that cannot be opened or written
    │   └── SinkLost                     an output did not take a picture, but may take a later one
    ├── BackgroundError (ValueError)     a background that is not known or cannot be read
    ├── MatteError (ValueError)          a matte that must not be used
    ├── DeviceError (ValueError)         a device or precision that is not there or does not work
    ├── EngineError (ValueError)         an engine that is not installed or not for this device
    ├── WeightsError (ValueError)        a file that is not the weights of a known network
    └── DownloadError (OSError)          weights that could not be fetched
        └── HashError                    what was fetched is not the published file

Each is also the built-in error in brackets, so that `except OSError` and `except ValueError` keep
their meaning. A file that does not exist, or a place that cannot be written, raises Python's own
FileNotFoundError, PermissionError and so on. Every message is one line and says what to do.
"""

import unicodedata

_NOT_SHOWN = {"Cc", "Cs", "Zl", "Zp"}
"""Unicode's categories of control characters, broken surrogates and separators of lines."""
_TURNS_TEXT = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Return a text as one line that changes nothing of a terminal: a file may have any name.

    Control characters, and those that turn the direction of what follows, are escaped as in Python.
    """
    if text.isprintable():
        return text
    return "".join(
        one.encode("unicode_escape").decode()
        if unicodedata.category(one) in _NOT_SHOWN or one in _TURNS_TEXT
        else one
        for one in text
    )


def one_line(error: object) -> str:
    """Return what an error says, or its type where it says nothing, as one printable line.

    Our own messages are one line, so a break in them is part of a name and is shown as such. Those
    of libraries are joined.
    """
    said = str(error)
    plain = type(error) in (OSError, ValueError) or type(error) in OSError.__subclasses__()
    ours = isinstance(error, U2camError) or (plain and type(error).__module__ == "builtins")
    if not ours or isinstance(error, SettingsError):
        said = " ".join(said.split())
    return printable(said) or type(error).__name__


class U2camError(Exception):
    """The root: every error of u2cam's own."""


class UsageError(U2camError, ValueError):
    """A call or a command line asks for something that is not possible. One line."""


class WrongTypeError(UsageError, TypeError):
    """An argument is not the kind of thing that was wanted."""


class SettingsError(U2camError, ValueError):
    """One or more settings are wrong; `problems` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class SourceError(U2camError, OSError):
    """A source cannot be opened, or it fails for good."""


class SourceLost(SourceError):
    """A live source went away and may come back: `reopen` looks for it again."""


class TooLargeError(SourceError, ValueError):
    """A picture or video has more pixels, or is longer, than the settings allow."""


class NotAVideoError(SourceError, ValueError):
    """A file has no video that can be read."""


class SinkError(U2camError, OSError):
    """A sink cannot be opened, or cannot take pictures any more."""


class SinkLost(SinkError):
    """A sink did not take a picture, and may take a later one: a device that is gone for now.

    A live run goes on writing, with pauses; the sink gets itself ready again inside `write`.
    """


class BackgroundError(U2camError, ValueError):
    """A background is not known, or cannot be read."""


class MatteError(U2camError, ValueError):
    """A matte that must not be used: wrong kind, wrong size, not finite or out of range."""


class DeviceError(U2camError, ValueError):
    """The device or precision asked for is not there, or does not work."""


class EngineError(U2camError, ValueError):
    """The engine asked for is not installed or cannot do what is asked of it."""


class WeightsError(U2camError, ValueError):
    """A file is not the weights of a network that the program knows."""


class DownloadError(U2camError, OSError):
    """The file could not be fetched; says what to do instead."""


class HashError(DownloadError):
    """What was fetched is not the published file."""
