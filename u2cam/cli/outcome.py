"""What the program says when a run is over or could not be, and its exit codes."""

import traceback

from u2cam.cli.arguments import Arguments
from u2cam.cli.progress import say
from u2cam.core.errors import one_line

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def say_error(error: BaseException, arguments: Arguments) -> None:
    """Say what went wrong in one line; the traceback follows only where -v asked for it."""
    said = one_line(error)
    if not isinstance(error, ValueError | OSError):
        said = f"{type(error).__name__}: {said}"
        said += "".join(f" ({one_line(note)})" for note in getattr(error, "__notes__", ()))
    say(f"u2cam: {said}")
    if arguments.verbose:
        traceback.print_exception(error)
