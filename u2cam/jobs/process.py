"""`u2cam.process`: a whole input to whole outputs, in one call."""

import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from u2cam.core.checks import (
    require_call,
    require_count,
)
from u2cam.core.choices import View
from u2cam.core.errors import UsageError
from u2cam.inputs import (
    Input,
    check_source,
)
from u2cam.jobs.folder_plan import plan_folders
from u2cam.outputs import Output, listed
from u2cam.overwriting import read_by_run
from u2cam.pipeline import Pipeline, background_of
from u2cam.progress import Progress
from u2cam.settings import Settings, settled


def process(
    source: Input,
    sinks: Output | Sequence[Output],
    *,
    background: str | os.PathLike[str] = "blur",
    view: View = "composite",
    raw_matte: bool = False,
    frames: int | None = None,
    start_s: float = 0.0,
    end_s: float | None = None,
    model: str | None = None,
    device: str | None = None,
    precision: str | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> dict[str, Any]:
    """Process a video, a picture or a folder of pictures from its beginning to its end.

        u2cam.process("talk.mp4", "out.mp4", background="beach.jpg", progress=print)

    Sound, times and colours of a file are kept, as on the command line. Pictures keep their names
    and sizes where the sink is a folder, each a still of its own:

        u2cam.process("photos", "cut/", view="cutout")

    Args:
        source: a file, a folder of images, `demo`, `-` for standard input, or a `Source`.
        sinks: a file, a folder, `-` for standard output, or a `Sink`; or several.
        background: as for `Pipeline`, like all arguments below.
        view: what the pictures show.
        raw_matte: the network's own matte, only resized.
        frames: stop after so many.
        start_s: begin a video file so many seconds in.
        end_s: end at this second of it.
        model: the network.
        device: where it runs.
        precision: of its numbers.
        settings: checked settings, or values {section: {key: value}}.
        progress: called about twice a second and at the end, from this thread.

    Returns:
        The facts of the run, as the command line's `--stats` writes them.

    Raises:
        U2camError, ValueError, OSError: as for `Pipeline` and `Pipeline.run`; and where one of
            several sinks or pictures failed, its error, when the others are finished.
    """
    asked = {"name": model, "device": device, "precision": precision}
    checked = settled(settings, {"model": asked})
    check_source(source)
    behind = background_of(background)
    read = read_by_run("", behind, checked.model.name)
    folders = plan_folders(source, listed(sinks), view=view, read=read)
    if folders is not None:
        from u2cam.jobs.folder_run import FolderRun  # which makes pipelines

        if start_s or end_s is not None:
            raise UsageError("start_s, end_s: only a video has them, not pictures")
        require_count("frames", frames)
        require_call("progress", progress)
        stills = FolderRun(
            folders,
            background=behind,
            view=view,
            raw_matte=raw_matte,
            frames=frames,
            settings=checked,
            progress=progress,
        )
        stills.run()
        stills.raise_failure()
        return stills.statistics()
    run = Pipeline(
        source,
        sinks,
        background=background,
        view=view,
        raw_matte=raw_matte,
        frames=frames,
        start_s=start_s,
        end_s=end_s,
        settings=checked,
        progress=progress,
    )
    run.run()
    for error in run.parts.threads.failed_sinks.values():
        raise error
    return run.statistics()
