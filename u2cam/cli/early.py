"""What is wrong with a command line by its words and by the names of files: said at once.

Imports neither torch nor OpenCV, which take seconds. Whoever opens things checks them again.
"""

from pathlib import Path

from u2cam.cli.arguments import Arguments
from u2cam.core.choices import PICTURE_KINDS
from u2cam.core.errors import UsageError
from u2cam.effects.backgrounds.spec import understand
from u2cam.model.registry import check_model
from u2cam.overwriting import read_by_run, refuse_overwriting
from u2cam.settings import Settings, config_files
from u2cam.stream.media.names import NO_FILES, refuse_missing, require_output


def refuse_early(arguments: Arguments, settings: Settings) -> None:
    """Refuse a run that cannot be.

    Raises:
        ValueError, OSError: in one line.
    """
    refuse_missing(arguments.input)
    understand(arguments.background)
    check_model(settings.model.name)
    require_output(arguments.input, live=arguments.live, outputs=len(arguments.outputs))
    _refuse_stats(arguments.stats)
    written = [("--output", output) for output in arguments.outputs]
    if arguments.stats is not None:
        written.append(("--stats", str(arguments.stats)))
    read = read_by_run(arguments.input, arguments.background, settings.model.name)
    files = list(config_files(arguments.configs))
    refuse_overwriting(written, {**read, "a file of settings": files})
    _refuse_outputs(arguments, settings)


def _refuse_stats(path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"--stats {path}: not a file in a folder that exists")


def _refuse_outputs(arguments: Arguments, settings: Settings) -> None:
    files = [Path(output) for output in arguments.outputs if output not in NO_FILES]
    if not files:
        return
    from u2cam.stream.sinks.containers import check_output  # PyAV: a tenth of a second

    for file in files:
        check_output(file, PICTURE_KINDS[arguments.view], settings.output)
