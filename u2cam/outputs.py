"""Turns each `--output` into a sink that is not yet opened."""

from collections.abc import Callable
from pathlib import Path

from u2cam.cli.arguments import Arguments, UsageError
from u2cam.core.protocols import PictureKind
from u2cam.inputs import runs_on_cuda
from u2cam.settings import Settings
from u2cam.stream.media.hwaccel import choose
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.containers import check_output, is_picture_path
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sinks.window import Action, WindowSink


def plan_outputs(arguments: Arguments, *, live: bool) -> tuple[str, ...]:
    """Return the names of all outputs, checked against each other and the input.

    Raises:
        UsageError: none where one is needed, the same twice, or the input itself.
    """
    outputs = arguments.outputs or (("virtual",) if live else ())
    if not outputs:
        raise UsageError("an output is needed with this input, for example -o out.mp4")
    if len(set(outputs)) < len(outputs):
        raise UsageError("--output: the same output is given twice")
    for output in outputs:
        path = Path(output)
        if path.exists() and Path(arguments.input).exists() and path.samefile(arguments.input):
            raise UsageError(f"--output {output} is the input itself; choose another name")
    return outputs


def build_sink(
    output: str,
    kind: PictureKind,
    settings: Settings,
    on_key: Callable[[Action], None],
) -> Sink:
    """Choose the sink for one `--output`, not yet opened.

    Raises:
        ValueError: an ending that is not known, or that cannot hold this kind of picture.
        OSError: a place that cannot be written.
    """
    if output == "virtual":
        return VirtualCameraSink(settings.virtual_camera)
    if output == "window":
        return WindowSink(on_key)
    if output == "null":
        return NullSink()
    path = Path(output)
    check_output(path, kind, settings.output)
    if is_picture_path(path):
        return ImageSink(path, settings.output)
    hardware = choose(settings.hardware.encode, "nvenc", on_cuda=runs_on_cuda(settings))
    return FileSink(path, settings.output, hardware)
