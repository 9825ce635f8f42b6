"""The virtual camera that call programs see, through pyvirtualcam.

Its sink thread writes once per period (`paced`); this file neither sleeps nor repeats pictures.
"""

import logging
import os
import sys
import time

import cv2
import numpy as np
import pyvirtualcam
from numpy.typing import NDArray

from u2cam.core.errors import SinkError, SinkLost
from u2cam.core.frame import Picture
from u2cam.stream.devices.cameras import NO_PERMISSION, holders, list_devices
from u2cam.stream.devices.device_node import DeviceNode
from u2cam.stream.devices.v4l2loopback import ClientBuffers, free_stuck_devices, offer_after_writing
from u2cam.stream.settings import VirtualCameraSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.picture_gate import require_format

MODPROBE = "sudo modprobe v4l2loopback devices=1 video_nr=10 exclusive_caps=1 card_label='u2cam'"

log = logging.getLogger(__name__)


class VirtualCameraSink:
    """Sends pictures to a virtual camera whose size and rate stay for the run.

    A device that is lost during the run is taken again at a later `write`: the same one, by path
    and label, and never another, whose viewers were not asked for.

    Args:
        settings: which device and backend; any registered backend of pyvirtualcam can be named.
    """

    name = "virtual"
    paced = True
    live = True

    def __init__(self, settings: VirtualCameraSettings | None = None) -> None:
        settings = settings or VirtualCameraSettings()
        self._device = settings.device
        self._backend = settings.backend
        self._format: PictureFormat | None = None
        self._camera: pyvirtualcam.Camera | None = None
        self._path = ""
        self._label: str | None = None
        self._node: DeviceNode | None = None
        self._clients: ClientBuffers | None = None

    @property
    def device_name(self) -> str:
        """What other programs call the camera, once it is open: `/dev/video10`."""
        if self._format is None:
            raise SinkError("virtual camera: not open")
        return self._path

    def open(self, picture_format: PictureFormat) -> None:
        """Take the device.

        Raises:
            SinkError: missing, busy or unwilling; the line says what to install or do.
        """
        if picture_format.kind == "rgba":
            raise SinkError(
                "virtual camera: cannot show transparency; choose another --view, or a file "
                "output that can"
            )
        known = sorted(pyvirtualcam.camera.BACKENDS)
        if self._backend is not None and self._backend not in known:
            raise SinkError(
                f"virtual camera: no backend {self._backend!r}; virtual_camera.backend can be "
                f"{', '.join(known) or 'nothing on this system'}"
            )
        self._take(picture_format, self._device)
        self._label = _label(self._path)
        self._format = picture_format

    def write(self, picture: Picture) -> None:
        """Send one picture at once.

        Raises:
            SinkLost: the device failed or is gone; a later picture may find it again.
            SinkError: not open.
            ValueError: the picture is not of the opened format.
        """
        if self._format is None:
            raise SinkError("virtual camera: a picture came while it was not open")
        require_format(picture, self._format, "virtual camera")
        if self._camera is None:
            self._take_again(self._format)
        assert self._camera is not None and self._node is not None
        # pyvirtualcam prints that a write failed, and raises nothing.
        wrong = self._node.what_is_wrong(time.monotonic())
        if wrong:
            self._give_back()
            raise SinkLost(f"virtual camera: {self._path} {wrong}")
        if self._clients is not None:
            self._clients.repair()
        try:
            self._camera.send(_sendable(picture.image))
        except Exception as error:
            self._give_back()
            raise SinkLost(f"virtual camera: {self._path} failed: {_line(error)}") from error
        if self._clients is not None:
            # Again for a client that came or went while the picture was converted.
            self._clients.repair()

    def close(self, *, failed: bool) -> None:
        """Give the device back, so that the next program can use it."""
        self._give_back()
        self._format = None

    def _take(self, picture_format: PictureFormat, device: str | None) -> None:
        width, height = _even_size(picture_format.size_wh)
        if sys.platform.startswith("linux"):
            free_stuck_devices()
        try:
            self._camera = pyvirtualcam.Camera(
                width,
                height,
                float(picture_format.rate),
                fmt=pyvirtualcam.PixelFormat.RGB,
                device=device,
                backend=self._backend,
            )
        except Exception as error:
            # Backends raise what they like; all of it means that the camera is not to be had.
            raise SinkError(_explain(str(error), device)) from error
        self._path = str(self._camera.device)
        self._node = DeviceNode(self._path, time.monotonic())
        if self._camera.backend == "v4l2loopback":
            # The driver keeps a format that a client holds, and pyvirtualcam does not look.
            kept = _kept_format(self._path)
            if kept not in ("", f"YU12 {width}x{height}"):
                self._give_back()
                raise SinkError(_explain(f"Invalid argument: it stays {kept}", device))
            self._clients = ClientBuffers(self._path)
        log.info(
            "virtual camera: %s (%s) %dx%d at %g fps",
            self._path,
            self._camera.backend,
            width,
            height,
            float(picture_format.rate),
        )

    def _take_again(self, picture_format: PictureFormat) -> None:
        label = _label(self._path)
        if label != self._label:
            now = "is gone" if label is None else f"is another device now, {label!r}"
            raise SinkLost(f"virtual camera: {self._path} {now}")
        try:
            self._take(picture_format, self._path)
        except SinkError as error:
            raise SinkLost(str(error)) from error

    def _give_back(self) -> None:
        clients, self._clients = self._clients, None
        if clients is not None:
            clients.close()
        camera, self._camera = self._camera, None
        if camera is None:
            return
        camera.close()
        if sys.platform.startswith("linux"):
            offer_after_writing(self._path)


def _label(path: str) -> str | None:
    """Return what a Linux device is called; None where there is no such device."""
    if not sys.platform.startswith("linux"):
        return None
    return next((device.name for device in list_devices() if device.path == path), None)


def _kept_format(path: str) -> str:
    """Return the only format that a device has, `YU12 1280x720`; empty where it has a choice."""
    formats = next((device.formats for device in list_devices() if device.path == path), ())
    return formats[0] if len(formats) == 1 else ""


def _even_size(size_wh: tuple[int, int]) -> tuple[int, int]:
    # The devices speak 4:2:0, whose sides are even.
    return size_wh[0] + size_wh[0] % 2, size_wh[1] + size_wh[1] % 2


def _sendable(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return contiguous RGB of even size; a copy only where one is needed."""
    if image.ndim == 2:
        image = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2RGB), dtype=np.uint8)
    odd_h, odd_w = image.shape[0] % 2, image.shape[1] % 2
    if odd_h or odd_w:
        image = np.pad(image, ((0, odd_h), (0, odd_w), (0, 0)), mode="edge")
    return np.ascontiguousarray(image)


def _explain(reason: str, device: str | None) -> str:
    """Turn what a backend said into one line that says what to do."""
    reason = _line(reason)
    advice = _advice(reason.lower(), device)
    plain = "no v4l2 loopback device" in reason.lower() or "does not exist" in reason
    return f"virtual camera: {advice}" if plain else f"virtual camera: {advice} ({reason})"


def _advice(reason: str, device: str | None) -> str:
    if sys.platform == "win32":
        return (
            "none found; install OBS Studio (its virtual camera comes with it) or Unity Capture, "
            "then try again"
        )
    if sys.platform == "darwin":
        return (
            "none found; install OBS Studio 30 or newer, start its virtual camera once, allow its "
            "camera extension in System Settings, then quit OBS"
        )
    return _advice_linux(reason, device)


def _advice_linux(reason: str, device: str | None) -> str:
    devices = list_devices()
    wanted = [d for d in devices if device in (None, d.path)]
    loopbacks = [d.path for d in devices if d.is_loopback and d.path is not None]
    mine = [path for path in loopbacks if device in (None, path)]
    if "permission" in reason or (not mine and any(d.problem == NO_PERMISSION for d in wanted)):
        return "no permission; join the group video (sudo usermod -aG video $USER), log in again"
    if "invalid argument" in reason:
        return (
            "the device is set to another size or format, by a program that reads it or by "
            "v4l2loopback-ctl; close the programs that use it, or reload the module: "
            f"sudo modprobe -r v4l2loopback && {MODPROBE}"
        )
    if device is None and not mine:
        return f"no v4l2loopback device; install the package v4l2loopback-dkms, then: {MODPROBE}"
    if "does not exist" in reason:
        there = ", ".join(loopbacks) or "none"
        return f"{device} does not exist; v4l2loopback devices here: {there}; or: {MODPROBE}"
    if not mine:
        return f"{device} is no v4l2loopback device; give another virtual_camera.device"
    if any(word in reason for word in ("busy", "in use", "not a video output", "no v4l2 loop")):
        who = [str(h) for path in mine for h in holders(path) if h.pid != os.getpid()]
        if not who and "not a video output" in reason:
            return (
                f"{' and '.join(mine)}: no program writes to it, but its format was set to stay, "
                "by v4l2loopback-ctl or another program; give it free with v4l2-ctl -d "
                f"{mine[0]} -c keep_format=0, or reload the module: "
                f"sudo modprobe -r v4l2loopback && {MODPROBE}"
            )
        held = f", held by {', '.join(who)}" if who else ""
        return (
            f"{' and '.join(mine)}: busy{held}; close the programs that use it, "
            "or set virtual_camera.device to another"
        )
    return "cannot be opened"


def _line(reason: object) -> str:
    return " ".join(str(reason).split())
