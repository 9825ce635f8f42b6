"""Turns what is given as an input into a source that is not yet opened."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from u2cam.core.choices import FIRST_CAMERA
from u2cam.core.errors import UsageError
from u2cam.model.engines.device import cuda_count
from u2cam.settings import Settings
from u2cam.stream.devices.cameras import first_camera, list_cameras
from u2cam.stream.media.hwaccel import choose
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.growing_stamps import GrowingStamps
from u2cam.stream.sources.images import ImageSource
from u2cam.stream.sources.paced import PacedSource
from u2cam.stream.sources.pictures import picture_source
from u2cam.stream.sources.video import FileSource

LIVE_SCHEMES = frozenset({"rtsp", "rtsps", "rtmp", "rtmps", "srt", "udp", "rtp", "tcp"})

Input: TypeAlias = str | os.PathLike[str] | Source
"""A camera's index or device, a file, a folder or pattern of images, a URL, `demo`, or a source."""


Kind = Literal["camera", "stream", "video", "image", "images", "animation", "demo", "own"]
"""`stream` is live from the network; `own` is a source of the caller's."""


@dataclass(frozen=True, slots=True)
class InputPlan:
    """What kind of input this is; decided before anything is opened."""

    source: Source
    kind: Kind
    live: bool
    """Whether frames are dropped rather than waited for."""
    path: Path | None = None
    """Where the input may lie as a file."""
    films: bool = False
    """True for a camera: nothing rough may stand in for the network unasked."""

    @property
    def still(self) -> bool:
        """True for a single image."""
        return self.kind == "image"


def plan_input(
    given: Input,
    settings: Settings,
    *,
    live: bool | None = None,
    start_s: float = 0.0,
    frames: int | None = None,
) -> InputPlan:
    """Choose the source for an input, not yet opened.

    Args:
        given: what to read.
        settings: of cameras, limits and decoding.
        live: drop frames rather than fall behind; None: as this kind of input is.
        start_s: begin a video file so many seconds in.
        frames: how many are wanted at most.

    Raises:
        UsageError: what contradicts this kind of input.
    """
    if not isinstance(given, str | os.PathLike):
        if start_s:
            raise UsageError("start_s: only a video file can be sought, not a source of your own")
        return InputPlan(given, "own", bool(live))
    name, capture = os.fspath(given), settings.capture
    if name == FIRST_CAMERA:
        name = str(first_camera(list_cameras()))
    kind = _kind(name)
    pictures = None
    if kind == "video" and "://" not in name:
        pictures = picture_source(name, fps=capture.fps, limits=settings.limits)
    if pictures is not None:
        kind = _kind_of_pictures(pictures)
    if live is False and kind in ("camera", "stream"):
        raise UsageError(f"--offline, live=False: {name} is live and cannot wait; leave it out")
    if live and kind == "image":
        raise UsageError(f"--live, live=True: {name} is a single image; leave the option out")
    if start_s and kind not in ("video", "stream"):
        raise UsageError(f"--start, start_s: only a video file can be sought, got input {name}")
    if kind == "camera":
        source: Source = CameraSource(int(name) if name.isdigit() else name, capture)
    elif kind == "demo":
        source = DemoSource()
    elif pictures is not None:
        source = pictures
    else:
        source = FileSource(
            name,
            start_s=start_s,
            # Live, frames are counted as they are captured: a stream's drops are not frames shown.
            max_frames=None if live else frames,
            limits=settings.limits,
            hardware=choose(settings.hardware.decode, "nvdec", on_cuda=runs_on_cuda(settings)),
            keep_hdr=settings.output.hdr == "keep",
            deinterlace=capture.deinterlace == "auto",
        )
    if kind in ("camera", "stream"):
        return InputPlan(source, kind, live=True, films=kind == "camera")
    path = None if kind == "demo" else Path(name)
    return InputPlan(PacedSource(source) if live else source, kind, bool(live), path)


def _kind(name: str) -> Kind:
    """Tell what a name means as an input; pictures are found by what the file holds."""
    scheme = name.partition("://")[0] if "://" in name else ""
    if name.isdigit() or name.startswith("/dev/"):
        return "camera"
    if name == "demo":
        return "demo"
    return "stream" if scheme in LIVE_SCHEMES else "video"


def _kind_of_pictures(source: ImageSource | AnimationSource) -> Kind:
    if isinstance(source, AnimationSource):
        return "animation"
    return "image" if source.single else "images"


def settle_live(plan: InputPlan, live: bool | None) -> InputPlan:
    """Ask an open source of the caller's whether it is live; pace it so, and see that time grows.

    Args:
        plan: returned as it is for any other source.
        live: what was asked for; None: as the source is.

    Raises:
        UsageError: it is live and cannot wait.
    """
    if plan.kind != "own":
        return plan
    source = GrowingStamps(plan.source)
    if source.info.live:
        if live is False:
            raise UsageError(f"live=False: {source.info.name} is live and cannot wait")
        return replace(plan, source=source, live=True, films=True)
    return replace(plan, source=PacedSource(source) if live else source)


def runs_on_cuda(settings: Settings) -> bool:
    """Tell whether the network will run on CUDA; files are decoded and encoded beside it."""
    wanted = settings.model.device
    return wanted.startswith("cuda") or (wanted == "auto" and cuda_count() > 0)
