"""Joins source, compositor and sinks to a pipeline, and what keeps a live one in its budget.

The one place where a run is put together; `u2cam.Pipeline` calls it.
"""

import logging
import sys

from u2cam.adaptation import Adaptation
from u2cam.compositors import RunCompositor, seconds_per_frame
from u2cam.core.errors import UsageError
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.motion.propagator import FlowPropagator
from u2cam.effects.motion.scene_change import SceneWatch
from u2cam.inputs import InputPlan
from u2cam.settings import Settings
from u2cam.stream.devices.viewers import OnDemand, viewers_of
from u2cam.stream.pipeline import Pipeline
from u2cam.stream.sinks.base import Sink
from u2cam.stream.sinks.virtual_camera import VirtualCameraSink
from u2cam.stream.sources.base import Source
from u2cam.stream.sources.camera import CameraSource
from u2cam.stream.sources.wrappers.wrapped import innermost
from u2cam.stream.stages.output_shape import OutputShape

log = logging.getLogger(__name__)


class Parts:
    """What a run is made of: opened, ready to go."""

    def __init__(
        self,
        plan: InputPlan,
        compositor: RunCompositor,
        sinks: list[Sink],
        settings: Settings,
        max_frames: int | None,
    ) -> None:
        """Join everything; the source must be open.

        Raises:
            UsageError: settings that do not go with this input.
        """
        self.plan = plan
        self.compositor = compositor
        self.threads = build_pipeline(plan, compositor, sinks, settings, max_frames)
        network = compositor.network
        log.info("model %s on %s (%s)", network.model_name, network.device_name, network.precision)
        self.adaptation = build_adaptation(self.threads, compositor, plan, settings)
        """What keeps a live run within its latency budget; None offline."""
        self._max_frames = max_frames

    @property
    def source(self) -> Source:
        """Where the frames come from, open during the run."""
        return self.plan.source

    @property
    def total_frames(self) -> int | None:
        """Number of pictures to come, where that is known."""
        known = [n for n in (self.source.info.frames, self._max_frames) if n is not None]
        return min(known, default=None)

    def tick(self) -> None:
        """Let the adaptation work; to be called some times a second during the run."""
        if self.adaptation is not None:
            self.adaptation.tick()


def build_on_demand(plan: InputPlan, sinks: list[Sink], settings: Settings) -> OnDemand | None:
    """Let a run rest while its virtual camera has no viewer; None where not asked for.

    Raises:
        UsageError: asked for with an output whose viewers cannot be counted.
    """
    source = innermost(plan.source)
    if not settings.output.on_demand or not isinstance(source, CameraSource):
        return None
    virtual = sinks[0]
    linux = sys.platform.startswith("linux")
    if len(sinks) != 1 or not isinstance(virtual, VirtualCameraSink) or not linux:
        raise UsageError("output.on_demand is for -o virtual alone, on Linux; set it to false")
    return OnDemand(source.rest, lambda: viewers_of(virtual.device_name))


def build_pipeline(
    plan: InputPlan,
    compositor: RunCompositor,
    sinks: list[Sink],
    settings: Settings,
    max_frames: int | None,
) -> Pipeline:
    """Join everything; the source must be open.

    Raises:
        UsageError: asynchronous matting of a file, where every frame waits for its own matte.
    """
    if settings.matting.mode == "async" and not plan.live:
        raise UsageError("matting.mode = async is for live runs; add --live, or take sync")
    # Mattes are carried where they are in this computer's memory.
    carries = plan.live and isinstance(compositor, CpuCompositor)
    return Pipeline(
        plan.source,
        compositor,
        sinks,
        live=plan.live,
        settings=settings.pipeline,
        capture=settings.capture,
        max_frames=max_frames,
        propagator=FlowPropagator() if carries else None,
        max_matte_age_s=settings.matting.max_matte_age_ms / 1000,
        on_demand=build_on_demand(plan, sinks, settings),
        begins_scene=SceneWatch().begins if settings.matte.scene_cuts else None,
        shape=OutputShape.of(settings.output, still=plan.still),
    )


def build_adaptation(
    pipeline: Pipeline, compositor: RunCompositor, plan: InputPlan, settings: Settings
) -> Adaptation | None:
    """Build what keeps a live run within its latency budget; None offline."""
    if not plan.live:
        return None
    rate = float(plan.source.info.rate)
    # Fewer pictures than frames are no failure of the run.
    rate = min(rate, settings.output.rate or rate)
    mode = settings.matting.mode
    slow = False
    if pipeline.matting is None:
        mode = "sync"  # input sizes are what can be changed
    else:
        frame_s = seconds_per_frame(compositor, plan.source.info.size_wh)
        slow = frame_s > 1 / (settings.live.target_fps or rate)
        if slow and mode == "auto":
            log.warning(
                "the network takes %.0f ms a frame, longer than a frame lasts: "
                "mattes are carried along the motion (matting.mode = async)",
                frame_s * 1000,
            )
    return Adaptation(pipeline, compositor, settings.live, mode=mode, rate=rate, slow=slow)
