"""What the viewer's keys do to a run, and how a change during a run may fail."""

import logging
from collections.abc import Callable

from u2cam.compositors import RunCompositor
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.window import Action

log = logging.getLogger(__name__)

CHANGE_ERRORS = (ValueError, OSError, RuntimeError, MemoryError)
"""What a change during a run may fail with: a mistake in settings, a file that is gone, no memory
left, also on a device (PyTorch says so with a RuntimeError). Anything else is our mistake."""


class HotKeys:
    """Takes keys from the window and acts on the run, once both are there.

    Pressed in a sink's thread.
    """

    def __init__(self) -> None:
        self._connected: tuple[Pipeline, RunCompositor] | None = None

    def connect(self, pipeline: Pipeline, compositor: RunCompositor) -> None:
        """Say which run the keys act on."""
        self._connected = (pipeline, compositor)

    def press(self, action: Action) -> None:
        """Do what a key asks for; keys pressed before the run has begun do nothing.

        What cannot be done, as with a background that cannot be read any more, is logged: an
        exception would end the window.
        """
        if self._connected is None:
            return
        pipeline, compositor = self._connected
        if action == "next_background":
            try_change("key b", compositor.renderer.presentation.next_background)
        elif action == "cycle_view":
            try_change("key v", compositor.renderer.presentation.cycle_view)
        elif pipeline.screen.is_set():
            pipeline.screen.clear()
        else:
            pipeline.screen.set()


def try_change(who: str, change: Callable[[], object]) -> None:
    """Change something during a run; a change that fails is logged, and the run goes on.

    Args:
        who: asked for it, for the message.
        change: what to do; leaves everything as it was where it raises one of `CHANGE_ERRORS`.
    """
    try:
        change()
    except CHANGE_ERRORS as error:
        said = " ".join(str(error).split()) or type(error).__name__
        log.error("%s: %s; the run goes on as it was", who, said)
