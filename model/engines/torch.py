"""What runs a network: PyTorch on any device, or OpenVINO or ONNX Runtime on the CPU.

An engine maps one network input to one matte and knows nothing of pictures, letterboxes or
state. Called from the inference thread only.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from u2cam.model.engines.bf16 import to_bf16
from u2cam.model.engines.cpu_layout import CELLS, UnshuffledLive, lay_out, room_for, shuffle
from u2cam.model.engines.cuda_graph import Recorded
from u2cam.model.engines.device import PRECISIONS, Device
from u2cam.model.inputs.recurrent_input import scale
from u2cam.model.networks.fold import fold_batch_norm
from u2cam.model.networks.u2net_live import U2NetLive

NetworkInput = NDArray[np.float32] | NDArray[np.uint8]
"""(1, h, w, C), C-contiguous: what `preprocess.normalise` makes, or for the live network levels as
`levels.join` makes them."""


class Engine(Protocol):
    """Runs one network at one precision."""

    @property
    def device_label(self) -> str:
        """The device and, where it is not PyTorch, the library that does the work."""

    @property
    def precision(self) -> str:
        """`fp32`, `fp16` or `bf16`."""

    def run(self, network_input: NetworkInput) -> NDArray[np.float32]:
        """Map the network's input to the matte (h, w) float32, newly allocated."""


class TorchEngine:
    """The network in PyTorch: batch norms folded, channels last, no gradients; recorded on CUDA.

    On a CPU it runs on as many threads as PyTorch has: that is the program's business.
    """

    def __init__(self, network: nn.Module, device: Device, precision: str) -> None:
        """Take the network over: it is folded and moved in place.

        Args:
            network: on the CPU, in eval mode.
            device: where to run it.
            precision: `fp32`, `fp16` or `bf16`.
        """
        self._device = device
        self._precision = precision
        self._dtype = PRECISIONS[precision]
        folded = fold_batch_norm(network)
        typed = to_bf16(folded) if precision == "bf16" else folded.to(self._dtype)
        self._network = typed.to(device.torch_device).to(  # type: ignore[call-overload]
            memory_format=torch.channels_last
        )
        self._recorded = Recorded(self.launch)
        self._unshuffled: UnshuffledLive | None = None
        if isinstance(typed, U2NetLive) and device.torch_device.type == "cpu":
            self._unshuffled = UnshuffledLive(typed).to(  # type: ignore[call-overload]
                memory_format=torch.channels_last
            )

    @property
    def device(self) -> Device:
        """Where the network is."""
        return self._device

    @property
    def device_label(self) -> str:
        """Of the device."""
        return self._device.label

    @property
    def precision(self) -> str:
        """As given."""
        return self._precision

    def run(self, network_input: NetworkInput) -> NDArray[np.float32]:
        """Map the network's input to the matte (h, w) float32, newly allocated."""
        with torch.inference_mode():
            if self._unshuffled is not None:
                room = room_for(network_input.shape)
                lay_out(network_input, room)
                cells = self._unshuffled(*map(torch.from_numpy, room))
                return shuffle(cells[0].numpy(), CELLS[0])
            # (1, C, h, w) in channels-last memory, without a copy.
            x = torch.from_numpy(network_input).to(self._device.torch_device)
            x = scale(x) if x.dtype == torch.uint8 else x
            matte = self.mattes(x.permute(0, 3, 1, 2))
            result: NDArray[np.float32] = matte[0].cpu().numpy()  # (h, w)
            return result

    def mattes(self, x: Tensor) -> Tensor:
        """Map (B, C, h, w) on the device to mattes (B, h, w) float32 there.

        In inference mode only. On CUDA the result is overwritten by the next call.
        """
        return self._recorded(x.to(self._dtype, memory_format=torch.channels_last))

    def launch(self, x: Tensor) -> Tensor:
        """Do what `mattes` does, operation by operation, never from a recording."""
        result: Tensor = self._network(x.to(self._dtype))
        return result[:, 0].float()  # (B, h, w)
