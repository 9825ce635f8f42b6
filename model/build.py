"""From settings to a matter that is ready to run: which weights, which device, which engine.

Runs in the thread that starts the program.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from torch import nn

from u2cam.model.engines.device import Device, DeviceError, resolve_device, resolve_precision
from u2cam.model.engines.gpu_memory import is_out_of_memory
from u2cam.model.engines.openvino import EngineError, OpenVinoEngine, is_installed
from u2cam.model.engines.torch import Engine, TorchEngine
from u2cam.model.gpu_matter import DeviceMatter
from u2cam.model.grabcut import FALLBACK_NAME, GrabCutMatter
from u2cam.model.matter import NetworkMatter
from u2cam.model.registry import AUTO_ORDER, MODELS, ModelSpec, find_spec
from u2cam.model.settings import ModelSettings
from u2cam.model.weights import fetch_weights, find_weights, load_state, read_state, recognise

log = logging.getLogger(__name__)


class Matter(Protocol):
    """What is built: the pipeline's `Matter`, spelt out again because packages do not mix."""

    @property
    def model_name(self) -> str:
        """Shown to the user."""

    @property
    def device_name(self) -> str:
        """The device that really does the work."""

    @property
    def precision(self) -> str:
        """`fp32`, `fp16`, `bf16` or `n/a`."""

    def matte(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the matte (h, w) of an image (H, W, 3)."""

    @property
    def input_sizes_wh(self) -> tuple[tuple[int, int], ...]:
        """Input sizes to choose from while running, largest first."""

    def use_input_size(self, size_wh: tuple[int, int]) -> None:
        """Take another of them from the next picture on."""

    def matte_size(self, size_wh: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the mattes of pictures of a size."""

    def reset(self) -> None:
        """Forget what was seen before."""


@dataclass(frozen=True)
class ListedModel:
    """One line of `--list-models`."""

    spec: ModelSpec
    path: Path | None
    """Where its weights lie on this machine; None: not here."""


def list_models() -> list[ListedModel]:
    """All registered networks, with what is on this machine."""
    return [ListedModel(spec, find_weights(spec)) for spec in MODELS]


@dataclass(frozen=True)
class Choice:
    """Which network to run; `spec` None: the fallback without a network."""

    spec: ModelSpec | None
    path: Path | None = None
    name: str | None = None


def looks_like_path(wanted: str) -> bool:
    """Whether a model is given as a file rather than by name."""
    return bool(Path(wanted).suffix) or "/" in wanted or "\\" in wanted


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
    if not spec.for_matting:
        raise ValueError(f"model {spec.name} is not for matting: it {spec.purpose}")
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
        return TorchEngine(network, device, precision, threads=settings.threads)
    if wanted == "openvino" and device.kind != "cpu":
        raise EngineError(
            f"engine openvino runs on a cpu, not on {device.label}; set device cpu or engine torch"
        )
    if wanted == "openvino" or (wanted == "auto" and device.kind == "cpu" and is_installed()):
        return OpenVinoEngine(network, precision, threads=settings.threads)
    return TorchEngine(network, device, precision, threads=settings.threads)


def build_matter(
    settings: ModelSettings,
    *,
    still: bool = False,
    allow_fallback: bool = False,
    frame_wh: tuple[int, int] = (1280, 720),
    live: bool = False,
    resident: bool = False,
) -> Matter:
    """Build what gives the mattes, warmed up.

    Args:
        settings: section `model`.
        still: the input is single images, not video.
        allow_fallback: `auto` may do without a network where no weights are found.
        frame_wh: width and height of the frames to expect, for the warm-up; any others work too.
        live: where memory runs out, a smaller network input is better than no matte.
        resident: frames may stay on the device: a `DeviceMatter` where the settings and the device
            make that worth while.

    Raises:
        ValueError: settings that contradict this machine or each other, or a foreign model file.
        FileNotFoundError: the model file does not exist.
        DownloadError: weights had to be downloaded and could not be.
        DeviceError: the device does not work, or has no memory left.
    """
    device = resolve_device(settings.device)
    choice = choose_model(settings.name, allow_fallback=allow_fallback)
    if choice.path is None:
        return GrabCutMatter(still=still)
    try:
        return _built(settings, device, choice, choice.path, still, frame_wh, live, resident)
    except RuntimeError as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceError(
            f"device {device.label}: no memory left for the network; end what else runs on it, or "
            "take --device cpu, a smaller --model or a smaller model.input_size"
        ) from error


def _built(
    settings: ModelSettings,
    device: Device,
    choice: Choice,
    path: Path,
    still: bool,
    frame_wh: tuple[int, int],
    live: bool,
    resident: bool,
) -> NetworkMatter:
    state = read_state(path)
    spec = choice.spec or recognise(state, path)
    network = load_state(spec, state, path)
    engine = build_engine(network, device, settings, still=still)
    stays = settings.resident == "on" or (settings.resident == "auto" and device.kind == "cuda")
    if resident and stays and isinstance(engine, TorchEngine):
        return DeviceMatter(
            spec,
            engine,
            input_size_wh=settings.input_size_wh(),
            model_name=choice.name,
            warm_up_wh=frame_wh,
            gives_way=live,
            batch=1 if live else settings.batch,
        )
    return NetworkMatter(
        spec,
        engine,
        input_size_wh=settings.input_size_wh(),
        still=still,
        model_name=choice.name,
        warm_up_wh=frame_wh,
        gives_way=live,
    )
