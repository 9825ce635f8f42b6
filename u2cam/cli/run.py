"""One run: the command line as a `u2cam.Pipeline`, and its outcome as an exit code.

What goes wrong before the first frame is the user's to fix (exit code 2); later it is a failure
of the run (exit code 1).
"""

import logging
import traceback
from pathlib import Path

from u2cam.cli.arguments import Arguments
from u2cam.cli.progress import ProgressDisplay, say
from u2cam.cli.signals import Signals
from u2cam.core.errors import SinkError, UsageError, one_line, printable
from u2cam.inputs import InputPlan
from u2cam.overwriting import read_by_run, refuse_overwriting
from u2cam.pipeline import Pipeline
from u2cam.report import closing_line, write_json
from u2cam.settings import Settings, config_files, load

log = logging.getLogger(__name__)

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Arguments, settings: Settings) -> int:
    """Prepare and run; what goes wrong before the first frame is a usage error."""
    try:
        run = pipeline(arguments, settings)
        _check_stats_file(arguments.stats)
        run.open()
        signals = Signals(run, lambda: _reload(arguments, run))
        with signals:
            code = _watch(run, arguments, signals)
    except (ValueError, OSError) as error:
        _say_error(error, arguments)
        return USAGE
    if arguments.stats is not None:
        write_json(arguments.stats, run.statistics())
    if code != FAILED and not arguments.quiet and not signals.hung_up:
        names = ", ".join(arguments.outputs or ("virtual",))
        print(printable(f"{names}: {closing_line(run.parts)}"))
    return code


def pipeline(arguments: Arguments, settings: Settings) -> Pipeline:
    """Translate the command line into a run, not yet opened.

    Raises:
        ValueError: options that contradict each other or the input.
        OSError: an input or output that cannot be.
    """
    written = [("--output", output) for output in arguments.outputs]
    if arguments.stats is not None:
        written.append(("--stats", str(arguments.stats)))
    read = read_by_run(arguments.input, arguments.background, settings.model.name)
    refuse_overwriting(
        written, {**read, "a file of settings": list(config_files(arguments.configs))}
    )
    run = Pipeline(
        arguments.input,
        arguments.outputs,
        background=arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        live=arguments.live,
        frames=arguments.frames,
        start_s=arguments.start_s,
        settings=settings,
    )
    refuse_misplaced(arguments, run.plan)
    return run


def refuse_misplaced(arguments: Arguments, plan: InputPlan) -> None:
    """Refuse named options that this kind of input cannot follow; in a file, they may wait.

    Raises:
        UsageError: in one line.
    """
    given = arguments.input
    asked = arguments.options.get("capture", {})
    if plan.kind != "camera" and (asked.keys() & {"width", "height"}):
        raise UsageError(f"--width and --height are asked of a camera, got --input {given}")
    if plan.kind not in ("camera", "image", "images") and "fps" in asked:
        raise UsageError(f"--fps is asked of a camera or a folder of images, got --input {given}")
    decoder = arguments.options.get("hardware", {}).get("decode", "none")
    if plan.kind != "video" and decoder not in ("auto", "none"):
        raise UsageError(f"--hw-decode {decoder}: only files are decoded, got --input {given}")


def _watch(run: Pipeline, arguments: Arguments, signals: Signals) -> int:
    """Go through the run and turn its outcome into an exit code.

    Raises:
        SinkError: a sink could not be opened, so nothing has run.
    """
    parts = run.parts
    live = parts.plan.live
    display = ProgressDisplay(
        parts.threads, parts.source, live=live, quiet=arguments.quiet, adaptation=parts.adaptation
    )

    def tick() -> None:
        # Signals first: where the terminal was closed, nothing can be shown any more.
        signals.tick()
        display.tick()

    try:
        with display:
            run.run(tick)
    except KeyboardInterrupt:
        return DONE if live else INTERRUPTED
    except SinkError as error:
        if not parts.threads.metrics.counted("in"):
            raise
        _say_error(error, arguments)
        return FAILED
    except Exception as error:
        _say_error(error, arguments)
        return FAILED
    for name, failure in parts.threads.failed_sinks.items():
        say(f"u2cam: output {printable(name)} failed: {one_line(failure)}")
    if parts.threads.failed_sinks:
        return FAILED
    return INTERRUPTED if signals.hung_up and not live else DONE


def _reload(arguments: Arguments, run: Pipeline) -> None:
    """Read the settings again and let new effects, with a freshly read background, take over.

    Raises:
        SettingsError, ValueError: something is wrong now; the old effects stay.
    """
    files = config_files(arguments.configs)
    run.use_settings(load(files, arguments.assignments, arguments.options))
    log.info("settings and background read again")


def _say_error(error: BaseException, arguments: Arguments) -> None:
    """Say what went wrong in one line; the traceback follows only where -v asked for it."""
    said = one_line(error)
    if not isinstance(error, ValueError | OSError):
        said = f"{type(error).__name__}: {said}"
        said += "".join(f" ({one_line(note)})" for note in getattr(error, "__notes__", ()))
    say(f"u2cam: {said}")
    if arguments.verbose:
        traceback.print_exception(error)


def _check_stats_file(path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"--stats {path}: not a file in a folder that exists")
