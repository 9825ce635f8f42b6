"""Checks of what the network runs on: torch, the GPU and its driver, the weights."""

import re
from collections.abc import Iterator
from pathlib import Path

import torch

from u2cam.cli.doctor.finding import Finding, failed, from_error, ok, warning
from u2cam.core.errors import DeviceError
from u2cam.model.engines.device import Device, cuda_count, nvidia_driver_is_there, resolve_device
from u2cam.model.registry import (
    AUTO_ORDER,
    FALLBACK_NAME,
    ModelSpec,
    find_spec,
    looks_like_path,
)
from u2cam.model.settings import ModelSettings
from u2cam.model.weights import find_weights, load_network, read_state, recognise, verify_weights

DRIVER_VERSION = Path("/proc/driver/nvidia/version")


def check_computing(settings: ModelSettings, *, allow_fallback: bool) -> Iterator[Finding]:
    """Torch, device, driver and weights."""
    yield check_torch()
    yield from check_driver(
        built_for=torch.version.cuda,
        devices=cuda_count(),
        driver=nvidia_driver_is_there(),
        wanted=settings.device,
    )
    yield check_device(settings)
    yield check_weights(settings.name, allow_fallback=allow_fallback)


def check_torch() -> Finding:
    """Which torch this is and what it was built for."""
    built = f"CUDA {torch.version.cuda}" if torch.version.cuda else "no CUDA"
    if torch.version.hip:
        built = f"ROCm {torch.version.hip}"
    capability = torch.backends.cpu.get_cpu_capability()
    return ok("torch", f"{torch.__version__}, built for {built}, processor {capability}")


def check_driver(
    *, built_for: str | None, devices: int, driver: bool, wanted: str
) -> Iterator[Finding]:
    """Does torch's build fit the NVIDIA driver? Nothing to say where there is none.

    Args:
        built_for: CUDA version of this torch, None without CUDA.
        devices: how many CUDA devices torch can use.
        driver: whether this computer has an NVIDIA driver.
        wanted: setting `model.device`.
    """
    if not driver:
        return
    version = driver_version()
    said = f"NVIDIA driver {version}" if version else "NVIDIA driver"
    if devices:
        yield ok("gpu driver", f"{said}, {devices} device(s) for CUDA {built_for}")
        return
    if built_for is None:
        found = f"{said} is there, but this torch is built without CUDA"
        advice = "install a CUDA build of torch: pytorch.org/get-started"
    else:
        found = f"{said} does not serve torch's CUDA {built_for}"
        advice = (
            "install a newer driver, or a torch built for an older CUDA; nvidia-smi shows "
            "the driver's CUDA version"
        )
    make = failed if wanted.startswith("cuda") else warning
    yield make("gpu driver", found, advice)


def driver_version(path: Path = DRIVER_VERSION) -> str:
    """Return the NVIDIA driver's version, empty where it is not known."""
    try:
        first = path.read_text(errors="replace").partition("\n")[0]
    except OSError:
        return ""
    # "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  ..."
    number = re.search(r"\d{3}\.\d+(\.\d+)?", first)
    return number[0] if number else ""


def check_device(settings: ModelSettings) -> Finding:
    """Run a real convolution on the device that the settings ask for."""
    try:
        device = resolve_device(settings.device)
    except DeviceError as error:
        return from_error("device", error)
    return ok("device", f"{_described(device)} ran a convolution correctly")


def _described(device: Device) -> str:
    if device.kind != "cuda":
        return device.label
    facts = torch.cuda.get_device_properties(device.torch_device)
    gib = facts.total_memory / 2**30
    return f"{device.label}, {gib:.1f} GiB, compute capability {facts.major}.{facts.minor}"


def check_weights(wanted: str, *, allow_fallback: bool) -> Finding:
    """Are the weights here, readable and those that were published? Downloads nothing.

    Args:
        wanted: setting `model.name`.
        allow_fallback: `auto` may do without a network.
    """
    if wanted == FALLBACK_NAME:
        return ok("weights", "none needed: GrabCut is no network")
    if wanted == "auto":
        found = next((s for s in map(find_spec, AUTO_ORDER) if find_weights(s)), None)
        if found is None and allow_fallback:
            return warning(
                "weights",
                f"none of {', '.join(AUTO_ORDER)} is here; a rough fallback without a network runs",
                "for real mattes run once with -m u2netp (downloads 4.7 MB)",
            )
        wanted = found.name if found else AUTO_ORDER[-1]
    try:
        if looks_like_path(wanted):
            state = read_state(Path(wanted))
            spec = recognise(state, Path(wanted))
            load_network(spec, Path(wanted), state)
            return ok("weights", f"a file of its own, a {spec.name}")
        return _check_registered(find_spec(wanted))
    except (ValueError, OSError) as error:
        return from_error("weights", error)


def _check_registered(spec: ModelSpec) -> Finding:
    if not spec.for_matting:
        return failed("weights", f"{spec.name} is not for matting", "choose one of --list-models")
    path = find_weights(spec)
    if path is None:
        return failed(
            "weights",
            f"{spec.name}: {spec.file} is not on this computer",
            f"run once with -m {spec.name} and an internet connection, or give a file with -m FILE"
            if spec.download_url
            else "install the program again",
        )
    verify_weights(spec, path)
    load_network(spec, path)
    return ok("weights", f"{spec.name}, hash right, every key fits")
