"""A camera through OpenCV.

A thread of the source's own (`reader:camera 0`) takes every picture from the driver and keeps the
newest, so that a blocked driver blocks neither `read` nor `close`, and a slow pipeline never gets
an old picture. The capture thread calls `read`; looking for a lost camera again and again, and
what is shown meanwhile, are the capture stage's work.
"""

import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from fractions import Fraction
from types import TracebackType
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from u2cam.core.errors import SourceError, SourceLost
from u2cam.core.frame import Frame, ImageU8
from u2cam.stream.devices.camera_identity import CameraIdentity, identify
from u2cam.stream.devices.cameras import camera_label, device_path, list_cameras, why_not_open
from u2cam.stream.settings import CaptureSettings
from u2cam.stream.sources.base import SourceInfo
from u2cam.stream.sources.camera_reader import CameraReader, Capture
from u2cam.stream.sources.opencv_backends import camera_backends

TIME_BASE = Fraction(1, 90_000)
DEFAULT_SIZE_WH = (1280, 720)
DEFAULT_FPS = 30.0
FIRST_FRAME_TIMEOUT_S = 10.0
"""Some cameras take seconds to set their exposure before the first picture."""

log = logging.getLogger(__name__)


def _open_with_opencv(device: int | str, backend: int) -> Capture:
    # OpenCV's own warnings would surround our one line that says what to do.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    return cv2.VideoCapture(device, backend)


class CameraSource:
    """Pictures of a camera, as fresh as they come, at the size that the camera agreed to.

    Args:
        device: index, or a path such as `/dev/video0` or `/dev/v4l/by-id/...`.
        settings: what to ask of the camera.
        open_capture: opens a device (index or path, backend); `cv2.VideoCapture` unless testing.
    """

    def __init__(
        self,
        device: int | str,
        settings: CaptureSettings,
        open_capture: Callable[[int | str, int], Capture] | None = None,
    ) -> None:
        self._device = device
        self._settings = settings
        self._open_capture = open_capture or _open_with_opencv
        self._label = camera_label(device)
        self._identity: CameraIdentity | None = None
        self._info: SourceInfo | None = None
        self._reader: CameraReader | None = None
        self._closed = threading.Event()
        self._started_s = 0.0
        self._last_pts = -1
        self._index = 0
        self._dropped_before = 0

    @property
    def info(self) -> SourceInfo:
        """Facts about the open camera; the size stays for the whole run."""
        if self._info is None:
            raise SourceError(f"{self._label} is not open")
        return self._info

    @property
    def dropped(self) -> int:
        """Pictures that were not fetched before the camera gave the next, since the first."""
        current = self._reader.dropped if self._reader is not None else 0
        return self._dropped_before + current

    def __enter__(self) -> Self:
        """Open the camera and wait for its first picture.

        Raises:
            SourceError: not there, busy, no permission or no pictures; says which.
        """
        reader, first, rate = self._open(self._device)
        height, width = first.shape[:2]
        self._identity = identify(self._device, list_cameras())
        name = self._identity.camera.name if self._identity is not None else ""
        self._info = SourceInfo(
            name=f"{self._label} ({name})" if name else self._label,
            size_wh=(width, height),
            rate=rate,
            live=True,
            time_base=TIME_BASE,
        )
        self._reader = reader
        self._started_s = time.monotonic()
        return self

    def read(self) -> Frame:
        """Wait for the newest picture that has not been read yet.

        Raises:
            SourceLost: the camera went away, or gave nothing for `capture.stall_s` seconds.
            SourceError: closed.
        """
        info = self.info
        reader = self._reader
        if self._closed.is_set():
            raise SourceError(f"{self._label} is closed")
        if reader is None:
            raise SourceLost(f"{self._label} is gone")
        taken = reader.take(self._settings.stall_s)
        if self._closed.is_set():
            raise SourceError(f"{self._label} was closed while it was read")
        if taken is None:
            self._let_go(reader)
            if reader.error is not None and not isinstance(reader.error, cv2.error):
                raise reader.error
            stalled = f"no picture for {self._settings.stall_s:g} s"
            why = "it stopped giving pictures" if reader.ended else stalled
            raise SourceLost(f"{self._label} is gone: {why}") from reader.error
        image_bgr, captured_at_s = taken
        pts = round((captured_at_s - self._started_s) / TIME_BASE)
        self._last_pts = max(pts, self._last_pts + 1)
        frame = Frame(
            image=_fit(_to_rgb(image_bgr), info.size_wh),
            index=self._index,
            pts=self._last_pts,
            time_base=TIME_BASE,
            captured_at_s=captured_at_s,
        )
        self._index += 1
        return frame

    def reopen(self) -> bool:
        """Try once to get the camera back, under another index if it came back there."""
        if self._closed.is_set() or self._info is None:
            return False
        if self._reader is not None:
            self._let_go(self._reader)
        device = self._device
        if self._identity is not None:
            back = self._identity.find(list_cameras())
            if back is None:
                return False
            device = back.path if back.path is not None else back.index
        try:
            reader, first, _rate = self._open(device)
        except SourceError as error:
            log.debug("not yet: %s", error)
            return False
        if self._closed.is_set():
            reader.stop()
            return False
        self._reader = reader
        height, width = first.shape[:2]
        if (width, height) != self._info.size_wh:
            log.warning(
                "%s: came back with %dx%d; cropped and scaled to this run's %dx%d",
                self._label,
                width,
                height,
                *self._info.size_wh,
            )
        return True

    def rest(self) -> None:
        """Release the camera, so that its lamp goes out, until `reopen`; from the capture thread.

        `read` raises SourceLost meanwhile.
        """
        if self._reader is not None:
            self._let_go(self._reader)

    def close(self) -> None:
        """Wake a blocked `read`; the reader thread releases the device as soon as it answers."""
        self._closed.set()
        reader = self._reader
        if reader is not None:
            reader.stop()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _let_go(self, reader: CameraReader) -> None:
        self._dropped_before += reader.dropped
        self._reader = None
        reader.stop()

    def _open(self, device: int | str) -> tuple[CameraReader, NDArray[np.uint8], Fraction]:
        """Open, negotiate and wait for a picture."""
        if sys.platform.startswith("linux"):
            # OpenCV reads this once; its own 10 s would keep a stalled camera from being released.
            os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")
        path = device_path(device)
        for backend in camera_backends():
            capture = self._open_capture(path or device, backend)
            if not capture.isOpened():
                capture.release()
                continue
            self._ask(capture)
            # Before the reader starts: a capture is not to be asked while another thread reads.
            fps, fourcc = self._agreed(capture)
            reader = CameraReader(capture, self._label)
            first = reader.peek(FIRST_FRAME_TIMEOUT_S, self._closed)
            if first is not None:
                if self._info is None:
                    self._report(first, fps, fourcc)
                return reader, first, Fraction(fps).limit_denominator(1001)
            reader.stop()
        raise SourceError(why_not_open(device))

    def _ask(self, capture: Capture) -> None:
        fourcc = _fourcc(self._settings)
        # The format first: the sizes and rates on offer depend on it.
        if fourcc is not None:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*fourcc))
        width, height = _asked_size(self._settings)
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, width)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, height)
        capture.set(cv2.CAP_PROP_FPS, self._settings.fps or DEFAULT_FPS)
        # The reader empties the queue, so a picture never waits in it. Not 1: V4L2 would then have
        # no buffer to fill while OpenCV decodes the last picture, and cameras skip every second.
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 2)

    def _agreed(self, capture: Capture) -> tuple[float, str]:
        """Return rate and pixel format as the driver tells them; the asked rate if it does not."""
        fps = capture.get(cv2.CAP_PROP_FPS)
        code = int(capture.get(cv2.CAP_PROP_FOURCC)) & 0xFFFFFFFF
        fourcc = code.to_bytes(4, "little").decode("latin-1") if code else ""
        known = 0 < fps <= 1000
        return fps if known else self._settings.fps or DEFAULT_FPS, fourcc

    def _report(self, first: NDArray[np.uint8], fps: float, got_fourcc: str) -> None:
        """Log one line where the camera did not agree, with the settings that would."""
        got_wh = first.shape[1], first.shape[0]
        asked_wh = _asked_size(self._settings)
        asked_fps = self._settings.fps or DEFAULT_FPS
        asked, got, change = [], [], []
        if got_wh != asked_wh:
            asked.append("{}x{}".format(*asked_wh))
            got.append("{}x{}".format(*got_wh))
            change += ["capture.width", "capture.height"]
        if abs(fps - asked_fps) > 0.01 * asked_fps:
            asked.append(f"{asked_fps:g} fps")
            got.append(f"{fps:g} fps")
            change.append("capture.fps")
        if self._settings.fourcc not in ("auto", got_fourcc) and got_fourcc.isprintable():
            asked.append(self._settings.fourcc)
            got.append(got_fourcc or "another format")
            change.append("capture.fourcc")
        if asked:
            log.warning(
                "%s: asked %s, got %s; --list-cameras shows what it offers, set %s to it",
                self._label,
                " ".join(asked),
                " ".join(got),
                ", ".join(change),
            )


def _asked_size(settings: CaptureSettings) -> tuple[int, int]:
    """Return what to ask; one side given alone keeps 16:9."""
    width, height = settings.width, settings.height
    if width is None and height is None:
        return DEFAULT_SIZE_WH
    if width is None:
        assert height is not None
        return round(height * 16 / 9 / 2) * 2, height
    return width, height if height is not None else max(1, round(width * 9 / 16 / 2) * 2)


def _fourcc(settings: CaptureSettings) -> str | None:
    """Return the pixel format to ask for, None to leave it to the camera."""
    if settings.fourcc != "auto":
        return settings.fourcc
    width, height = _asked_size(settings)
    # Raw pictures above VGA do not fit through USB 2 at 30 fps; AVFoundation chooses by itself.
    big = width * height > 640 * 480
    return "MJPG" if big and sys.platform != "darwin" else None


def _to_rgb(image_bgr: NDArray[np.uint8]) -> ImageU8:
    """Return (H, W, 3) RGB, newly allocated, of what a capture gives: BGR, or gray."""
    gray = image_bgr.ndim == 2 or image_bgr.shape[2] == 1
    code = cv2.COLOR_GRAY2RGB if gray else cv2.COLOR_BGR2RGB
    return np.asarray(cv2.cvtColor(image_bgr, code), dtype=np.uint8)


def _fit(image: ImageU8, size_wh: tuple[int, int]) -> ImageU8:
    """Crop to the shape of a size about the centre, and scale to it."""
    height, width = image.shape[:2]
    if (width, height) == size_wh:
        return image
    scale = max(size_wh[0] / width, size_wh[1] / height)
    crop_w = min(width, max(1, round(size_wh[0] / scale)))
    crop_h = min(height, max(1, round(size_wh[1] / scale)))
    left, top = (width - crop_w) // 2, (height - crop_h) // 2
    cropped = image[top : top + crop_h, left : left + crop_w]
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(cropped, size_wh, interpolation=way), dtype=np.uint8)
