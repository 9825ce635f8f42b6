"""The program from its command line to its exit code.

Exit codes: 0 done, 1 failed during the run, 2 asked for something that cannot be, 130 interrupted.
"""

import logging
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from rich.console import Console
from rich.logging import RichHandler

from u2cam.cli import listing
from u2cam.cli.arguments import Arguments, UsageError, parse
from u2cam.cli.doctor import doctor
from u2cam.cli.progress import say
from u2cam.cli.run import INTERRUPTED, USAGE, run
from u2cam.settings import SettingsError, config_files, load


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code. Every problem is one line on stderr."""
    try:
        arguments = parse(argv)
        _set_up_logging(arguments)
        signal.signal(signal.SIGTERM, _interrupt)
        settings = load(config_files(arguments.configs), arguments.assignments, arguments.options)
        if arguments.action == "doctor":
            return doctor(arguments, settings, as_json=arguments.json)
        if arguments.action is not None:
            return listing.show(arguments.action)
        return run(arguments, settings)
    except SettingsError as error:
        for problem in error.problems:
            say(f"u2cam: {problem}")
        return USAGE
    except UsageError as error:
        say(f"u2cam: {error}")
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


def _set_up_logging(arguments: Arguments) -> None:
    """Send warnings to stderr, one line each, with the thread's name where more was asked."""
    level = logging.WARNING
    if arguments.quiet:
        level = logging.ERROR
    elif arguments.verbose:
        level = logging.DEBUG
    form = "%(threadName)s: %(message)s" if arguments.verbose else "%(message)s"
    if sys.stderr.isatty():
        # Through rich, so that a warning does not tear the progress bar.
        handler: logging.Handler = RichHandler(
            console=Console(stderr=True), show_time=False, show_path=False, markup=False
        )
    else:
        handler = logging.StreamHandler()
        form = "u2cam: " + form
    logging.basicConfig(level=level, format=form, handlers=[handler], force=True)
    for noisy in ("numba", "libav", "PIL"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


def _interrupt(number: int, stack: FrameType | None) -> None:
    """Treat a request to terminate as Ctrl-C: outputs are finished."""
    raise KeyboardInterrupt
