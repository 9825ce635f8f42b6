"""Refuses a run that would replace what it reads: found by names, before anything is opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from u2cam.core.errors import UsageError
from u2cam.stream.media.names import NO_FILES
from u2cam.stream.media.targets import Target, files_read


def read_by_run(given: str, background: str, model: str) -> dict[str, list[Path]]:
    """Return the files that a run reads, by what they are for it.

    Args:
        given: the input, as on the command line.
        background: as on the command line.
        model: a name of a network, or a file of weights.
    """
    return {
        "the input itself": list(files_read(given)),
        "the background": list(files_read(background)),
        "the network": [Path(model)] if Path(model).is_file() else [],
    }


def refuse_overwriting(
    written: Sequence[tuple[str, str]], read: Mapping[str, Sequence[Path]]
) -> None:
    """Make sure that nothing that is written is read by this run, nor written twice.

    Args:
        written: option and name of each output, as given; what is no file passes.
        read: files by what they are for the run.

    Raises:
        UsageError: one line that names both.
        OSError: a name that cannot be.
    """
    targets = [(option, Target.of(name)) for option, name in written if name not in NO_FILES]
    for option, target in targets:
        for what, paths in read.items():
            path = target.replaces(paths)
            if path is not None:
                other = "" if str(path) == target.given else f" would replace {path}, which"
                raise UsageError(f"{option} {target.given}{other} is {what}; choose another name")
    for number, (option, target) in enumerate(targets):
        for _, before in targets[:number]:
            if target.meets(before):
                raise UsageError(
                    f"{option}: {target.given} is the same output as {before.given}, given twice"
                )
