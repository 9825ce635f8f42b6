"""Turns what is given as an input into a source that is not yet opened."""

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeAlias

from u2cam.core.checks import require_members
from u2cam.core.choices import FIRST_CAMERA
from u2cam.core.errors import UsageError, WrongTypeError
from u2cam.model.engines.device import cuda_count
from u2cam.settings import Settings
from u2cam.stream.devices.cameras import first_camera, list_cameras
from u2cam.stream.media.hwaccel import choose
from u2cam.stream.media.names import LIVE_SCHEMES, refuse_missing
from u2cam.stream.media.pipes.names import is_pipe, is_raw_input
from u2cam.stream.sources.animation import AnimationSource
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.images import ImageSource
from u2cam.stream.sources.pictures import picture_source
from u2cam.stream.sources.pipes.standard_input import StandardInput, check_standard_input
from u2cam.stream.sources.video import FileSource
from u2cam.stream.sources.wrappers.checked import CheckedSource
from u2cam.stream.sources.wrappers.framed import FramedSource
from u2cam.stream.sources.wrappers.framing import Framing
from u2cam.stream.sources.wrappers.growing_stamps import GrowingStamps
from u2cam.stream.sources.wrappers.paced import PacedSource
from u2cam.stream.sources.wrappers.part import PartSource
from u2cam.stream.sources.wrappers.wrapped import innermost

Input: TypeAlias = str | os.PathLike[str] | Source
"""A camera's index or device, a file, a folder or pattern of images, a URL, `demo`, standard input
(`-`), or a source."""


Kind = Literal[
    "camera", "stream", "video", "image", "images", "animation", "demo", "own", "pipe", "raw"
]
"""`stream` is live from the network; `own` is a source of the caller's; `pipe` is standard input
that has not been looked at yet, `raw` such without a header."""


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
    undecided: FramedSource | None = None
    """The source where the network shall decide whether frames are upside down."""

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
    end_s: float | None = None,
    frames: int | None = None,
) -> InputPlan:
    """Choose the source for an input, not yet opened; its frames are framed as the settings ask.

    Args:
        given: what to read.
        settings: of cameras, limits and decoding.
        live: drop frames rather than fall behind; None: as this kind of input is.
        start_s: begin a video file so many seconds in.
        end_s: end at this second, counted as `start_s`.
        frames: how many are wanted at most.

    Raises:
        UsageError: what contradicts this kind of input.
    """
    if end_s is not None and not start_s < end_s < math.inf:
        raise UsageError(
            f"--end, end_s: {end_s:g} is not after the start ({start_s:g}); both are seconds from "
            "the beginning of the input"
        )
    plan = _planned(given, settings, live, start_s, end_s, frames)
    framing = Framing.of(settings.capture)
    decides = settings.capture.rotate == "auto"
    if decides and plan.kind in ("image", "images"):
        raise UsageError(
            "capture.rotate = auto, --rotate auto: decided once for a whole video; give images "
            "0, 90, 180 or 270"
        )
    if framing is None and not decides:
        return plan
    framed = FramedSource(plan.source, framing or Framing())
    return replace(plan, source=framed, undecided=framed if decides else None)


def _planned(
    given: Input,
    settings: Settings,
    live: bool | None,
    start_s: float,
    end_s: float | None,
    frames: int | None,
) -> InputPlan:
    if not isinstance(given, str | os.PathLike):
        if start_s:
            raise UsageError("start_s: only a video file can be sought, not a source of your own")
        return InputPlan(_until(CheckedSource(given), end_s), "own", bool(live))
    name, capture = os.fspath(given), settings.capture
    refuse_missing(name)
    if name == FIRST_CAMERA:
        name = str(first_camera(list_cameras()))
    if is_pipe(name):
        return _piped(name, settings, live, start_s, end_s, frames)
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
    if end_s is not None and kind == "image":
        raise UsageError(f"--end, end_s: {name} is a single image; leave the option out")
    if kind == "camera":
        camera = CameraSource(int(name) if name.isdigit() else name, capture)
        source: Source = _until(camera, end_s)
    elif kind == "demo":
        source = _until(DemoSource(), end_s)
    elif pictures is not None:
        source = _until(pictures, end_s)
    else:
        source = FileSource(
            name,
            start_s=start_s,
            end_s=end_s,
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


def _until(source: Source, end_s: float | None) -> Source:
    return source if end_s is None else PartSource(source, end_s)


def _piped(
    name: str,
    settings: Settings,
    live: bool | None,
    start_s: float,
    end_s: float | None,
    frames: int | None,
) -> InputPlan:
    raw = is_raw_input(name)
    check_standard_input()
    if start_s:
        raise UsageError("--start, start_s: only a video file can be sought, not standard input")
    source = StandardInput(
        settings.capture,
        settings.limits,
        raw=raw,
        end_s=end_s,
        max_frames=None if live else frames,
        keep_hdr=settings.output.hdr == "keep",
    )
    return InputPlan(source, "pipe", bool(live))


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


def settled_plan(plan: InputPlan, live: bool | None) -> InputPlan:
    """Ask an open source what only it knows, pace it where it shall be, see that its time grows.

    One of the caller's is asked whether it is live, standard input what came.

    Args:
        plan: returned as it is for any other source.
        live: what was asked for; None: as the source is.

    Raises:
        UsageError: it is live and cannot wait, or a single image that is to be live.
    """
    piped = innermost(plan.source)
    if isinstance(piped, StandardInput):
        plan = replace(plan, kind=piped.kind)
        if live and plan.still:
            raise UsageError("--live, live=True: standard input is a single image; leave it out")
        return replace(plan, source=PacedSource(plan.source)) if live else plan
    if plan.kind != "own":
        return plan
    source = GrowingStamps(plan.source)
    if source.info.live:
        if live is False:
            raise UsageError(f"live=False: {source.info.name} is live and cannot wait")
        return replace(plan, source=source, live=True, films=True)
    return replace(plan, source=PacedSource(source) if live else source)


def comes_as_several(plan: InputPlan, frames: int | None) -> bool:
    """Tell whether an open input is sure to give more than one picture.

    Args:
        plan: the input.
        frames: how many are wanted at most.
    """
    if frames == 1:
        return False
    if plan.kind in ("camera", "stream"):
        return True
    # What a video's header says is an estimate: of one picture it may say two.
    return (plan.source.info.frames or 0) > (2 if plan.kind == "video" else 1)


def runs_on_cuda(settings: Settings) -> bool:
    """Tell whether the network will run on CUDA; files are decoded and encoded beside it."""
    wanted = settings.model.device
    return wanted.startswith("cuda") or (wanted == "auto" and cuda_count() > 0)


def check_source(source: object) -> None:
    """Raise WrongTypeError where a source of the caller's is none."""
    if isinstance(source, int):
        raise WrongTypeError(f"source: wanted a camera's number as text, '{source}', got {source}")
    if not isinstance(source, str | os.PathLike):
        names = ("info", "dropped", "read", "reopen", "close", "__enter__", "__exit__")
        require_members(
            "source", source, Source, names, inherited=("dropped", "reopen", "close", "__exit__")
        )
