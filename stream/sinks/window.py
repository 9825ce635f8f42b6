"""A window that shows the pictures, with hot-keys: `-o window`.

All of OpenCV's window calls happen in the sink's own thread. What a key means is the app's work;
this file only says that it was pressed.
"""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any, Literal, Protocol, TypeAlias, cast

import cv2
import numpy as np

from u2cam.core.errors import SinkError
from u2cam.core.frame import Picture
from u2cam.stream.sinks.base import PictureFormat, QuitRequested
from u2cam.stream.sinks.picture_gate import require_format

Action: TypeAlias = Literal["next_background", "cycle_view", "pause"]
"""What the viewer asks for. `pause` switches the placeholder on and off in every output, so
that it serves as a privacy screen; it does not merely freeze this window."""

KEYS: dict[int, Action] = {
    ord("b"): "next_background",
    ord("v"): "cycle_view",
    ord(" "): "pause",
}
QUIT_KEYS = (ord("q"), 27)
HELP = "q or Esc: quit, b: next background, v: next view, space: pause"
MAX_SIZE_WH = (1280, 720)
"""The window opens no larger than this; the viewer may resize it."""

log = logging.getLogger(__name__)


class Gui(Protocol):
    """What we use of OpenCV's HighGUI; tests give a fake."""

    def namedWindow(self, winname: str, flags: int) -> None:
        """Make a window."""

    def resizeWindow(self, winname: str, width: int, height: int) -> None:
        """Set the size of its content."""

    def imshow(self, winname: str, mat: Any) -> None:
        """Show a BGR or gray picture."""

    def waitKey(self, delay: int) -> int:
        """Let the window live for some ms; the key pressed, or -1."""

    def getWindowProperty(self, winname: str, prop_id: int) -> float:
        """Visibility is at least 1 while the window is there."""

    def destroyWindow(self, winname: str) -> None:
        """Close it."""


class WindowSink:
    """Shows every picture at once, in a window named after the program.

    Args:
        on_key: called with what the viewer asks for, from this sink's thread; must return quickly,
            and what it raises ends this output.
        title: of the window.
        gui: OpenCV itself unless testing.
    """

    name = "window"
    paced = False
    live = True

    def __init__(
        self,
        on_key: Callable[[Action], None],
        title: str = "u2cam",
        gui: Gui | None = None,
    ) -> None:
        self._on_key = on_key
        self._title = title
        self._gui = gui
        self._format: PictureFormat | None = None
        self._is_open = False

    def open(self, picture_format: PictureFormat) -> None:
        """Open the window.

        Raises:
            SinkError: there is no display, or this OpenCV has no windows.
        """
        if picture_format.kind == "rgba":
            raise SinkError("window: cannot show transparency; choose another --view")
        if self._gui is None:
            problem = _why_no_window()
            if problem is not None:
                raise SinkError(f"window: {problem}; use -o virtual or -o FILE instead")
            self._gui = cast(Gui, cv2)
        width, height = picture_format.size_wh
        scale = min(1.0, MAX_SIZE_WH[0] / width, MAX_SIZE_WH[1] / height)
        try:
            self._gui.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
            self._is_open = True
            self._gui.resizeWindow(
                self._title, max(1, round(width * scale)), max(1, round(height * scale))
            )
        except cv2.error as error:
            raise SinkError(f"window: OpenCV cannot open one: {_line(error)}") from error
        self._format = picture_format
        log.info("window: %s", HELP)

    def write(self, picture: Picture) -> None:
        """Show a picture, then look for a key.

        Raises:
            QuitRequested: quit key, or the window was closed.
            SinkError: not open, or the display went away.
            ValueError: the picture is not of the opened format.
        """
        if self._gui is None or self._format is None or not self._is_open:
            raise SinkError("window: a picture came while it was not open")
        require_format(picture, self._format, self.name)
        image = picture.image
        shown = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        try:
            self._gui.imshow(self._title, np.ascontiguousarray(shown))
            key = self._gui.waitKey(1)
            visible = self._gui.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1
        except cv2.error as error:
            raise SinkError(f"window: lost: {_line(error)}") from error
        # Shift or caps lock may be on; the upper bits hold modifiers on some systems.
        code = ord(chr(key & 0xFF).lower()) if key >= 0 else -1
        if code in QUIT_KEYS or not visible:
            raise QuitRequested
        action = KEYS.get(code)
        if action is not None:
            self._on_key(action)

    def close(self, *, failed: bool) -> None:
        """Close the window."""
        self._format = None
        if not self._is_open or self._gui is None:
            return
        self._is_open = False
        try:
            self._gui.destroyWindow(self._title)
            # Only the event loop really takes it off the screen.
            self._gui.waitKey(1)
        except cv2.error as error:
            # The viewer closed it before us.
            log.debug("window: %s", _line(error))


def _why_no_window() -> str | None:
    """Say why a window cannot be opened here; None where it can."""
    if sys.platform == "darwin" and threading.current_thread() is not threading.main_thread():
        return "macOS allows windows in the main thread only"
    if not sys.platform.startswith("linux"):
        return None
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "there is no display (DISPLAY is not set)"
    # Qt ends the whole process when the display does not let it in, so a child tries first.
    # -P: not with a cv2 that lies in the current folder.
    trial = [sys.executable, "-P", "-c", "import cv2; cv2.namedWindow('u2cam')"]
    try:
        done = subprocess.run(trial, capture_output=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "the display does not answer"
    if done.returncode == 0:
        return None
    if b"not implemented" in done.stderr:
        return "this OpenCV was built without windows (opencv-python-headless?)"
    return f"the display {os.environ.get('DISPLAY') or os.environ['WAYLAND_DISPLAY']} does not open"


def _line(error: object) -> str:
    return " ".join(str(error).split())
