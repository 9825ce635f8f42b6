"""Checks of the places where files are written."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from u2cam.cli.doctor.finding import Finding, failed, from_error, ok, warning
from u2cam.stream.media.pipes.names import check_pipe_kind, is_pipe, output_format
from u2cam.stream.settings import OutputSettings
from u2cam.stream.sinks.containers import Kind, check_output

LITTLE_BYTES = 2 * 10**9
"""An hour of 720p at the default quality takes one to two gigabytes."""
TOO_LITTLE_BYTES = 10**8


def check_places(
    files: Sequence[str],
    kind: Kind,
    settings: OutputSettings,
    free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
) -> Iterator[Finding]:
    """Can each output be written, and is there room for it?"""
    for file in files:
        yield check_pipe(file, kind) if is_pipe(file) else check_file(Path(file), kind, settings)
    folders = {Path(file).absolute().parent for file in files if not is_pipe(file)} or {Path.cwd()}
    for folder in sorted(folders):
        if folder.is_dir():
            yield check_room(free_bytes(folder), needed=bool(files))


def check_pipe(name: str, kind: Kind) -> Finding:
    """Is there a format of standard output for this?"""
    try:
        check_pipe_kind(name, output_format(name), kind)
    except ValueError as error:
        return from_error("output", error)
    return ok("output", f"{name} can be written")


def check_file(path: Path, kind: Kind, settings: OutputSettings) -> Finding:
    """Has the ending a writer, and can the place be written?"""
    try:
        check_output(path, kind, settings)
    except (ValueError, OSError) as error:
        return from_error("output file", error)
    return ok("output file", f"{path.suffix or 'folder'} can be written")


def check_room(free_bytes: int, *, needed: bool) -> Finding:
    """Is there room for a recording?"""
    found = f"{free_bytes / 1e9:.1f} GB free"
    if needed and free_bytes < TOO_LITTLE_BYTES:
        return failed("disk", found, "make room, or write to another disk")
    if free_bytes < LITTLE_BYTES:
        return warning("disk", found, "a recording of an hour takes one to two gigabytes")
    return ok("disk", found)
