"""Pictures to a folder, on the command line: a bar that counts them, and an exit code."""

import contextlib
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from u2cam.cli.arguments import Arguments
from u2cam.cli.outcome import DONE, FAILED, INTERRUPTED, say_error
from u2cam.cli.signals import Signals
from u2cam.core.errors import UsageError
from u2cam.jobs.folder_plan import plan_folders
from u2cam.jobs.folder_run import FolderRun
from u2cam.overwriting import Read
from u2cam.pipeline import Pipeline
from u2cam.progress import Progress
from u2cam.report import write_json
from u2cam.settings import Settings


def folder_run(arguments: Arguments, settings: Settings, read: Read) -> FolderRun | None:
    """Translate the command line; None where no output is a folder.

    Args:
        arguments: the command line.
        settings: checked.
        read: files that the run reads, by what they are for it.

    Raises:
        ValueError: options that do not go with pictures.
        OSError: a place that cannot be.
    """
    plan = plan_folders(arguments.input, arguments.outputs, view=arguments.view, read=read)
    if plan is None:
        return None
    capture = arguments.options.get("capture", {})
    refused = {
        "--live": arguments.live,
        "--start": arguments.start_s,
        "--end": arguments.end_s,
        "--rate": "rate" in arguments.options.get("output", {}),
        **{f"--{key}": key in capture for key in ("width", "height", "fps")},
    }
    for option, given in refused.items():
        if given:
            raise UsageError(
                f"{option}: is for a video; into a folder, each picture goes by itself"
            )
    run = FolderRun(
        plan,
        background=arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        frames=arguments.frames,
        settings=settings,
    )
    return run


def go_through(run: FolderRun, arguments: Arguments) -> int:
    """Make all pictures; return the exit code.

    Raises:
        ValueError, OSError: something is wrong with all of them, and none was made.
    """
    console = Console(stderr=True)
    shown = console.is_terminal and not arguments.quiet
    bar = Bar(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not shown,
    )
    code = DONE
    with bar:
        counted = bar.add_task("pictures", total=run.total)

        def progress(now: Progress) -> None:
            bar.update(counted, completed=now.frames + len(run.failed))

        run.on_progress = progress
        try:
            run.run(_watched)
        except KeyboardInterrupt:
            code = INTERRUPTED
        except Exception as error:
            if not run.done and isinstance(error, ValueError | OSError):
                raise
            say_error(error, arguments)
            code = FAILED
    if code == DONE and run.failed:
        code = FAILED
    if arguments.stats is not None:
        write_json(arguments.stats, run.statistics())
    if not arguments.quiet:
        print(f"{', '.join(arguments.outputs)}: {run.closing_line()}", file=sys.stdout)
    return code


@contextlib.contextmanager
def _watched(picture: Pipeline) -> Iterator[None]:
    """Let a closed terminal end the run as Ctrl-C does."""
    with Signals(picture, lambda: None) as signals:
        yield
        signals.tick()
    if signals.hung_up:
        raise KeyboardInterrupt
