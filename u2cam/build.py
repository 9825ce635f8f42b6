"""Joins what the command line asks for: source, network, effects and sinks become a pipeline.

The only module that knows all packages.
"""

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from u2cam.adaptation import Adaptation
from u2cam.cli.arguments import FIRST_CAMERA, Arguments, UsageError
from u2cam.core.protocols import Compositor, Effects, Matter
from u2cam.effects.backgrounds.procedural import BUILT_IN
from u2cam.effects.chain import EffectsChain
from u2cam.effects.motion.propagator import FlowPropagator
from u2cam.effects.motion.scene_change import SceneWatch
from u2cam.effects.settings import EffectsSettings
from u2cam.model.build import build_matter
from u2cam.model.engines.device import cuda_count
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.matter import NetworkMatter
from u2cam.model.roi.matter import RegionMatter
from u2cam.settings import Settings
from u2cam.stream.devices.cameras import first_camera, list_cameras
from u2cam.stream.devices.viewers import OnDemand, watchers_of
from u2cam.stream.media.hwaccel import choose
from u2cam.stream.media.limits import check_media
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.containers import check_output, is_picture_path
from u2cam.stream.sinks.images import ImageSink
from u2cam.stream.sinks.null import NullSink
from u2cam.stream.sinks.video import FileSink
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sinks.window import Action, WindowSink
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.demo import DemoSource
from u2cam.stream.sources.images import ImageSource
from u2cam.stream.sources.paced import PacedSource
from u2cam.stream.sources.pictures import picture_source
from u2cam.stream.sources.video import FileSource

log = logging.getLogger(__name__)

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
    elif not scheme and (pictures := _pictures(given, settings)) is not None:
        source = pictures
    else:
        # Live, frames are counted as they are captured: a stream's drops are not frames shown.
        limit = None if arguments.live else arguments.frames
        source = FileSource(
            given,
            start_s=arguments.start_s,
            max_frames=limit,
            limits=settings.limits,
            hardware=choose(settings.hardware.decode, "nvdec", on_cuda=_on_cuda(settings)),
            keep_hdr=settings.output.hdr == "keep",
        )
    network = scheme in LIVE_SCHEMES
    live = (camera or network) if arguments.live is None else arguments.live
    still = isinstance(source, ImageSource) and source.single
    _refuse_contradictions(arguments, camera=camera, network=network, still=still, source=source)
    if live and not camera and not network:
        source = PacedSource(source)
    return InputPlan(source, live=live, still=still, camera=camera)


def _pictures(given: str, settings: Settings) -> Source | None:
    return picture_source(given, fps=settings.capture.fps, limits=settings.limits)


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


def plan_outputs(arguments: Arguments, *, live: bool) -> tuple[str, ...]:
    """Return the names of all outputs, checked against each other and the input.

    Raises:
        UsageError: none where one is needed, the same twice, or the input itself.
    """
    outputs = arguments.outputs or (("virtual",) if live else ())
    if not outputs:
        raise UsageError("an output is needed with this input, for example -o out.mp4")
    if len(set(outputs)) < len(outputs):
        raise UsageError("--output: the same output is given twice")
    for output in outputs:
        path = Path(output)
        if path.exists() and Path(arguments.input).exists() and path.samefile(arguments.input):
            raise UsageError(f"--output {output} is the input itself; choose another name")
    return outputs


def build_sink(
    output: str,
    kind: Literal["rgb", "rgba", "gray"],
    settings: Settings,
    on_key: Callable[[Action], None],
) -> Sink:
    """Choose the sink for one `--output`, not yet opened.

    Raises:
        ValueError: an ending that nobody knows, or that cannot hold this kind of picture.
        OSError: a place that cannot be written.
    """
    if output == "virtual":
        return VirtualCameraSink(settings.virtual_camera)
    if output == "window":
        return WindowSink(on_key)
    if output == "null":
        return NullSink()
    path = Path(output)
    check_output(path, kind, settings.output)
    if is_picture_path(path):
        return ImageSink(path, settings.output)
    hardware = choose(settings.hardware.encode, "nvenc", on_cuda=_on_cuda(settings))
    return FileSink(path, settings.output, hardware)


def _on_cuda(settings: Settings) -> bool:
    """Whether the network will run on CUDA."""
    wanted = settings.model.device
    return wanted.startswith("cuda") or (wanted == "auto" and cuda_count() > 0)


def build_effects(arguments: Arguments, settings: Settings) -> EffectsChain:
    """Build the chain from matte to picture.

    Raises:
        ValueError: a background that is not known, cannot be read or is too large.
    """
    background = Path(arguments.background.strip()).expanduser()
    if arguments.background.strip() and background.exists():
        check_media(background, settings.limits)
    return EffectsChain(
        effects_settings(settings),
        arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        backgrounds=background_choices(arguments),
    )


def effects_settings(settings: Settings) -> EffectsSettings:
    """Return the sections that the effects need."""
    return EffectsSettings(
        matte=settings.matte,
        color=settings.color,
        background=settings.background,
        holding=settings.holding,
    )


def background_choices(arguments: Arguments) -> tuple[str, ...]:
    """Return the `-b` values that a key or signal goes through."""
    return tuple(dict.fromkeys((*BUILT_IN, "blur", arguments.background)))


def build_network(settings: Settings, plan: InputPlan) -> Matter:
    """Build the network, warmed up for the open source.

    A live camera never gets the fallback without being asked.

    Raises:
        ValueError: settings that this machine cannot meet, or a file that is no model.
        OSError: weights that cannot be had.
    """
    matter = build_matter(
        settings.model,
        still=plan.still,
        allow_fallback=not plan.camera,
        frame_wh=plan.source.info.size_wh,
        live=plan.live,
        # Carried mattes are moved on the host.
        resident=not plan.still and not (plan.live and settings.matting.mode == "async"),
    )
    # A device's may go without: that is decided by whoever keeps frames there.
    return matter if isinstance(matter, DeviceMatter) else track_region(matter, plan, settings)


def wants_region(matter: Matter, plan: InputPlan, settings: Settings) -> bool:
    """Tell whether this run's network should look at the person instead of the whole frame."""
    if not settings.matting.region or not isinstance(matter, NetworkMatter):
        return False
    # A photo gets the authors' own treatment from their networks.
    return matter.has_one_shape or not plan.still


def track_region(matter: Matter, plan: InputPlan, settings: Settings) -> Matter:
    """Let a network look at the person instead of the whole frame, where it takes that."""
    if isinstance(matter, NetworkMatter) and wants_region(matter, plan, settings):
        return RegionMatter(matter, still=plan.still)
    return matter


def build_on_demand(plan: InputPlan, sinks: list[Sink], settings: Settings) -> OnDemand | None:
    """Let a run rest while nobody watches its virtual camera; None where that is not asked for.

    Raises:
        UsageError: asked for with an output that nobody can be seen to watch.
    """
    source = plan.source
    if not settings.output.on_demand or not isinstance(source, CameraSource):
        return None
    virtual = sinks[0]
    linux = sys.platform.startswith("linux")
    if len(sinks) != 1 or not isinstance(virtual, VirtualCameraSink) or not linux:
        raise UsageError("output.on_demand is for -o virtual alone, on Linux; set it to false")
    return OnDemand(source.rest, lambda: watchers_of(virtual.device_name))


def build_pipeline(
    plan: InputPlan,
    matter: Matter,
    effects: Effects,
    sinks: list[Sink],
    settings: Settings,
    max_frames: int | None,
    compositor: Compositor | None = None,
) -> Pipeline:
    """Join everything; the source must be open.

    Raises:
        UsageError: asynchronous matting of a file, where every frame waits for its own matte.
    """
    if settings.matting.mode == "async" and not plan.live:
        raise UsageError("matting.mode = async is for live runs; add --live, or take sync")
    return Pipeline(
        plan.source,
        matter,
        effects,
        sinks,
        live=plan.live,
        settings=settings.pipeline,
        capture=settings.capture,
        max_frames=max_frames,
        propagator=FlowPropagator() if plan.live else None,
        max_matte_age_s=settings.matting.max_matte_age_ms / 1000,
        on_demand=build_on_demand(plan, sinks, settings),
        compositor=compositor,
        begins_scene=SceneWatch().begins if settings.matte.scene_cuts else None,
    )


def build_adaptation(
    pipeline: Pipeline, matter: Matter, plan: InputPlan, settings: Settings
) -> Adaptation | None:
    """Build what keeps a live run within its latency budget; None offline."""
    if not plan.live:
        return None
    rate = float(plan.source.info.rate)
    if pipeline.compositor is not None:
        # Frames that stay on the device have mattes of their own: sizes are what can be changed.
        return Adaptation(pipeline, matter, settings.live, mode="sync", rate=rate, slow=False)
    network_s = network_time_s(matter, plan.source.info.size_wh)
    slow = network_s > 1 / (settings.live.target_fps or rate)
    if slow and settings.matting.mode == "auto":
        log.warning(
            "the network takes %.0f ms a frame, longer than a frame lasts: "
            "mattes are carried along the motion (matting.mode = async)",
            network_s * 1000,
        )
    return Adaptation(
        pipeline, matter, settings.live, mode=settings.matting.mode, rate=rate, slow=slow
    )


def network_time_s(matter: Matter, size_wh: tuple[int, int]) -> float:
    """Time the network on a picture of the source's size, in seconds."""
    width, height = size_wh
    picture = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    durations_s = []
    for _ in range(3):
        begin_s = time.perf_counter()
        matter.matte(picture)
        durations_s.append(time.perf_counter() - begin_s)
    matter.reset()
    return min(durations_s)
