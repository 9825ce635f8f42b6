"""Refuses a run that would replace what it reads: found by names, before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from u2cam.core.errors import UsageError
from u2cam.stream.media.names import NO_FILES
from u2cam.stream.media.pipes.names import is_pipe
from u2cam.stream.media.targets import Target, files_read

INPUT_ITSELF = "the input itself"
_STANDARD_INPUT, _STANDARD_OUTPUT = Path("/dev/stdin"), "/dev/stdout"
"""Where a shell led them into files, these lead there too."""


def read_by_run(given: str, background: str, model: str) -> dict[str, list[Path]]:
    """Return the files that a run reads, by what they are for it.

    Args:
        given: the input, as on the command line.
        background: as on the command line.
        model: a name of a network, or a file of weights.
    """
    piped = is_pipe(given) and _STANDARD_INPUT.is_file()
    return {
        INPUT_ITSELF: [_STANDARD_INPUT] if piped else list(files_read(given)),
        "the background": list(files_read(background)),
        "the network": [Path(model)] if Path(model).is_file() else [],
    }


Read: TypeAlias = Mapping[str, Sequence[Path]]
"""Files that a run reads, by what they are for it."""


def refuse_overwriting(written: Sequence[tuple[str, str]], read: Read) -> None:
    """Make sure that nothing that is written is read by this run, nor written twice.

    Args:
        written: option and name of each output, as given; what is no file passes.
        read: files by what they are for the run.

    Raises:
        UsageError: one line that names both.
        OSError: a name that cannot be.
    """
    targets = [(option, _target(name)) for option, name in written if name not in NO_FILES]
    for option, target in targets:
        for what, paths in read.items():
            path = target.replaces(paths)
            if path is not None:
                other = "" if str(path) == target.given else f" would replace {path}, which"
                raise UsageError(f"{option} {target.given}{other} is {what}; choose another name")
        for folder in read.get(INPUT_ITSELF, ()):
            if folder.is_dir() and target.adds_picture_to(folder):
                raise UsageError(
                    f"{option} {target.given}: would lie in {folder}, which is {INPUT_ITSELF}; "
                    "choose another folder"
                )
    for number, (option, target) in enumerate(targets):
        for _, before in targets[:number]:
            if target.meets(before):
                raise UsageError(
                    f"{option}: {target.given} is the same output as {before.given}, given twice"
                )


def _target(name: str) -> Target:
    return replace(Target.of(_STANDARD_OUTPUT), given=name) if is_pipe(name) else Target.of(name)
