"""Checks of the virtual camera: v4l2loopback on Linux, OBS or Unity Capture elsewhere."""

import platform
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from u2cam.cli.doctor.finding import Finding, State, from_error, ok
from u2cam.core.errors import SinkError
from u2cam.core.plural import counted
from u2cam.stream.devices.cameras import Camera, Holder, holders, list_devices
from u2cam.stream.settings import VirtualCameraSettings
from u2cam.stream.sinks.base import PictureFormat
from u2cam.stream.sinks.virtual_camera import MODPROBE, VirtualCameraSink

ROOT = Path("/")
SECURE_BOOT = "sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
TRIAL = PictureFormat((1280, 720), Fraction(30), Fraction(1, 90_000))

_WINDOWS_CLASSES = {
    "OBS virtual camera": "{A3FCE0F5-3493-419F-958A-ABA1250EC20B}",
    "Unity Capture": "{5C2CD55C-92AD-4999-8666-912BD3E70010}",
}
_MAC_PLACES = {
    "OBS Studio": "Applications/OBS.app",
    "OBS virtual camera of OBS 29 and older": (
        "Library/CoreMediaIO/Plug-Ins/DAL/obs-mac-virtualcam.plugin"
    ),
}


def check_virtual_camera(settings: VirtualCameraSettings, *, needed: bool) -> Iterator[Finding]:
    """The module or program behind it, then the device itself."""
    missing = False
    if sys.platform.startswith("linux"):
        for finding in check_loopback(list_devices(), settings.device, needed=needed):
            missing |= finding.state == "failed"
            yield finding
    elif sys.platform == "win32":
        there = [name for name, key in _WINDOWS_CLASSES.items() if _registered(key)]
        yield _programs(there, "install OBS Studio, or Unity Capture", needed=needed)
    else:
        there = [name for name, place in _MAC_PLACES.items() if (ROOT / place).exists()]
        advice = "install OBS Studio 30 or newer, start its virtual camera once, then quit OBS"
        yield _programs(there, advice, needed=needed)
    if needed and not missing:
        yield check_opening(settings)


def check_loopback(
    devices: list[Camera],
    wanted: str | None,
    *,
    needed: bool,
    root: Path = ROOT,
    holders_of: Callable[[str], list[Holder]] = holders,
) -> Iterator[Finding]:
    """Module, then each of its devices: label, `exclusive_caps`, who holds it."""
    bad: State = "failed" if needed else "warning"
    loopbacks = [device for device in devices if device.is_loopback and device.path is not None]
    module = root / "sys/module/v4l2loopback"
    if not module.is_dir():
        yield _not_loaded(root, bad)
        return
    version = _read(module / "version") or "built into the kernel"
    yield ok("v4l2loopback", f"{version}, loaded, {counted(len(loopbacks), 'device')}")
    exclusive = _read(module / "parameters/exclusive_caps").split(",")
    # The parameter has one value per device, in the order in which they were made.
    for position, device in enumerate(loopbacks):
        shy = position < len(exclusive) and exclusive[position] in ("Y", "1")
        yield _device(device, holders_of(device.path or ""), wanted, exclusive=shy)


def _device(device: Camera, held: list[Holder], wanted: str | None, *, exclusive: bool) -> Finding:
    name = f"virtual camera {device.path}"
    said = f"{device.name!r}, exclusive_caps={int(exclusive)}"
    mine = wanted in (None, device.path)
    if held:
        by = ", ".join(map(str, held))
        advice = "fine if it only watches; a program that writes must be closed" if mine else ""
        return Finding(name, "warning" if mine else "ok", f"{said}, held by {by}", advice)
    if not exclusive:
        return Finding(
            name,
            "warning",
            f"{said}: Chrome and programs built on it do not list such a device",
            f"load it with exclusive_caps=1: sudo modprobe -r v4l2loopback && {MODPROBE}",
        )
    return ok(name, f"{said}, free")


def check_opening(settings: VirtualCameraSettings) -> Finding:
    """Take the device as a run would, and give it back."""
    sink = VirtualCameraSink(settings)
    try:
        sink.open(TRIAL)
    except SinkError as error:
        return from_error("virtual camera", error)
    name = sink.device_name
    sink.close(failed=False)
    return ok("virtual camera", f"{name} can be opened")


def _not_loaded(root: Path, state: State) -> Finding:
    loadable = next((root / "lib/modules" / platform.release()).rglob("v4l2loopback.ko*"), None)
    if loadable is None:
        return Finding(
            "v4l2loopback",
            state,
            "not installed for this kernel",
            f"install the package v4l2loopback-dkms and the kernel's headers, then: {MODPROBE}",
        )
    advice = MODPROBE
    if secure_boot(root):
        advice += (
            "; Secure Boot is on: where that is refused, enroll the key that signed the module "
            "(sudo mokutil --import /var/lib/dkms/mok.pub, restart, Enroll MOK)"
        )
    return Finding("v4l2loopback", state, "installed but not loaded", advice)


def secure_boot(root: Path = ROOT) -> bool:
    """Whether the firmware lets the kernel load signed modules only."""
    try:
        # Four bytes of attributes, then the value.
        return (root / SECURE_BOOT).read_bytes()[4:5] == b"\1"
    except OSError:
        return False


def _programs(there: list[str], advice: str, *, needed: bool) -> Finding:
    if there:
        return ok("virtual camera driver", ", ".join(there))
    state: State = "failed" if needed else "warning"
    return Finding("virtual camera driver", state, "none found", advice)


def _registered(class_id: str) -> bool:
    if sys.platform != "win32":
        return False
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, rf"SOFTWARE\Classes\CLSID\{class_id}"):
            return True
    except OSError:
        return False


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""
