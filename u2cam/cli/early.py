"""What is wrong with a command line by its words and by the names of files: said at once.

Imports neither torch nor OpenCV, which take seconds. Whoever opens things checks them again.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from u2cam.cli.arguments import Arguments
from u2cam.core.choices import PICTURE_KINDS, PictureKind
from u2cam.core.errors import BackgroundError, UsageError
from u2cam.effects.backgrounds.spec import NOT_PLACED, SceneSpec, understand
from u2cam.model.registry import check_model
from u2cam.overwriting import read_by_run, refuse_overwriting
from u2cam.settings import Settings, config_files
from u2cam.stream.media.names import (
    NO_FILES,
    is_folder_output,
    refuse_alpha,
    refuse_missing,
    require_output,
)
from u2cam.stream.media.pipes.names import check_pipe_kind, is_pipe, output_format


def refuse_early(arguments: Arguments, settings: Settings) -> None:
    """Refuse a run that cannot be.

    Raises:
        ValueError, OSError: in one line.
    """
    refuse_missing(arguments.input)
    kind = PICTURE_KINDS[arguments.view]
    scene = isinstance(understand(arguments.background), SceneSpec)
    if scene and settings.background.place is not None and kind == "rgb":
        raise BackgroundError(NOT_PLACED)
    check_model(settings.model.name)
    require_output(arguments.input, live=arguments.live, outputs=len(arguments.outputs))
    _refuse_stats(arguments.stats)
    of_folder = os.path.isdir(arguments.input)
    files = [o for o in arguments.outputs if not is_folder_output(o, of_folder=of_folder)]
    written = [("--output", output) for output in files]
    if arguments.stats is not None:
        written.append(("--stats", str(arguments.stats)))
    read = read_by_run(arguments.input, arguments.background, settings.model.name)
    read["a file of settings"] = list(config_files(arguments.configs))
    refuse_overwriting(written, read)
    for output in arguments.outputs or ["virtual"]:
        refuse_alpha(output, kind)
        if is_pipe(output):
            check_pipe_kind(output, output_format(output), kind)
    named = [Path(output) for output in files if output not in NO_FILES and not is_pipe(output)]
    _refuse_outputs(named, kind, settings)


def _refuse_stats(path: Path | None) -> None:
    if path is not None and (path.is_dir() or not path.absolute().parent.is_dir()):
        raise UsageError(f"--stats {path}: not a file in a folder that exists")


def _refuse_outputs(files: Sequence[Path], kind: PictureKind, settings: Settings) -> None:
    if not files:
        return
    from u2cam.stream.sinks.containers import check_output  # PyAV: a tenth of a second

    for file in files:
        check_output(file, kind, settings.output)
