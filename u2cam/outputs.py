"""Turns what is given as outputs into sinks that are not yet opened."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from u2cam.core.checks import require_members
from u2cam.core.choices import PictureKind
from u2cam.core.errors import UsageError
from u2cam.inputs import InputPlan, runs_on_cuda
from u2cam.overwriting import read_by_run, refuse_overwriting
from u2cam.settings import Settings
from u2cam.stream.media.hwaccel import Hardware, choose
from u2cam.stream.media.names import NO_FILES, refuse_alpha
from u2cam.stream.media.pipes.names import check_pipe_kind, is_pipe, output_format
from u2cam.stream.media.pipes.writer import check_standard_output
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.containers import check_output, choose_coding, is_picture_path
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sinks.pipes.matroska import MATROSKA, MatroskaPipeSink
from u2cam.stream.sinks.pipes.uncoded import UncodedPipeSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sinks.window import Action, WindowSink

Output: TypeAlias = str | os.PathLike[str] | Sink
"""`virtual`, `window`, `null`, a file, `-` or `y4m:-` for standard output, or a sink."""


def listed(sinks: object) -> list[str | Sink]:
    """Return the outputs as a list, whether one was given or several.

    Raises:
        WrongTypeError: one is neither a name nor a sink.
    """
    one = isinstance(sinks, str | os.PathLike) or not isinstance(sinks, Iterable)
    outputs: list[Any] = [sinks] if one else list(sinks)  # type: ignore[call-overload]
    for output in outputs:
        if not isinstance(output, str | os.PathLike):
            names = ("name", "paced", "live", "open", "write", "close")
            require_members("sinks", output, Sink, names)
    return outputs


def plan_outputs(
    outputs: Sequence[Output], plan: InputPlan, *, background: str = "", model: str = ""
) -> tuple[str | Sink, ...]:
    """Return all outputs, checked against each other and what the run reads.

    Args:
        outputs: none: the virtual camera where the input is live.
        plan: the input.
        background: what `--background` takes.
        model: a name of a network, or a file of weights.

    Raises:
        UsageError: none where one is needed, the same twice, or something that the run reads.
        OSError: a name that cannot be.
    """
    given = tuple(os.fspath(o) if isinstance(o, os.PathLike) else o for o in outputs)
    given = given or (("virtual",) if plan.live else ())
    if not given:
        raise UsageError("an output is needed with this input, for example -o out.mp4")
    names = [output for output in given if isinstance(output, str)]
    for name in names:
        if name not in NO_FILES and not is_pipe(name) and os.path.isdir(name):
            raise UsageError(f"--output {name}: is a folder; u2cam.process writes pictures there")
    if len(set(names)) < len(names):
        raise UsageError("--output: the same output is given twice")
    given_input = "-" if plan.kind == "pipe" else str(plan.path or "")
    read = read_by_run(given_input, background, model)
    refuse_overwriting([("--output", name) for name in names], read)
    return given


def build_sink(
    output: str | Sink,
    kind: PictureKind,
    settings: Settings,
    on_key: Callable[[Action], None],
) -> Sink:
    """Choose the sink for one output, not yet opened; a sink of the caller's is taken as it is.

    Raises:
        ValueError: an ending that is not known, or that cannot hold this kind of picture.
        OSError: a place that cannot be written.
    """
    if not isinstance(output, str):
        return output
    refuse_alpha(output, kind)
    if output == "virtual":
        return VirtualCameraSink(settings.virtual_camera)
    if output == "window":
        return WindowSink(on_key)
    if output == "null":
        return NullSink()
    if is_pipe(output):
        return _pipe_sink(output, kind, settings)
    path = Path(output)
    check_output(path, kind, settings.output)
    if is_picture_path(path):
        return ImageSink(path, settings.output)
    return FileSink(path, settings.output, _encoding_hardware(settings))


def _pipe_sink(output: str, kind: PictureKind, settings: Settings) -> Sink:
    written = output_format(output)
    check_pipe_kind(output, written, kind)
    check_standard_output()
    if written != "mkv":
        return UncodedPipeSink(written, settings.output)
    choose_coding(MATROSKA, kind, settings.output)
    return MatroskaPipeSink(settings.output, _encoding_hardware(settings))


def _encoding_hardware(settings: Settings) -> Hardware | None:
    return choose(settings.hardware.encode, "nvenc", on_cuda=runs_on_cuda(settings))


def refuse_single(sinks: Sequence[Sink]) -> None:
    """Refuse, before several pictures come, a file that holds one.

    Raises:
        UsageError: one of the sinks is such a file.
    """
    for sink in sinks:
        if isinstance(sink, ImageSink) and sink.one_picture is not None:
            raise UsageError(sink.one_picture)
