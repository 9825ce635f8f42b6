"""One run: the command line as a `u2cam.Pipeline`, and its outcome as an exit code.

What goes wrong before the first frame is the user's to fix (exit code 2); later it is a failure
of the run (exit code 1).
"""

import logging
import sys

from u2cam.cli.arguments import Arguments
from u2cam.cli.folder import folder_run, go_through
from u2cam.cli.geometry import refuse_for_images
from u2cam.cli.outcome import DONE, FAILED, INTERRUPTED, USAGE, say_error
from u2cam.cli.progress import ProgressDisplay, say
from u2cam.cli.signals import Signals
from u2cam.core.errors import SinkError, UsageError, one_line, printable
from u2cam.inputs import InputPlan
from u2cam.overwriting import Read, read_by_run
from u2cam.pipeline import Pipeline
from u2cam.report import closing_line, write_json
from u2cam.settings import Settings, config_files, load
from u2cam.stream.media.pipes.names import is_pipe

log = logging.getLogger(__name__)


def run(arguments: Arguments, settings: Settings) -> int:
    """Prepare and run; what goes wrong before the first frame is a usage error."""
    try:
        stills = folder_run(arguments, settings, files_of(arguments, settings))
        if stills is not None:
            return go_through(stills, arguments)
        run = pipeline(arguments, settings)
        run.open()
        refuse_misplaced(arguments, run.plan)  # of standard input, it is known now
        signals = Signals(run, lambda: _reload(arguments, run))
        with signals:
            code = _watch(run, arguments, signals)
    except (ValueError, OSError) as error:
        say_error(error, arguments)
        return USAGE
    if arguments.stats is not None:
        write_json(arguments.stats, run.statistics())
    names = printable(", ".join(arguments.outputs or ("virtual",)))
    if run.parts.threads.discarded:
        say(f"u2cam: stopped at once; not finished: {names}")
    elif code != FAILED and not arguments.quiet and not signals.hung_up:
        # Standard output is for pictures where they are asked for there.
        piped = any(map(is_pipe, arguments.outputs))
        said = printable(f"{names}: {closing_line(run.parts)}")
        print(said, file=sys.stderr if piped else sys.stdout)
    return code


def pipeline(arguments: Arguments, settings: Settings) -> Pipeline:
    """Translate the command line into a run, not yet opened.

    Raises:
        ValueError: options that contradict each other or the input.
        OSError: an input or output that cannot be.
    """
    run = Pipeline(
        arguments.input,
        arguments.outputs,
        background=arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        live=arguments.live,
        frames=arguments.frames,
        start_s=arguments.start_s,
        end_s=arguments.end_s,
        settings=settings,
    )
    refuse_misplaced(arguments, run.plan)
    return run


def files_of(arguments: Arguments, settings: Settings) -> Read:
    """Return the files that a run reads, those of its settings too."""
    read = read_by_run(arguments.input, arguments.background, settings.model.name)
    return {**read, "a file of settings": list(config_files(arguments.configs))}


def refuse_misplaced(arguments: Arguments, plan: InputPlan) -> None:
    """Refuse named options that this kind of input cannot follow; in a file, they may wait.

    Raises:
        UsageError: in one line.
    """
    given = arguments.input
    asked = arguments.options.get("capture", {})
    if plan.kind not in ("camera", "pipe", "raw") and (asked.keys() & {"width", "height"}):
        raise UsageError(
            f"--width and --height are asked of a camera, or of raw pictures, got --input {given}"
        )
    if plan.kind not in ("camera", "image", "images", "pipe", "raw") and "fps" in asked:
        raise UsageError(f"--fps is asked of a camera or a folder of images, got --input {given}")
    refuse_for_images(plan.kind, given, arguments.options)
    decoder = arguments.options.get("hardware", {}).get("decode", "none")
    if plan.kind not in ("video", "pipe") and decoder not in ("auto", "none"):
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
        say_error(error, arguments)
        return FAILED
    except Exception as error:
        say_error(error, arguments)
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
