"""Checks of what is installed: Python, packages, FFmpeg's encoders."""

import platform
import sys
from collections.abc import Callable, Iterator, Mapping

import av

from u2cam.cli.doctor.finding import Finding, failed, ok, warning
from u2cam.report import versions
from u2cam.stream.media.hwaccel import DECODERS, can_decode, encodes

OLDEST_PYTHON = (3, 11)
OPTIONAL = ("u2cam",)
"""Runs from a folder without being installed."""

ENCODERS = ("libx264", "libvpx-vp9", "ffv1", "prores_ks", "gif", "aac", "libopus")
"""What our own outputs are written with."""
HARDWARE_ENCODERS = (
    "h264_nvenc",
    "hevc_nvenc",
    "h264_qsv",
    "h264_amf",
    "h264_mf",
    "h264_videotoolbox",
)
"""Encoders that take plain pictures, so that trying one shows whether it works here."""
TRIAL_WH = (640, 360)


def check_software() -> Iterator[Finding]:
    """Python, packages and encoders."""
    yield check_python(sys.version_info[:2])
    yield check_packages(versions())
    yield check_encoders(av.codecs_available)
    yield check_hardware_encoders(av.codecs_available, lambda name: encodes(name, TRIAL_WH))
    yield check_hardware_decoders(can_decode)


def check_python(version: tuple[int, int]) -> Finding:
    """Is this Python new enough?"""
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if version < OLDEST_PYTHON:
        return failed("python", found, "install Python 3.11 or newer and make the environment new")
    return ok("python", found)


def check_packages(installed: Mapping[str, str]) -> Finding:
    """Is every package there?"""
    wanted = {name: said for name, said in installed.items() if name not in ("python", "system")}
    found = ", ".join(f"{name} {said}" for name, said in wanted.items())
    missing = [
        name for name, said in wanted.items() if said == "not installed" and name not in OPTIONAL
    ]
    if missing:
        return failed("packages", found, f"pip install {' '.join(missing)}")
    return ok("packages", found)


def check_encoders(available: set[str]) -> Finding:
    """Has this FFmpeg what our files are written with?"""
    missing = [name for name in ENCODERS if name not in available]
    if missing:
        return warning(
            "encoders",
            f"missing: {', '.join(missing)}",
            "pip install --force-reinstall av: its own wheels have them",
        )
    return ok("encoders", ", ".join(ENCODERS))


def check_hardware_encoders(available: set[str], encodes: Callable[[str], bool]) -> Finding:
    """Which hardware encoders work, by encoding a picture; not needed by anything."""
    built = [name for name in HARDWARE_ENCODERS if name in available]
    works = [name for name in built if encodes(name)]
    if not works:
        built_in = f" (built in but without a device: {', '.join(built)})" if built else ""
        return ok("hardware encoders", f"none{built_in}; files are encoded by the processor")
    return ok("hardware encoders", f"{', '.join(works)}; --hw-encode or output.codec takes one")


def check_hardware_decoders(decodes: Callable[[str], bool]) -> Finding:
    """Which hardware can be opened to decode H.264; not needed by anything."""
    works = [name for name in DECODERS if decodes(name)]
    if not works:
        return ok("hardware decoders", "none; files are decoded by the processor")
    return ok("hardware decoders", f"{', '.join(works)}; --hw-decode takes one")
