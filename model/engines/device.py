"""Which device and number format the network runs on; asking for one that is absent is an error.

Runs in the thread that starts the program. `auto` takes the best device that proves to work and
says loudly which; a device asked for by name is used or refused, never replaced.
"""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F

from u2cam.core.errors import DeviceError

log = logging.getLogger(__name__)

PRECISIONS = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


@dataclass(frozen=True)
class Device:
    """A device that ran a small convolution correctly."""

    torch_device: torch.device
    label: str
    """For people: `cpu`, `mps` or `cuda:0 (NVIDIA L4)`."""

    @property
    def kind(self) -> str:
        """`cpu`, `cuda` or `mps`."""
        return self.torch_device.type


def describe_devices() -> str:
    """Say in one clause which devices this torch sees, and why others are missing."""
    seen = [f"cuda:{i} ({torch.cuda.get_device_name(i)})" for i in range(cuda_count())]
    if mps_is_there():
        seen.append("mps")
    seen.append("cpu")
    return f"torch {torch.__version__} sees {', '.join(seen)}{_why_no_cuda()}"


def _why_no_cuda() -> str:
    """The likely reason for there being no CUDA device, or nothing if there is one."""
    if cuda_count():
        return ""
    if torch.version.cuda is None and torch.version.hip is None:
        return (
            "; this torch is built without CUDA: for an NVIDIA GPU install a build from pytorch.org"
        )
    if not torch.cuda.is_available():
        return "; this torch has CUDA but finds no driver or device: check nvidia-smi"
    return ""


def cuda_count() -> int:
    """How many CUDA devices this torch can use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else 0


def nvidia_driver_is_there() -> bool:
    """Whether this computer has an NVIDIA driver, whatever this torch was built for."""
    return Path("/proc/driver/nvidia/version").exists() or shutil.which("nvidia-smi") is not None


def mps_is_there() -> bool:
    """Whether this torch can use an Apple GPU."""
    return torch.backends.mps.is_available()


def prove(device: torch.device) -> None:
    """Run a small convolution on a device and compare it with the CPU's.

    Raises:
        DeviceError: it fails or computes something else.
    """
    seeded = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 4, 16, 16, generator=seeded)
    kernel = torch.rand(4, 4, 3, 3, generator=seeded)
    wanted = F.conv2d(picture, kernel, padding=1)
    try:
        got = F.conv2d(picture.to(device), kernel.to(device), padding=1).cpu()
    except (RuntimeError, NotImplementedError, AssertionError) as error:
        reason = str(error).strip().splitlines() or [type(error).__name__]
        raise DeviceError(f"device {device} fails at a small convolution: {reason[0]}") from error
    # TF32, which GPUs may use for float32, keeps ten bits.
    if not torch.allclose(got, wanted, rtol=1e-2, atol=1e-2):
        raise DeviceError(f"device {device} computes a small convolution wrongly")


def resolve_device(wanted: str) -> Device:
    """Turn `auto`, `cpu`, `cuda`, `cuda:N` or `mps` into a device that works.

    Raises:
        DeviceError: the device asked for is not there or does not work; says what is.
    """
    if wanted == "auto":
        return _best_device()
    kind, _, number = wanted.partition(":")
    if kind == "cuda" and (number.isdigit() or not number):
        index = int(number or 0)
        if index >= cuda_count():
            raise DeviceError(f"device {wanted}: not there; {describe_devices()}")
        device = torch.device("cuda", index)
        label = f"cuda:{index} ({torch.cuda.get_device_name(index)})"
    elif wanted == "mps":
        if not mps_is_there():
            raise DeviceError(f"device mps: not there; {describe_devices()}")
        device, label = torch.device("mps"), "mps"
    elif wanted == "cpu":
        return Device(torch.device("cpu"), "cpu")
    else:
        raise DeviceError(f"device {wanted!r} is not known; choose auto, cpu, cuda, cuda:N or mps")
    prove(device)
    return Device(device, label)


def _best_device() -> Device:
    candidates = [f"cuda:{i}" for i in range(cuda_count())] + ["mps"] * mps_is_there()
    for name in candidates:
        try:
            device = resolve_device(name)
        except DeviceError as error:
            log.warning("auto: not using %s: %s", name, error)
            continue
        log.info("auto: the network runs on %s", device.label)
        return device
    # Loud where there is a GPU that this torch cannot use; a plain fact where there is none.
    level = logging.WARNING if nvidia_driver_is_there() else logging.INFO
    log.log(level, "auto: the network runs on the CPU; %s", describe_devices())
    return Device(torch.device("cpu"), "cpu")


def cpu_has_bf16() -> bool:
    """Whether this CPU multiplies bf16 in hardware (AVX512_BF16 or AMX)."""
    capabilities = torch.backends.cpu.get_cpu_capability()
    if not capabilities.startswith("AVX512"):
        return False
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def resolve_precision(wanted: str, device: Device, *, bf16_pays_on_cpu: bool) -> str:
    """Turn `auto`, `fp32`, `fp16` or `bf16` into the precision to use.

    Args:
        wanted: as in the settings.
        device: where the network will run.
        bf16_pays_on_cpu: whether bf16 was measured faster for this network and engine on a CPU
            that has it; used by `auto` only.

    Raises:
        DeviceError: the device cannot do what was asked for.
    """
    if wanted == "auto":
        if device.kind == "cuda":
            return "fp16"
        if device.kind == "cpu" and bf16_pays_on_cpu and cpu_has_bf16():
            return "bf16"
        return "fp32"
    if wanted == "fp16" and device.kind == "cpu":
        raise DeviceError("precision fp16 needs a GPU; on a cpu choose auto, fp32 or bf16")
    if wanted == "bf16" and device.kind == "mps":
        raise DeviceError("precision bf16 is not for mps; choose auto, fp32 or fp16")
    if wanted == "bf16" and device.kind == "cuda" and not _cuda_has_bf16(device):
        raise DeviceError(f"precision bf16: {device.label} has none; choose auto, fp32 or fp16")
    if wanted == "bf16" and device.kind == "cpu" and not cpu_has_bf16():
        log.warning("precision bf16: this CPU has none in hardware, fp32 would be faster")
    if wanted not in PRECISIONS:
        raise DeviceError(f"precision {wanted!r} is not known; choose auto, fp32, fp16 or bf16")
    return wanted


def _cuda_has_bf16(device: Device) -> bool:
    with torch.cuda.device(device.torch_device):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
