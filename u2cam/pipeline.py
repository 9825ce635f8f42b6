"""A run from a source to its sinks, as Python calls: `u2cam.Pipeline` and `u2cam.process`.

The command line, the doctor and the benchmarks make their runs here too; the threads and queues
inside are `stream/pipeline.py`.
"""

import os
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from u2cam import build, compositors
from u2cam.compositors import Appearance, build_compositor, build_presentation
from u2cam.core.checks import (
    require_call,
    require_count,
    require_kind,
    require_seconds,
)
from u2cam.core.choices import View
from u2cam.core.errors import UsageError
from u2cam.hotkeys import HotKeys
from u2cam.inputs import (
    Input,
    check_source,
    comes_as_several,
    plan_input,
    settled_plan,
)
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.outputs import Output, build_sink, listed, plan_outputs, refuse_single
from u2cam.progress import Progress, ProgressCalls
from u2cam.report import summary
from u2cam.settings import Settings, settled

_JOIN_S = 0.1
"""Waiting in short steps: on Windows, Ctrl-C does not end a long one."""


class Pipeline:
    """One run: frames of a source get a new background and go to sinks.

    With `with` it runs in threads of its own, and leaving the block stops it; what was written is
    finished either way.

        with u2cam.Pipeline(MySource(), [MySink()], background="blur:6") as run:
            run.wait()

    `run` goes through it in the calling thread instead. A pipeline runs once.
    """

    def __init__(
        self,
        source: Input,
        sinks: Output | Sequence[Output] = (),
        *,
        background: str | os.PathLike[str] = "blur",
        view: View = "composite",
        raw_matte: bool = False,
        live: bool | None = None,
        frames: int | None = None,
        start_s: float = 0.0,
        end_s: float | None = None,
        model: str | None = None,
        device: str | None = None,
        precision: str | None = None,
        settings: Settings | Mapping[str, Any] | None = None,
        progress: Callable[[Progress], object] | None = None,
    ) -> None:
        """Check everything that can be checked before anything is opened.

        Args:
            source: a `Source`, or what the command line's `--input` takes: a camera's index, a
                file, a folder of images, a URL, `demo`, `-` for standard input, or `camera` for the
                first camera.
            sinks: a `Sink`, or what `--output` takes (a file, `virtual`, `window`, `null`, `-`;
                folders are for `process`), or several; none: the virtual camera where the source is
                a camera or a live stream.
            background: what `--background` takes: `blur:6`, `#00b140`, an image, a video, `none`.
            view: `composite`, `matte`, `foreground`, `cutout` or `side-by-side`.
            raw_matte: the network's own matte, only resized.
            live: drop frames rather than fall behind, a file at its own rate; None: as the source.
            frames: stop after so many.
            start_s: begin a video file so many seconds in.
            end_s: end at this second of the input, of a live one after so many; None: at its end.
            model: a name of `--list-models`, or a .pth file; None: as in the settings.
            device: `auto`, `cpu`, `cuda`, `cuda:N` or `mps`; None: as in the settings.
            precision: `auto`, `fp32`, `fp16` or `bf16`; None: as in the settings.
            settings: checked settings, or values {section: {key: value}} as in `config.toml`.
            progress: called about twice a second and at the end, from the thread that runs.

        Raises:
            UsageError: arguments that contradict each other; WrongTypeError, one of them: what is
                not the kind of thing that is wanted.
            SettingsError: a setting that is not there or out of range.
            BackgroundError: a background that is not known or cannot be read.
            ValueError: an output that is not known or cannot hold such pictures.
            OSError: a place that cannot be written.
        """
        outputs = listed(sinks)
        check_source(source)
        background = background_of(background)
        for who, switch in (("raw_matte", raw_matte), ("live", live)):
            require_kind(who, switch, bool, "True or False", optional=who == "live")
        require_count("frames", frames)
        require_seconds("start_s", start_s)
        if end_s is not None:
            require_seconds("end_s", end_s)
        require_call("progress", progress)
        asked = {"name": model, "device": device, "precision": precision}
        self._settings = settled(settings, {"model": asked})
        self._live = live
        self._frames = frames
        self.plan = plan_input(
            source,
            self._settings,
            live=live,
            start_s=float(start_s),  # of NumPy, or a fraction
            end_s=None if end_s is None else float(end_s),
            frames=frames,
        )
        network = self._settings.model.name
        planned = plan_outputs(outputs, self.plan, background=background, model=network)
        self._appearance = Appearance(background, view, raw_matte)
        self._presentation = build_presentation(self._appearance, self._settings)
        self._keys = HotKeys()
        kind = self._presentation.picture_kind
        self._sinks = [build_sink(o, kind, self._settings, self._keys.press) for o in planned]
        self._progress = progress
        self._opened = ExitStack()
        self._parts: build.Parts | None = None
        self._began = False
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    @property
    def sink_names(self) -> tuple[str, ...]:
        """Names of the sinks, in order."""
        return tuple(sink.name for sink in self._sinks)

    @property
    def parts(self) -> build.Parts:
        """What the run is made of, once it is open: for the command line; may change.

        Raises:
            UsageError: it is not open yet.
        """
        if self._parts is None:
            raise UsageError("Pipeline: it has not begun; use it with `with`, or call start or run")
        return self._parts

    def open(self, network: Callable[[], LoadedNetwork | None] | None = None) -> None:
        """Open the source and get the network ready; `start` and `run` do so by themselves.

        Args:
            network: returns one that is loaded already, for runs one after another.

        Raises:
            SourceError, FileNotFoundError: the source cannot be opened.
            DeviceError, EngineError, WeightsError, DownloadError, ValueError: no network.
            UsageError: it was open before.
        """
        if self._parts is not None:
            raise UsageError("Pipeline: it runs once; make another one")
        with ExitStack() as opened:
            opened.enter_context(self.plan.source)
            self.plan = settled_plan(self.plan, self._live)
            if comes_as_several(self.plan, self._frames):
                refuse_single(self._sinks)
            self._presentation.use_frame_color(self.plan.source.info.color)
            compositor = build_compositor(
                self.plan, self._presentation, self._appearance, self._settings, network
            )
            self._parts = build.Parts(
                self.plan, compositor, self._sinks, self._settings, self._frames
            )
            self._keys.connect(self._parts.threads, compositor)
            self._opened = opened.pop_all()

    def run(self, on_tick: Callable[[], None] | None = None) -> None:
        """Run in this thread: to the end of the source, to `stop`, or to the first error.

        Ctrl-C stops the source; what was made by then still goes to the sinks, and they are
        finished. A second Ctrl-C ends at once; what is not finished then is removed.

        Args:
            on_tick: called about ten times a second from this thread.

        Raises:
            KeyboardInterrupt: after Ctrl-C.
            U2camError, Exception: of `open`, or the first error of any thread. A sink that fails
                while others go on is in `statistics()["failed_outputs"]`.
        """
        require_call("on_tick", on_tick)
        if self._parts is None:
            self.open()
        if self._began:
            raise UsageError("Pipeline: it runs once; make another one")
        self._began = True
        parts = self.parts
        calls = ProgressCalls(self._progress, parts)

        def tick() -> None:
            parts.tick()
            calls.tick()
            if on_tick is not None:
                on_tick()

        with self._opened:
            parts.threads.run(tick)
        calls.end()

    def start(self) -> Self:
        """Open, and run in a thread of its own.

        Raises:
            U2camError, ValueError, OSError: of `open`.
        """
        if self._parts is None or self._began:
            self.open()
        self._thread = threading.Thread(target=self._run_apart, name="run", daemon=True)
        self._thread.start()
        return self

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait for the end of a run that was started.

        Args:
            timeout_s: give up waiting after so long; None: never.

        Returns:
            True where the run has ended; False where it goes on.

        Raises:
            U2camError, Exception: the first error of the run, once.
        """
        if timeout_s is not None:
            require_seconds("timeout_s", timeout_s)
        if self._thread is None:
            raise UsageError("Pipeline: it was not started; use it with `with`, or call start")
        if not self._joined(timeout_s):
            return False
        error, self._error = self._error, None
        if error is not None:
            raise error
        return True

    def stop(self) -> None:
        """End soon; what was made is finished. From any thread, any number of times."""
        if self._parts is not None:
            self._parts.threads.stop()

    def statistics(self) -> dict[str, Any]:
        """Return the facts of the run so far, as `--stats` writes them. From any thread."""
        return summary(self.parts)

    @property
    def screen(self) -> threading.Event:
        """The privacy screen: while it is set, every sink gets the placeholder."""
        return self.parts.threads.screen

    def set_background(self, background: str | os.PathLike[str]) -> None:
        """Change the background while running. From any thread.

        Raises:
            BackgroundError: not known or not readable; the old one stays.
        """
        presentation = self.parts.compositor.renderer.presentation
        presentation.set_background(background_of(background))

    def next_background(self) -> str:
        """Take the next of the built-in backgrounds and the run's own; return its name."""
        return self.parts.compositor.renderer.presentation.next_background()

    def use_settings(self, settings: Settings | Mapping[str, Any] | None) -> None:
        """Let new settings, and a freshly read background, take over while running.

        Only the sections matte, color, background and holding can change.

        Raises:
            SettingsError, BackgroundError, ValueError: the old ones stay.
        """
        checked = settled(settings, {})
        compositors.read_again(self.parts.compositor, self._appearance, checked)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        try:
            self._joined(None)
        except KeyboardInterrupt as again:
            self.parts.threads.discard(again)
            raise
        error, self._error = self._error, None
        if error is not None and exc is None:
            raise error

    def _run_apart(self) -> None:
        try:
            self.run()
        except BaseException as error:
            self._error = error

    def _joined(self, timeout_s: float | None) -> bool:
        thread = self._thread
        if thread is None:
            return True
        left_s = float("inf") if timeout_s is None else timeout_s
        while thread.is_alive() and left_s > 0:
            thread.join(min(_JOIN_S, left_s))
            left_s -= _JOIN_S
        return not thread.is_alive()


def background_of(background: str | os.PathLike[str]) -> str:
    """Return a background as text.

    Raises:
        WrongTypeError: it is neither text nor a path.
    """
    wanted = "text as 'blur:6', '#00b140' or 'beach.jpg'"
    require_kind("background", background, (str, os.PathLike), wanted)
    return os.fspath(background)
