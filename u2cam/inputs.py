"""Turns `--input` into a source that is not yet opened."""

from dataclasses import dataclass
from pathlib import Path

from u2cam.cli.arguments import FIRST_CAMERA, Arguments, UsageError
from u2cam.model.engines.device import cuda_count
from u2cam.settings import Settings
from u2cam.stream.devices.cameras import first_camera, list_cameras
from u2cam.stream.media.hwaccel import choose
from u2cam.stream.media.numbered_name import IMAGE_SUFFIXES
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.images import ImageSource
from u2cam.stream.sources.paced import PacedSource
from u2cam.stream.sources.video import FileSource

LIVE_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp"})


@dataclass(frozen=True, slots=True)
class InputPlan:
    """What kind of input `--input` names; decided before anything is opened."""

    source: Source
    live: bool
    still: bool
    """True for a single image."""
    camera: bool


def plan_input(arguments: Arguments, settings: Settings) -> InputPlan:
    """Choose the source for `--input`, not yet opened.

    Raises:
        UsageError: options that contradict this kind of input.
    """
    given, capture = arguments.input, settings.capture
    if given == FIRST_CAMERA:
        given = str(first_camera(list_cameras()))
    scheme = given.partition("://")[0] if "://" in given else ""
    camera = given.isdigit() or given.startswith("/dev/")
    if camera:
        device = int(given) if given.isdigit() else given
        source: Source = CameraSource(device, capture)
    elif given == "demo":
        source = DemoSource()
    elif not scheme and _names_images(given):
        source = ImageSource(given, fps=capture.fps, limits=settings.limits)
    else:
        # Live, frames are counted as they are captured: a stream's drops are not frames shown.
        limit = None if arguments.live else arguments.frames
        source = FileSource(
            given,
            start_s=arguments.start_s,
            max_frames=limit,
            limits=settings.limits,
            hardware=choose(settings.hardware.decode, "nvdec", on_cuda=runs_on_cuda(settings)),
        )
    network = scheme in LIVE_SCHEMES
    live = (camera or network) if arguments.live is None else arguments.live
    still = isinstance(source, ImageSource) and source.single
    _refuse_contradictions(arguments, camera=camera, network=network, still=still, source=source)
    if live and not camera and not network:
        source = PacedSource(source)
    return InputPlan(source, live=live, still=still, camera=camera)


def _names_images(given: str) -> bool:
    path = Path(given)
    return path.is_dir() or path.suffix.lower() in IMAGE_SUFFIXES


def _refuse_contradictions(
    arguments: Arguments, *, camera: bool, network: bool, still: bool, source: Source
) -> None:
    given = arguments.input
    if arguments.live is False and (camera or network):
        raise UsageError(f"--offline: {given} is live and cannot wait; leave the option out")
    if arguments.start_s and not isinstance(source, FileSource):
        raise UsageError(f"--start: only a video file can be sought, got --input {given}")
    if arguments.live and still:
        raise UsageError(f"--live: {given} is a single image; leave the option out")
    asked = arguments.options.get("capture", {})
    if not camera and (asked.keys() & {"width", "height"}):
        raise UsageError(f"--width and --height are asked of a camera, got --input {given}")
    if not camera and "fps" in asked and not isinstance(source, ImageSource):
        raise UsageError(f"--fps is asked of a camera or a folder of images, got --input {given}")
    decoder = arguments.options.get("hardware", {}).get("decode", "none")
    if decoder not in ("auto", "none") and (network or not isinstance(source, FileSource)):
        raise UsageError(f"--hw-decode {decoder}: only files are decoded, got --input {given}")


def runs_on_cuda(settings: Settings) -> bool:
    """Tell whether the network will run on CUDA; files are decoded and encoded beside it."""
    wanted = settings.model.device
    return wanted.startswith("cuda") or (wanted == "auto" and cuda_count() > 0)
