import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from u2cam.core.errors import EngineError
from u2cam.model import build as build_module
from u2cam.model.build import build_engine
from u2cam.model.engines import openvino as engine_openvino
from u2cam.model.engines.device import Device, cpu_has_bf16, resolve_device
from u2cam.model.engines.openvino import OpenVinoEngine, own_threads
from u2cam.model.engines.torch import Engine, NetworkInput, TorchEngine
from u2cam.model.inputs.recurrent_input import scale
from u2cam.model.registry import find_spec
from u2cam.model.settings import ModelSettings

pytestmark = pytest.mark.timeout(240)
"""OpenVINO's tracing takes seconds, and many more where the processor is busy."""

ROOT = Path(__file__).resolve().parents[3]
CPU = resolve_device("cpu")
GPU = Device(torch.device("cuda", 0), "cuda:0 (made up)")


def network(name: str) -> torch.nn.Module:
    torch.manual_seed(0)
    return find_spec(name).build().eval()


def entry(name: str, height: int, width: int) -> NetworkInput:
    """Noise in the form in which the network gets its input."""
    rng = np.random.default_rng(0)
    if name == "u2net_live":
        return rng.integers(0, 256, (1, height, width, 4)).astype(np.uint8)
    return rng.normal(0, 1, (1, height, width, 3)).astype(np.float32)


def reference(name: str, x: NetworkInput) -> NDArray[np.float32]:
    given = torch.from_numpy(x)
    planes = (scale(given) if name == "u2net_live" else given).permute(0, 3, 1, 2).contiguous()
    with torch.inference_mode():
        result: NDArray[np.float32] = network(name)(planes)[0, 0].numpy()
    return result


def engine(kind: str, name: str, precision: str) -> Engine:
    if kind == "torch":
        return TorchEngine(network(name), CPU, precision)
    return OpenVinoEngine(network(name), precision)


# Contract: every engine gives the matte of the plain network.
@pytest.mark.parametrize(
    ("kind", "name", "height", "width"),
    [
        ("torch", "u2netp", 48, 64),
        ("torch", "u2net_live", 36, 64),
        ("torch", "u2net_live", 64, 36),
        ("openvino", "u2net_live", 36, 64),
    ],
)
def test_every_engine_gives_the_networks_own_matte(
    kind: str, name: str, height: int, width: int
) -> None:
    x = entry(name, height, width)
    runner = engine(kind, name, "fp32")
    first = runner.run(x)
    assert first.shape == (height, width) and first.dtype == np.float32
    np.testing.assert_allclose(first, reference(name, x), atol=2e-4)
    kept = first.copy()
    runner.run(x * 0)
    np.testing.assert_array_equal(first, kept)  # The answer is the caller's own.


@pytest.mark.parametrize("kind", ["torch", "openvino"])
def test_bf16_is_close_and_says_so(kind: str) -> None:
    if kind == "openvino" and not cpu_has_bf16():
        pytest.skip("this CPU has no bf16")
    x = entry("u2net_live", 36, 64)
    runner = engine(kind, "u2net_live", "bf16")
    assert runner.precision == "bf16"
    assert np.abs(runner.run(x) - reference("u2net_live", x)).mean() < 0.02


def test_auto_takes_openvino_on_a_cpu_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for installed, wanted in ((False, TorchEngine), (True, OpenVinoEngine)):
        monkeypatch.setattr(build_module, "is_installed", lambda there=installed: there)
        built = build_engine(network("u2net_live"), CPU, ModelSettings())
        assert type(built) is wanted


def test_openvino_says_that_it_does_the_work() -> None:
    assert engine("openvino", "u2net_live", "fp32").device_label.startswith("cpu (OpenVINO")


def test_openvino_that_is_not_installed_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_openvino, "is_installed", lambda: False)
    with pytest.raises(EngineError, match="pip install openvino"):
        build_engine(network("u2net_live"), CPU, ModelSettings(engine="openvino"))


def test_openvino_on_a_gpu_is_an_error() -> None:
    with pytest.raises(EngineError, match="not on cuda:0"):
        build_engine(network("u2net_live"), GPU, ModelSettings(engine="openvino"))


def in_a_process(program: str, home: Path) -> None:
    """Run a program that may use OpenVINO in a process of its own, which has to end well."""
    start = """
import numpy as np
from u2cam.model.engines.openvino import OpenVinoEngine
from u2cam.model.registry import find_spec

def engine(precision="fp32"):
    made = OpenVinoEngine(find_spec("u2net_live").build().eval(), precision)
    made.run(np.zeros((1, 36, 64, 4), np.uint8))
    return made
"""
    env = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", start + program],
        env=env,
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr


def test_openvino_sends_nothing_home(tmp_path: Path) -> None:
    program = """
import socket, sys
def refuse(*args, **kwargs):
    raise SystemExit("something opened a connection")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
engine()
assert not [name for name in sys.modules if name.startswith("openvino_telemetry")]
"""
    in_a_process(program, tmp_path)
    assert not list(tmp_path.glob("intel*"))


@pytest.mark.parametrize(
    "drop",
    ["engines.pop(0); engines.pop(0)", "run(engines.clear)"],
    ids=["in the order of making", "in another thread"],
)
def test_a_signal_is_handled_after_engines_were_dropped(drop: str, tmp_path: Path) -> None:
    program = f"""
import signal, threading
def run(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
engines = [engine(), engine()]
{drop}
came = []
signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
signal.raise_signal(signal.SIGINT)
assert came == [signal.SIGINT]
"""
    in_a_process(program, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot hold signals back")
@pytest.mark.skipif(not cpu_has_bf16(), reason="this CPU has no bf16")
def test_signals_that_come_at_once_are_handled_by_a_thread_that_ran_bf16(tmp_path: Path) -> None:
    program = """
import os, signal
numbers = [signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1]
came = []
for number in numbers:
    signal.signal(number, lambda number, frame: came.append(number))
running = engine("bf16")
signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
for number in numbers:
    os.kill(os.getpid(), number)
signal.pthread_sigmask(signal.SIG_UNBLOCK, numbers)
assert sorted(came) == sorted(numbers)
"""
    in_a_process(program, tmp_path)


def test_on_two_cores_the_live_network_leaves_one_to_compositing() -> None:
    live, official = network("u2net_live"), network("u2netp")
    assert own_threads(live, 2) == own_threads(live, 1) == 1
    assert own_threads(live, 8) == own_threads(official, 2) == 0
