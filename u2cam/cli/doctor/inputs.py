"""Checks of the input: the cameras of this system, and a real frame of the asked-for input."""

from collections.abc import Callable, Iterator

from u2cam.cli.doctor.finding import Finding, from_error, ok, warning
from u2cam.stream.devices.cameras import NO_PERMISSION, Camera, Holder, holders, list_cameras
from u2cam.stream.sources.base import EndOfStream, Source


def check_inputs(source: Source, *, camera: bool) -> Iterator[Finding]:
    """All cameras, then the input that was asked for.

    Args:
        source: not yet opened.
        camera: whether the input is a camera, so that one has to be there.
    """
    yield from check_cameras(list_cameras(), needed=camera)
    yield check_source(source)


def check_cameras(
    cameras: list[Camera], *, needed: bool, holders_of: Callable[[str], list[Holder]] = holders
) -> Iterator[Finding]:
    """One finding for each camera: name, formats, who holds it, permission."""
    if not cameras:
        none = "none on this system"
        advice = "plug one in, or use -i FILE or -i demo"
        yield warning("cameras", none, advice) if needed else ok("cameras", none)
    for camera in cameras:
        parts = [camera.name or "no name", "; ".join(_brief(one) for one in camera.formats)]
        name = f"camera {camera.index}"
        held = [] if camera.path is None else holders_of(camera.path)
        if camera.problem == NO_PERMISSION:
            advice = "join the group video (sudo usermod -aG video $USER), log out and in again"
            yield warning(name, f"{parts[0]}: no permission", advice)
        elif camera.problem:
            yield warning(name, f"{parts[0]}: {camera.problem}", "close the programs that use it")
        elif held and not camera.is_loopback:
            by = ", ".join(map(str, held))
            yield warning(name, f"{parts[0]}: held by {by}", "close it there before you use it")
        else:
            yield ok(name, ", ".join(part for part in parts if part))


def check_source(source: Source) -> Finding:
    """Open the input and read a frame: nothing else shows that it works."""
    try:
        with source:
            frame = source.read()
            info = source.info
    except EndOfStream:
        return Finding("input", "failed", "it has no frame", "choose another input")
    except (ValueError, OSError) as error:
        return from_error("input", error)
    width, height = frame.size_wh
    return ok("input", f"{info.name}: {width}x{height} at {float(info.rate):g} fps, gave a frame")


def _brief(offered: str, most: int = 6) -> str:
    fourcc, *sizes = offered.split()
    more = ["…"] if len(sizes) > most else []
    return " ".join([fourcc, *sizes[:most], *more])
