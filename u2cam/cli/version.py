"""What `--version` says: the program and what decides how it works. Loads no network."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = (
    "torch",
    "openvino",
    "numba",
    "numpy",
    "opencv-python",
    "av",
    "pillow",
    "pillow-heif",
    "pyvirtualcam",
)


def version_text() -> str:
    """Return one line for the program and one for each part, for people and bug reports."""
    parts = [("Python", platform.python_version())]
    parts += [(name, _version_of(name)) for name in _PACKAGES]
    parts += [("FFmpeg (in av)", _ffmpeg())]
    parts += [("system", f"{platform.system()} {platform.release()} {platform.machine()}")]
    lines = [f"u2cam {_version_of('u2cam')}", *(f"  {name} {found}" for name, found in parts)]
    return "\n".join(lines)


def _version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _ffmpeg() -> str:
    try:
        import av
    except ImportError as error:
        return f"cannot be loaded ({error})"
    return str(getattr(av, "ffmpeg_version_info", "unknown"))


def show_version() -> None:
    """Print it, and nothing else, to stdout."""
    sys.stdout.write(version_text() + "\n")
