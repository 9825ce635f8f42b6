"""Decides whether a run's frames stay on the device, and builds what keeps them there.

`model.resident` is auto, on or off. Whatever is decided against is said in the log, with the
reason; `on` is then refused in one line.
"""

from __future__ import annotations

import logging
from fractions import Fraction

import numpy as np
import torch

from u2cam import build
from u2cam.cli.arguments import Arguments, UsageError
from u2cam.core.frame import Frame
from u2cam.core.protocols import Matter
from u2cam.effects.chain import EffectsChain
from u2cam.effects.gpu.chain import DeviceChain
from u2cam.effects.gpu.compositor import DevicePath
from u2cam.effects_slot import EffectsSlot
from u2cam.model.engines.cuda_graph import Recorded
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.roi.gpu_matter import DeviceRegion
from u2cam.settings import Settings

log = logging.getLogger(__name__)


def build_compositor(
    plan: build.InputPlan,
    matter: Matter,
    effects: EffectsSlot,
    arguments: Arguments,
    settings: Settings,
) -> tuple[Matter, DevicePath | None]:
    """Let the effects move to the network's device and stay there, or leave them on the CPU.

    Args:
        plan: the source, open.
        matter: the network.
        effects: its chain is replaced by one for the device.
        arguments: the background and view.
        settings: what is wanted.

    Returns:
        The network as the run is to use it, and what keeps frames on its device; None where the
        effects run on the CPU.

    Raises:
        UsageError: `model.resident = on` cannot be had.
    """
    if not isinstance(matter, DeviceMatter):
        if settings.model.resident == "on":
            raise UsageError(
                "model.resident = on: not for a single image, for matting.mode = async or without "
                "a network; set it to auto"
            )
        return matter, None
    reason = _why_not(plan, matter, settings)
    before = effects.chain
    if not reason:
        effects.replace(device_effects(arguments, settings, matter.torch_device))
        effects.chain.use_frame_color(plan.source.info.color)
        region = DeviceRegion(matter) if build.wants_region(matter, plan, settings) else None
        path = DevicePath(matter, effects, region)
        try:
            _try_out(path, effects.chain, matter, plan.source.info.size_wh, live=plan.live)
        except RuntimeError as error:
            path.abandon()
            reason = " ".join(str(error).split())[:200]
        else:
            log.info("frames stay on %s, effects included", path.device_name)
            return matter, path
        effects.replace(before)
        matter.reset()
    if settings.model.resident == "on":
        raise UsageError(f"model.resident = on: {reason}")
    log.warning(
        "frames do not stay on %s: %s; the effects run on the CPU", matter.device_name, reason
    )
    return build.track_region(matter, plan, settings), None


def _why_not(plan: build.InputPlan, matter: DeviceMatter, settings: Settings) -> str:
    """Say why frames are better off on the CPU after the network; nothing where they are not."""
    kind = matter.torch_device.type
    if kind not in ("cuda", "cpu"):
        return f"the effects are not made for {kind}"
    if not plan.live or settings.matting.mode != "auto" or settings.model.resident == "on":
        return ""
    rate = settings.live.target_fps or float(plan.source.info.rate)
    network_s = build.network_time_s(matter, plan.source.info.size_wh)
    if network_s <= 1 / rate:
        return ""
    return f"the network takes {network_s * 1000:.0f} ms a frame, longer than a frame lasts"


def device_effects(arguments: Arguments, settings: Settings, device: torch.device) -> DeviceChain:
    """Build the chain for a device, with launches that are recorded where it can record.

    Raises:
        ValueError: a background that is not known or cannot be read.
    """
    return DeviceChain(
        device,
        build.effects_settings(settings),
        arguments.background,
        view=arguments.view,
        raw_matte=arguments.raw_matte,
        backgrounds=build.background_choices(arguments),
        capture=Recorded,
    )


def effects_like(chain: EffectsChain, arguments: Arguments, settings: Settings) -> EffectsChain:
    """Build new effects for where the present ones run.

    Raises:
        ValueError: a background that is not known or cannot be read.
    """
    if isinstance(chain, DeviceChain):
        return device_effects(arguments, settings, chain.device)
    return build.build_effects(arguments, settings)


def _try_out(
    path: DevicePath,
    chain: EffectsChain,
    matter: DeviceMatter,
    size_wh: tuple[int, int],
    *,
    live: bool,
) -> None:
    """Send black frames through, so that all is recorded and allocated before the first comes.

    Raises:
        RuntimeError: the device cannot do it, for example for want of memory.
    """
    assert isinstance(chain, DeviceChain)
    black = np.zeros((size_wh[1], size_wh[0], 3), np.uint8)
    # Live, the network may be given another input at any time; the largest comes last, to stay.
    sizes = tuple(reversed(matter.input_sizes_wh)) if live else ()
    with chain.rehearsing():
        for input_wh in sizes or (matter.input_size_wh,):
            if sizes:
                matter.use_input_size(input_wh)
            frames = [Frame(black, n, n, Fraction(1, 30), 0.0) for n in range(path.batch)]
            for _ in range(2):  # what comes twice is recorded
                path.submit(frames)
                path.collect()
    path.abandon()
