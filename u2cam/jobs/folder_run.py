"""Goes through a folder of pictures: each is a run of its own, with one network for all."""

import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

from u2cam.compositors import effects_device, load_network
from u2cam.core.choices import View
from u2cam.core.errors import MatteError, SourceError, one_line
from u2cam.jobs.folder_plan import FolderPlan, PictureTask
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.pipeline import Pipeline
from u2cam.progress import Progress
from u2cam.report import peak_memory_mb, versions
from u2cam.settings import Settings
from u2cam.stream.sinks.images import ImageSink

log = logging.getLogger(__name__)

_OF_ONE_PICTURE = (SourceError, FileNotFoundError, MatteError)
"""What is wrong with one picture, and not with the next."""

Watch = Callable[[Pipeline], contextlib.AbstractContextManager[object]]


class FolderRun:
    """Makes every picture of a plan. A picture that cannot be read does not keep the others.

    Args:
        plan: which pictures go where.
        background: as of `Pipeline`, like `view` and `raw_matte`.
        view: what the pictures show.
        raw_matte: the network's own matte, only resized.
        frames: so many pictures at most.
        settings: checked.
        progress: called after each picture, from the thread that runs.
    """

    def __init__(
        self,
        plan: FolderPlan,
        *,
        background: str,
        view: View,
        raw_matte: bool,
        frames: int | None,
        settings: Settings,
        progress: Callable[[Progress], object] | None = None,
    ) -> None:
        self._plan = plan
        self._tasks = plan.tasks[:frames]
        self._background = background
        self._view = view
        self._raw_matte = raw_matte
        self._settings = settings
        self.on_progress = progress
        """Called after each picture."""
        self._network: LoadedNetwork | None = None
        self._facts: dict[str, str | None] = dict.fromkeys(
            ("model", "device", "precision", "effects_device")
        )
        self._began_s = self._ended_s = 0.0
        self.done = 0
        """Pictures that were written."""
        self.failed: dict[str, Exception] = {}
        """What was wrong with the others, by file."""

    @property
    def total(self) -> int:
        """Number of pictures."""
        return len(self._tasks)

    def run(self, watch: Watch | None = None) -> None:
        """Go through all pictures.

        Args:
            watch: entered around each picture's own run.

        Raises:
            KeyboardInterrupt: after Ctrl-C; what was written stays.
            U2camError, ValueError, OSError: what would go wrong with every picture.
        """
        self._began_s = self._ended_s = time.monotonic()
        made = [folder for folder in self._plan.folders if not folder.is_dir()]
        self._network = load_network(self._settings, still=True, allow_fallback=True, live=False)
        for folder in made:
            folder.mkdir(exist_ok=True)
        try:
            for task in self._tasks:
                self._go_through(task, watch)
        finally:
            self._ended_s = time.monotonic()
            for folder in made:
                with contextlib.suppress(OSError):  # there is something in it
                    folder.rmdir()

    def raise_failure(self) -> None:
        """Raise what was wrong with a picture, if anything was.

        Raises:
            SourceError, FileNotFoundError, MatteError: of the only one; of several, a SourceError
                that names the first and their number.
        """
        failures = list(self.failed.values())
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise SourceError(
                f"{len(failures)} of {self.total} pictures failed; the first: {failures[0]}"
            ) from failures[0]

    def statistics(self) -> dict[str, Any]:
        """Return the facts of the run, as `--stats` writes them."""
        elapsed_s = max(self._ended_s - self._began_s, 1e-9)
        tried = self.done + len(self.failed)
        return {
            "frames": {"in": tried, "out": self.done, "placeholder": 0, "dropped": {}},
            "fps": round(self.done / elapsed_s, 3),
            "elapsed_s": round(elapsed_s, 3),
            "outputs": {str(folder): {"pictures": self.done} for folder in self._plan.folders},
            **self._facts,
            "failed_inputs": {name: one_line(error) for name, error in self.failed.items()},
            "failed_outputs": {},
            "peak_memory_mb": round(peak_memory_mb(), 1),
            "versions": versions(),
        }

    def closing_line(self) -> str:
        """Say in one line what was done, how fast, and which network and device did it."""
        facts = self.statistics()
        said = f"{self.done} pictures"
        if self.failed:
            said += f", {len(self.failed)} failed"
        said += f", {facts['fps']:.1f} a second"
        if facts["model"] is not None:
            said += f", model {facts['model']} on {facts['device']} ({facts['precision']})"
        return said

    def _go_through(self, task: PictureTask, watch: Watch | None) -> None:
        try:
            self._make(task, watch)
        except _OF_ONE_PICTURE as error:
            self.failed[str(task.source)] = error
            log.error("%s", one_line(error))
        else:
            self.done += 1
        self._ended_s = time.monotonic()
        if self.on_progress is not None:
            elapsed_s = self._ended_s - self._began_s
            fps = self.done / max(elapsed_s, 1e-9)
            self.on_progress(Progress(self.done, self.total, elapsed_s, fps))

    def _make(self, task: PictureTask, watch: Watch | None) -> None:
        run = Pipeline(
            task.source,
            [ImageSink(target, self._settings.output) for target in task.targets],
            background=self._background,
            view=self._view,
            raw_matte=self._raw_matte,
            frames=1,
            settings=self._settings,
        )
        run.open(network=lambda: self._network)
        with contextlib.nullcontext() if watch is None else watch(run):
            run.run()
        for error in run.parts.threads.failed_sinks.values():
            raise error
        network = run.parts.compositor.network
        self._facts = {
            "model": network.model_name,
            "device": network.device_name,
            "precision": network.precision,
            "effects_device": effects_device(run.parts.compositor),
        }
