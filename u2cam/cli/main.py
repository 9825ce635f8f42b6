"""The program from its command line to its exit code.

Exit codes: 0 done, 1 failed during the run, 2 asked for something that cannot be, 130 interrupted.
What takes long to import is imported where it is needed, so that --help and mistakes answer at
once.
"""

import logging
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING

from u2cam.cli.arguments import OPTION_NAMES, Arguments, parse
from u2cam.core.errors import SettingsError, UsageError, one_line, printable

if TYPE_CHECKING:
    from u2cam.settings import Settings

USAGE, INTERRUPTED = 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code. Every problem is one line on stderr."""
    try:
        arguments = parse(argv)
        _set_up_logging(arguments)
        signal.signal(signal.SIGTERM, _interrupt)
        from u2cam.cli.early import refuse_early
        from u2cam.settings import config_files, load

        settings = load(
            config_files(arguments.configs), arguments.assignments, arguments.options, OPTION_NAMES
        )
        _set_up_threads(settings)
        if arguments.action == "doctor":
            from u2cam.cli.doctor import doctor

            return doctor(arguments, settings, as_json=arguments.json)
        if arguments.action is not None:
            from u2cam.cli import listing

            return listing.show(arguments.action)
        try:
            refuse_early(arguments, settings)
        except (ValueError, OSError) as error:
            print(f"u2cam: {one_line(error)}", file=sys.stderr, flush=True)
            return USAGE
        from u2cam.cli.run import run

        return run(arguments, settings)
    except SettingsError as error:
        for problem in error.problems:
            print(f"u2cam: {printable(problem)}", file=sys.stderr, flush=True)
        return USAGE
    except UsageError as error:
        print(f"u2cam: {printable(str(error))}", file=sys.stderr, flush=True)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED


class _OneLine(logging.Formatter):
    """Keeps a message to its line, whatever the names in it contain; a traceback stays."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = printable(record.message)
        return super().formatMessage(record)


def _set_up_logging(arguments: Arguments) -> None:
    """Send warnings to stderr, one line each, with the thread's name where more was asked."""
    level = logging.WARNING
    if arguments.quiet:
        level = logging.ERROR
    elif arguments.verbose:
        level = logging.DEBUG
    form = "%(threadName)s: %(message)s" if arguments.verbose else "%(message)s"
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.logging import RichHandler

        # Through rich, so that a warning does not tear the progress bar.
        handler: logging.Handler = RichHandler(
            console=Console(stderr=True), show_time=False, show_path=False, markup=False
        )
    else:
        handler = logging.StreamHandler()
        form = "u2cam: " + form
    handler.setFormatter(_OneLine(form))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("numba", "libav", "PIL"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))


def _set_up_threads(settings: "Settings") -> None:
    """Give PyTorch the threads of the settings: for the whole process, so only the program may."""
    if settings.model.threads:
        import torch

        torch.set_num_threads(settings.model.threads)


def _interrupt(number: int, stack: FrameType | None) -> None:
    """Treat a request to terminate as Ctrl-C: outputs are finished."""
    raise KeyboardInterrupt
