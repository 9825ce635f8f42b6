"""From settings to a matter that is ready to run: which weights, which device, which engine.

`open_network` loads; `host_matter` and `gpu_matter` give a loaded network its way of running. Runs
in the thread that starts the program.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import nn

from u2cam.core.errors import DeviceError, EngineError
from u2cam.core.frame import single_frame
from u2cam.core.protocols import Matter
from u2cam.model.engines.device import Device, resolve_device, resolve_precision
from u2cam.model.engines.gpu_memory import is_out_of_memory
from u2cam.model.engines.openvino import OpenVinoEngine, is_installed
from u2cam.model.engines.torch import Engine, TorchEngine
from u2cam.model.gpu_matter import GpuMatter
from u2cam.model.grabcut import GrabCutMatter
from u2cam.model.loaded_network import LoadedNetwork
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import (
    AUTO_ORDER,
    FALLBACK_NAME,
    ModelSpec,
    check_model,
    find_spec,
    looks_like_path,
)
from u2cam.model.roi.gpu_matter import GpuRegionMatter
from u2cam.model.roi.matter import RegionMatter
from u2cam.model.settings import ModelSettings
from u2cam.model.weights import fetch_weights, find_weights, load_network, read_state, recognise

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Choice:
    """Which network to run; `spec` None: the fallback without a network."""

    spec: ModelSpec | None
    path: Path | None = None
    name: str | None = None


def choose_model(wanted: str, *, allow_fallback: bool) -> Choice:
    """Turn the setting `model.name` into weights on this machine, downloading if need be.

    `auto` takes the best weights that are here already. Where there are none, it takes the
    fallback if that is allowed (never for a live camera), else downloads U²-Netp.

    Raises:
        ValueError: unknown name, or a network that draws no mattes.
        FileNotFoundError: no such file.
        WeightsError: weights that were found by their name are not the published ones.
        DownloadError: the download failed.
    """
    check_model(wanted)
    if wanted == "auto":
        for spec in (find_spec(name) for name in AUTO_ORDER):
            if find_weights(spec) is not None:
                return Choice(spec, fetch_weights(spec))
        if allow_fallback:
            log.warning(
                "no network weights found: a rough fallback cuts the person out; "
                "for real mattes run with --model u2netp (downloads 4.7 MB)"
            )
            return Choice(None)
        wanted = AUTO_ORDER[-1]
    if wanted == FALLBACK_NAME:
        return Choice(None)
    if looks_like_path(wanted):
        return Choice(None, Path(wanted), Path(wanted).name)
    spec = find_spec(wanted)
    return Choice(spec, fetch_weights(spec))


def build_engine(
    network: nn.Module, device: Device, settings: ModelSettings, *, still: bool = False
) -> Engine:
    """Choose what runs a network: OpenVINO on a CPU where it is installed, else PyTorch.

    Raises:
        EngineError: the engine asked for is not installed, or not for this device.
        DeviceError: the device cannot do the precision asked for.
    """
    # Measured with bench/network.py on a CPU with AVX512_BF16: bf16 is faster than fp32 in both
    # engines, in OpenVINO twice or more, and moves the matte by less than 0.01 on average.
    # A single image has time to be exact.
    precision = resolve_precision(settings.precision, device, bf16_pays_on_cpu=not still)
    wanted = settings.engine
    if settings.resident == "on":
        if wanted == "openvino":
            raise EngineError("engine openvino: not with model.resident = on; take engine torch")
        return TorchEngine(network, device, precision)
    if wanted == "openvino" and device.kind != "cpu":
        raise EngineError(
            f"engine openvino runs on a cpu, not on {device.label}; set device cpu or engine torch"
        )
    if wanted == "openvino" or (wanted == "auto" and device.kind == "cpu" and is_installed()):
        return OpenVinoEngine(network, precision, threads=settings.threads)
    return TorchEngine(network, device, precision)


def open_network(
    settings: ModelSettings,
    *,
    still: bool = False,
    allow_fallback: bool = False,
    live: bool = False,
) -> LoadedNetwork | None:
    """Load the network that the settings ask for; None: the fallback without a network.

    Args:
        settings: section `model`.
        still: the input is single images, not video.
        allow_fallback: `auto` may do without a network where no weights are found.
        live: where memory runs out, a smaller network input is better than no matte.

    Raises:
        ValueError: settings that contradict this machine or each other, or a foreign model file.
        FileNotFoundError: the model file does not exist.
        DownloadError: weights had to be downloaded and could not be.
        DeviceError: the device does not work, or has no memory left.
    """
    device = resolve_device(settings.device)
    choice = choose_model(settings.name, allow_fallback=allow_fallback)
    if choice.path is None:
        return None
    with _memory_named(device.label):
        state = read_state(choice.path)
        spec = choice.spec or recognise(state, choice.path)
        network = load_network(spec, choice.path, state)
        return LoadedNetwork(
            spec,
            build_engine(network, device, settings, still=still),
            input_size_wh=settings.input_size_wh(),
            model_name=choice.name,
            degrades=live,
        )


def host_matter(
    network: LoadedNetwork | None,
    *,
    still: bool = False,
    frame_wh: tuple[int, int] | None = (1280, 720),
    region: bool = False,
) -> Matter:
    """Build what gives mattes in the host's memory.

    Args:
        network: from `open_network`.
        still: the input is single images, not video.
        frame_wh: width and height of the frames to expect: one is run now, so that the first is
            not slow; any others work too. None: no warm-up.
        region: run the network on the persons instead of the full frame, where that is clearly
            smaller and the network takes crops.

    Raises:
        DeviceError: the device has no memory left.
    """
    if network is None:
        return GrabCutMatter(still=still)
    matter = NetworkMatter(network, still=still)
    if frame_wh is not None:
        with _memory_named(network.device_name):
            matter.matte(single_frame(np.zeros((frame_wh[1], frame_wh[0], 3), np.uint8)))
        matter.reset()
    crops = region and not (still and network.spec.stretches_photos)
    return RegionMatter(matter) if crops else matter


def gpu_matter(
    network: LoadedNetwork | None,
    *,
    frame_wh: tuple[int, int] = (1280, 720),
    region: bool = False,
    batch: int = 0,
) -> GpuMatter | GpuRegionMatter | None:
    """Build what gives mattes on the network's device; None where its engine works on the host.

    Args:
        network: from `open_network`; it may have a host matter beside this one.
        frame_wh: width and height of the frames to expect.
        region: as of `host_matter`.
        batch: frames at once; 0 chooses by free memory.

    Raises:
        DeviceError: the device has no memory left.
    """
    if network is None or not isinstance(network.engine, TorchEngine):
        return None
    with _memory_named(network.device_name):
        matter = GpuMatter(network, network.engine, batch=batch, frame_wh=frame_wh)
    return GpuRegionMatter(matter) if region else matter


def keeps_frames_on_gpu(settings: ModelSettings, network: LoadedNetwork | None) -> bool:
    """Tell whether the settings ask for frames to stay on a network's device."""
    if network is None or not isinstance(network.engine, TorchEngine):
        return False
    kind = network.engine.device.kind
    return settings.resident == "on" or (settings.resident == "auto" and kind == "cuda")


def build_matter(
    settings: ModelSettings,
    *,
    still: bool = False,
    allow_fallback: bool = False,
    frame_wh: tuple[int, int] = (1280, 720),
    live: bool = False,
    region: bool = False,
) -> Matter:
    """Build what gives the mattes in the host's memory, warmed up.

    Arguments and errors as of `open_network` and `host_matter`.
    """
    network = open_network(settings, still=still, allow_fallback=allow_fallback, live=live)
    return host_matter(network, still=still, frame_wh=frame_wh, region=region)


@contextmanager
def _memory_named(device_name: str) -> Iterator[None]:
    """Turn an error for want of memory into one line.

    Raises:
        DeviceError: instead of it.
    """
    try:
        yield
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceError(
            f"device {device_name}: no memory left for the network; end what else runs on it, or "
            "take --device cpu, a smaller --model or a smaller model.input_size"
        ) from error
