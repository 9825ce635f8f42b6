"""Refuses a run that would replace what it reads: found by names, before anything is opened."""

from __future__ import annotations

from collections.abc import Sequence

from u2cam.cli.arguments import Arguments, UsageError
from u2cam.settings import config_files
from u2cam.stream.media.targets import Target, files_read

_NO_FILES = ("virtual", "window", "null")


def refuse_overwriting(arguments: Arguments, outputs: Sequence[str]) -> None:
    """Make sure that no output is read by this run, nor written by another output.

    Args:
        arguments: the command line.
        outputs: of this run, as given.

    Raises:
        UsageError: one line that names both.
        OSError: a name that cannot be.
    """
    targets = [("--output", Target.of(name)) for name in outputs if name not in _NO_FILES]
    if arguments.stats is not None:
        targets.append(("--stats", Target.of(str(arguments.stats))))
    read = {
        "the input itself": arguments.input,
        "the background": arguments.background,
        "the network": str(arguments.options.get("model", {}).get("name", "")),
    }
    for option, target in targets:
        for what, given in read.items():
            path = target.replaces(files_read(given))
            if path is not None:
                other = "" if str(path) == target.given else f" would replace {path}, which"
                raise UsageError(f"{option} {target.given}{other} is {what}; choose another name")
        if target.replaces(config_files(arguments.configs)) is not None:
            raise UsageError(f"{option} {target.given} is a file of settings; choose another name")
    for number, (option, target) in enumerate(targets):
        for _, before in targets[:number]:
            if target.meets(before):
                raise UsageError(
                    f"{option}: {target.given} is the same output as {before.given}, given twice"
                )
