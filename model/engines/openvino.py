"""Run a network in OpenVINO, several times as fast as PyTorch on a CPU (see bench/network.py).

Imported only when it is wanted. Called from the inference thread only.
"""

import functools
import importlib
import importlib.util
import os
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from u2cam.core.errors import EngineError
from u2cam.model.engines.bf16 import to_bf16
from u2cam.model.engines.cpu_layout import CELLS, UnshuffledLive, lay_out, room_for, shuffle
from u2cam.model.engines.torch import NetworkInput
from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.networks.u2net import U2Net
from u2cam.model.networks.u2net_live import U2NetLive

HINTS = {"fp32": "f32", "bf16": "bf16"}


def is_installed() -> bool:
    """Whether OpenVINO can be imported, without importing it."""
    return importlib.util.find_spec("openvino") is not None


def _import_silent() -> Any:
    """Import OpenVINO so that it cannot report home: nothing leaves the machine.

    Its converter sends usage data through the package openvino_telemetry, unless the user has
    opted out in a file. Where it cannot import that package, it takes a stub that sends nothing;
    it decides that once, when it is imported.
    """
    name = "openvino_telemetry"
    before = {name: sys.modules[name]} if name in sys.modules else {}
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        return importlib.import_module("openvino")
    finally:
        # For others in this process the package is there as it was.
        del sys.modules[name]
        sys.modules.update(before)


def _load_core() -> Any:
    core = _import_silent().Core()
    core.get_property("CPU", "FULL_DEVICE_NAME")  # Loads what runs on the CPU now, in this thread.
    return core


@functools.cache
def shared_core() -> Any:
    """Return the one `openvino.Core` of this process, which lives as long as the process.

    Loading OpenVINO's CPU plugin gives the calling thread a stack for signal handlers, and dropping
    the core frees that memory (openvino pull request 11894; seen in 2026.4.1). Dropped in another
    thread, or before a core that was made later, it leaves the thread with a stack that is freed:
    the next signal, such as Ctrl-C, then ends the process with a segmentation fault and without a
    message. So the core is never dropped. That stack is also too small for three signals at once
    where the thread has used AMX, so it is given to a thread that ends at once. The main thread
    does without: Python's own, from 3.11 on, has room for AMX.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="openvino") as pool:
        return pool.submit(_load_core).result()


def own_threads(network: nn.Module, cores: int) -> int:
    """Return how many threads a network gets where none are set; 0 leaves the choice to OpenVINO.

    On two cores the live network has one, compositing the other: together they then take 24 ms of
    processor time a frame at 720p instead of 29, and neither waits for the other. A large network
    is all the work there is, and gets every core. See bench/threads.py.
    """
    return 1 if cores <= 2 and isinstance(network, U2NetLive) else 0


class ChannelsLast(nn.Module):
    """A network that takes (B, H, W, C) float32: OpenVINO then chooses the layout inside."""

    def __init__(self, network: nn.Module, dtype: torch.dtype = torch.float32) -> None:
        """Wrap a network that takes (B, C, H, W) of a type."""
        super().__init__()
        self.network = network
        self.dtype = dtype

    def forward(self, x: Tensor) -> Tensor:
        """Map (B, H, W, C) to (B, 1, H, W), both float32."""
        result: Tensor = self.network(x.permute(0, 3, 1, 2).to(self.dtype))
        return result.float()


class OpenVinoEngine:
    """The network compiled for each input size that comes, on the CPU."""

    def __init__(self, network: nn.Module, precision: str, *, threads: int = 0) -> None:
        """Take the network over: it is folded in place.

        Args:
            network: on the CPU, in eval mode.
            precision: `fp32` or `bf16`.
            threads: of OpenVINO; 0: see `own_threads`.

        Raises:
            EngineError: OpenVINO is not installed, or does not know the precision.
        """
        if not is_installed():
            raise EngineError("engine openvino: not installed; pip install openvino, or use torch")
        if precision not in HINTS:
            raise EngineError(f"engine openvino: precision {precision} is not for it; take fp32")
        self._openvino: Any = _import_silent()
        self._core = shared_core()
        folded = fold_batch_norm(network)
        self._unshuffles = isinstance(folded, U2NetLive)
        hint = HINTS[precision]
        entry: nn.Module = ChannelsLast(folded)
        if isinstance(folded, U2NetLive):
            entry = UnshuffledLive(folded)
        elif isinstance(folded, U2Net) and precision == "bf16":
            # Layers that are sensitive stay in fp32: OpenVINO shall keep each as it is written.
            hint, entry = "dynamic", ChannelsLast(to_bf16(folded), torch.bfloat16)
        self._network = entry.eval().requires_grad_(False)
        self.precision = precision
        version = self._openvino.__version__.split("-")[0]
        self.device_label = f"cpu (OpenVINO {version})"
        self._options: dict[str, object] = {
            "INFERENCE_PRECISION_HINT": hint,
            "PERFORMANCE_HINT": "LATENCY",
        }
        threads = threads or own_threads(folded, os.cpu_count() or 1)
        if threads:
            self._options["INFERENCE_NUM_THREADS"] = threads
        self._requests: dict[tuple[int, ...], tuple[Any, list[NDArray[np.uint8]]]] = {}
        """By input shape: the compiled network, and room for its inputs."""

    def run(self, network_input: NetworkInput) -> NDArray[np.float32]:
        """Map the network's input to the matte (h, w) float32, newly allocated."""
        shape = network_input.shape
        if shape not in self._requests:
            room = room_for(shape) if self._unshuffles else []
            self._requests[shape] = self._compile(room or [network_input]), room
        request, room = self._requests[shape]
        if not self._unshuffles:
            result = request.infer([network_input], share_inputs=True)
            return np.array(result[0][0, 0], np.float32)  # (h, w), copied out of the request
        lay_out(network_input, room)
        return shuffle(request.infer(room, share_inputs=True)[0][0], CELLS[0])

    def _compile(self, examples: Sequence[NetworkInput]) -> Any:
        """Trace, convert and compile the network for one input size: a few seconds, once."""
        tensors = tuple(torch.from_numpy(example) for example in examples)
        shapes = [list(example.shape) for example in examples]
        trace: Any = torch.jit.trace  # Without annotations of its own.
        with torch.inference_mode(), warnings.catch_warnings():
            # The trace holds for this size only, which is what is wanted.
            warnings.simplefilter("ignore")
            traced = torch.jit.freeze(trace(self._network, tensors, check_trace=False))
            graph = self._openvino.convert_model(traced, example_input=tensors, input=shapes)
        return self._core.compile_model(graph, "CPU", self._options).create_infer_request()
