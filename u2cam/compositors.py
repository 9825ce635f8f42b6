"""Puts network and effects together for a run: both on the GPU where that pays, else on the CPU.

`model.resident` is auto, on or off: whether frames may stay on the network's device from upload to
composite. What is decided against is logged with the reason; `on` is then refused in one line.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from u2cam.core.choices import BUILT_IN, View
from u2cam.core.errors import UsageError
from u2cam.core.frame import Frame, single_frame
from u2cam.core.protocols import Compositor
from u2cam.effects.compositor import CpuCompositor
from u2cam.effects.gpu.compositor import GpuCompositor
from u2cam.effects.gpu.renderer import GpuRenderer
from u2cam.effects.presentation import Presentation
from u2cam.effects.renderer import CpuRenderer
from u2cam.effects.settings import EffectsSettings
from u2cam.inputs import InputPlan
from u2cam.model.build import gpu_matter, host_matter, keeps_frames_on_gpu, open_network
from u2cam.model.engines.cuda_graph import Recorded
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.upright import FRAMES, JUDGE, is_upside_down
from u2cam.settings import Settings
from u2cam.stream.media.limits import check_media
from u2cam.stream.sources.wrappers.framed import FramedSource

log = logging.getLogger(__name__)

RunCompositor: TypeAlias = CpuCompositor[CpuRenderer] | GpuCompositor


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the pictures of a run look like, settings aside."""

    background: str = "blur"
    view: View = "composite"
    raw_matte: bool = False
    """The network's own matte, only resized."""


def effects_settings(settings: Settings) -> EffectsSettings:
    """Return the sections that the effects need."""
    return EffectsSettings(
        matte=settings.matte,
        color=settings.color,
        background=settings.background,
        holding=settings.holding,
    )


def build_presentation(appearance: Appearance, settings: Settings) -> Presentation:
    """Build what the pictures show: background and view.

    Raises:
        ValueError: a background that is not known, cannot be read or is too large.
    """
    given = appearance.background.strip()
    background = Path(given).expanduser()
    if given and background.exists():
        check_media(background, settings.limits)
    return Presentation(
        appearance.background,
        appearance.view,
        settings=effects_settings(settings),
        backgrounds=tuple(dict.fromkeys((*BUILT_IN, "blur", appearance.background))),
    )


def build_compositor(
    plan: InputPlan,
    presentation: Presentation,
    appearance: Appearance,
    settings: Settings,
    load: Callable[[], LoadedNetwork | None] | None = None,
) -> RunCompositor:
    """Build network and effects, warmed up for the open source.

    A live camera never gets the fallback without being asked.

    Args:
        plan: the source, open.
        presentation: background and view.
        appearance: how the pictures are made.
        settings: what is wanted.
        load: returns a network that is loaded already; None: it is loaded now.

    Raises:
        UsageError: `model.resident = on` cannot be had.
        ValueError: settings that this machine cannot meet, or a file that is no model.
        OSError: weights that cannot be had.
    """
    if load is None:
        network = load_network(
            settings, still=plan.still, allow_fallback=not plan.films, live=plan.live
        )
    else:
        network = load()
    if plan.undecided is not None:
        _turn_upright(plan.undecided, network)
    insists = settings.model.resident == "on"
    # Mattes are carried in this computer's memory, and a photo is worth no transfer.
    carries = plan.live and settings.matting.mode == "async"
    if not plan.still and not carries and keeps_frames_on_gpu(settings.model, network):
        built = _on_gpu(network, plan, presentation, appearance, settings)
        if isinstance(built, GpuCompositor):
            log.info("frames stay on %s, effects included", built.network.device_name)
            return built
        if insists:
            raise UsageError(f"model.resident = on: {built}")
        device_name = "the GPU" if network is None else network.device_name
        log.warning("frames do not stay on %s: %s; the effects run on the CPU", device_name, built)
    elif insists:
        raise UsageError(
            "model.resident = on: not for a single image, for matting.mode = async or without "
            "a network; set it to auto"
        )
    renderer = _cpu_renderer(presentation, appearance, settings)
    matter = host_matter(
        network,
        still=plan.still,
        # A network that has worked already needs no frame to warm up with.
        frame_wh=plan.source.info.size_wh if load is None else None,
        region=settings.matting.region,
    )
    return CpuCompositor(matter, renderer)


def _turn_upright(source: FramedSource, network: LoadedNetwork | None) -> None:
    """Turn the frames of an open source where the first of them show people upside down.

    Raises:
        UsageError: a network for which this has not been measured.
    """
    if network is None or network.spec.name != JUDGE:
        raise UsageError(
            f"capture.rotate = auto, --rotate auto: only {JUDGE} can decide; give 0 or 180"
        )
    images = source.look_ahead(FRAMES)
    matter = host_matter(network, frame_wh=None, region=True)
    over = bool(images) and is_upside_down(matter, images)
    if over:
        source.turn_over()
    log.warning(
        "%s: %s (capture.rotate = auto)",
        source.info.name,
        "is upside down, and turned by 180 degrees" if over else "is not turned",
    )


def load_network(
    settings: Settings, *, still: bool, allow_fallback: bool, live: bool
) -> LoadedNetwork | None:
    """Load the network of the settings; arguments and errors as of `model.build.open_network`."""
    # Layers are made with random weights first: the caller's random numbers stay as they are.
    with torch.random.fork_rng(devices=[]):
        return open_network(settings.model, still=still, allow_fallback=allow_fallback, live=live)


def one_by_one(
    view: View, settings: Settings, *, still: bool, raw_matte: bool = False
) -> CpuCompositor[CpuRenderer]:
    """Build a compositor for frames that a caller gives one after another, not warmed up.

    Raises:
        ValueError, OSError: as of `build_compositor`.
    """
    appearance = Appearance("none", view, raw_matte)
    # A caller's frames and mattes are of one size and place.
    background = settings.background.model_copy(update={"place": None})
    settings = settings.model_copy(update={"background": background})
    presentation = build_presentation(appearance, settings)
    network = load_network(settings, still=still, allow_fallback=still, live=False)
    renderer = _cpu_renderer(presentation, appearance, settings)
    region = settings.matting.region
    matter = host_matter(network, still=still, frame_wh=None, region=region)
    return CpuCompositor(matter, renderer)


def _on_gpu(
    network: LoadedNetwork | None,
    plan: InputPlan,
    presentation: Presentation,
    appearance: Appearance,
    settings: Settings,
) -> GpuCompositor | str:
    """Build a compositor whose frames stay on the network's device; or say why not."""
    info = plan.source.info
    matter = gpu_matter(
        network,
        frame_wh=info.size_wh,
        region=settings.matting.region,
        batch=1 if plan.live else settings.model.batch,
    )
    if matter is None or matter.torch_device.type not in ("cuda", "cpu"):
        return "the effects are not made for this device"
    renderer = _gpu_renderer(matter.torch_device, presentation, appearance, settings)
    compositor = GpuCompositor(matter, renderer)
    try:
        frame_s = compositor.warm_up(info.size_wh, live=plan.live)
    except RuntimeError as error:
        return " ".join(str(error).split())[:200]
    rate = settings.live.target_fps or float(info.rate)
    may_carry = plan.live and settings.matting.mode == "auto" and settings.model.resident != "on"
    if may_carry and frame_s > 1 / rate:
        return f"the network takes {frame_s * 1000:.0f} ms a frame, longer than a frame lasts"
    return compositor


def rendered(compositor: RunCompositor, frame: Frame) -> NDArray[np.uint8]:
    """Return the picture of one frame, as a run would make it.

    Raises:
        MatteError: the network gave no valid matte.
    """
    compositor.submit([frame])
    (ready,) = compositor.collect()
    return compositor.render(ready)


def read_again(compositor: RunCompositor, appearance: Appearance, settings: Settings) -> None:
    """Let new effects, with a freshly read background, take over where the present ones run.

    Raises:
        ValueError: a background that is not known or cannot be read; the old effects stay.
    """
    presentation = build_presentation(appearance, settings)
    presentation.use_frame_color(compositor.renderer.presentation.frame_color)
    if isinstance(compositor, GpuCompositor):
        device = compositor.renderer.device
        compositor.use_renderer(_gpu_renderer(device, presentation, appearance, settings))
    else:
        compositor.use_renderer(_cpu_renderer(presentation, appearance, settings))


def effects_device(compositor: RunCompositor) -> str:
    """Name the device that the effects run on."""
    return compositor.network.device_name if isinstance(compositor, GpuCompositor) else "cpu"


def seconds_per_frame(compositor: Compositor, size_wh: tuple[int, int]) -> float:
    """Time the network on a black frame of the source's size."""
    black = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    durations_s = []
    for number in range(3):
        begin_s = time.perf_counter()
        compositor.submit([single_frame(black, number / 30)])
        compositor.collect()
        durations_s.append(time.perf_counter() - begin_s)
    compositor.reset()
    return min(durations_s)


def _cpu_renderer(
    presentation: Presentation, appearance: Appearance, settings: Settings
) -> CpuRenderer:
    return CpuRenderer(presentation, effects_settings(settings), raw_matte=appearance.raw_matte)


def _gpu_renderer(
    device: torch.device, presentation: Presentation, appearance: Appearance, settings: Settings
) -> GpuRenderer:
    """Build a renderer with launches that are recorded where the device can record."""
    return GpuRenderer(
        device,
        presentation,
        effects_settings(settings),
        raw_matte=appearance.raw_matte,
        capture=Recorded,
    )
