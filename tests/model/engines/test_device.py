import logging

import pytest
import torch

from u2cam.core.errors import DeviceError
from u2cam.model.engines import device as device_module
from u2cam.model.engines.device import (
    Device,
    describe_devices,
    prove,
    resolve_device,
    resolve_precision,
)

CPU = Device(torch.device("cpu"), "cpu")
GPU = Device(torch.device("cuda", 0), "cuda:0 (made up)")
MPS = Device(torch.device("mps"), "mps")


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def test_cpu_is_always_there() -> None:
    assert resolve_device("cpu").label == "cpu"


@pytest.mark.parametrize("wanted", ["cuda", "cuda:0", "cuda:7", "mps"])
def test_an_absent_device_is_an_error_that_says_what_is_there(no_gpu: None, wanted: str) -> None:
    with pytest.raises(DeviceError) as caught:
        resolve_device(wanted)
    message = str(caught.value)
    assert wanted in message and "sees cpu" in message and "\n" not in message


def test_a_cpu_build_of_torch_is_named_as_the_reason(
    no_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.version, "cuda", None)
    monkeypatch.setattr(torch.version, "hip", None)
    assert "without CUDA" in describe_devices()


def test_a_missing_driver_is_named_as_the_reason(
    no_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    assert "driver" in describe_devices()


@pytest.mark.parametrize("wanted", ["gpu", "cuda:x", ""])
def test_an_unknown_device_is_an_error(wanted: str) -> None:
    with pytest.raises(DeviceError, match="not known"):
        resolve_device(wanted)


@pytest.mark.parametrize(("driver", "level"), [(True, logging.WARNING), (False, logging.INFO)])
def test_auto_on_the_cpu_is_told_loudly_where_a_gpu_lies_idle(
    no_gpu: None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    driver: bool,
    level: int,
) -> None:
    monkeypatch.setattr(device_module, "nvidia_driver_is_there", lambda: driver)
    caplog.set_level(logging.INFO)
    assert resolve_device("auto").kind == "cpu"
    assert [r.levelno for r in caplog.records] == [level]
    assert "CPU" in caplog.text


def test_auto_leaves_a_gpu_that_does_not_work_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(device_module, "cuda_count", lambda: 1)
    monkeypatch.setattr(device_module, "mps_is_there", lambda: False)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Broken 9000")
    assert resolve_device("auto").kind == "cpu"
    assert "not using cuda:0" in caplog.text


def test_a_gpu_asked_for_by_name_that_does_not_work_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(device_module, "cuda_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda index: "Broken 9000")
    with pytest.raises(DeviceError, match="fails at a small convolution"):
        resolve_device("cuda")


def test_a_device_that_computes_nonsense_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    right = torch.nn.functional.conv2d
    calls = []

    def wrong_the_second_time(*arguments: object, **options: object) -> torch.Tensor:
        calls.append(1)
        return right(*arguments, **options) * len(calls)  # type: ignore[arg-type]

    monkeypatch.setattr(torch.nn.functional, "conv2d", wrong_the_second_time)
    with pytest.raises(DeviceError, match="wrongly"):
        prove(torch.device("cpu"))


def test_auto_precision_is_fp16_on_cuda_and_fp32_on_mps() -> None:
    assert resolve_precision("auto", GPU, bf16_pays_on_cpu=True) == "fp16"
    assert resolve_precision("auto", MPS, bf16_pays_on_cpu=True) == "fp32"


@pytest.mark.parametrize(
    ("native", "pays", "wanted"),
    [(True, True, "bf16"), (True, False, "fp32"), (False, True, "fp32")],
)
def test_auto_on_a_cpu_takes_bf16_only_where_native_and_measured_faster(
    monkeypatch: pytest.MonkeyPatch, native: bool, pays: bool, wanted: str
) -> None:
    monkeypatch.setattr(device_module, "cpu_has_bf16", lambda: native)
    assert resolve_precision("auto", CPU, bf16_pays_on_cpu=pays) == wanted


@pytest.mark.parametrize(("wanted", "device"), [("fp16", CPU), ("bf16", MPS), ("int4", CPU)])
def test_a_precision_that_the_device_lacks_is_an_error(wanted: str, device: Device) -> None:
    with pytest.raises(DeviceError, match="choose"):
        resolve_precision(wanted, device, bf16_pays_on_cpu=False)
