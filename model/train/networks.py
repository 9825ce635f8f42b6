"""Builds the networks that can be trained, fresh or from a file of weights."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from u2cam.model.networks.u2net import u2net, u2netp
from u2cam.model.networks.u2net_live import U2NetLive
from u2cam.model.registry import find_spec
from u2cam.model.train import checkpoint
from u2cam.model.train.settings import NetworkName
from u2cam.model.weights import load_network, read_state


def build_network(
    name: NetworkName, weights: Path | None = None, *, gradient_checkpointing: bool = False
) -> nn.Module:
    """Build a network in training mode.

    Args:
        name: which one.
        weights: a state dict (`.pth`) or a checkpoint of a run (`.pt`, its averaged weights) to
            start from; None starts from random weights.
        gradient_checkpointing: less memory for more time; U²-Net and U²-Netp only.

    Raises:
        ValueError: the weights are of another network, or checkpointing is asked of `u2net_live`.
        FileNotFoundError: no such weights.
    """
    network: nn.Module
    if name == "u2net_live":
        if gradient_checkpointing:
            raise ValueError("u2net_live needs no gradient checkpointing; leave the option out")
        network = U2NetLive()
    else:
        build = u2net if name == "u2net" else u2netp
        network = build(gradient_checkpointing=gradient_checkpointing)
    if weights is not None:
        state = trained_state(weights)
        network.load_state_dict(load_network(find_spec(name), weights, state).state_dict())
    return network.train().requires_grad_(True)


def trained_state(weights: Path) -> dict[str, Tensor]:
    """Read the weights of a `.pth` file, or the averaged ones of a run's checkpoint (`.pt`).

    Raises:
        ValueError: the file holds no weights.
        FileNotFoundError: no such weights.
    """
    if weights.suffix != ".pt":
        return read_state(weights)
    state = checkpoint.load(weights)
    if "average" not in state:
        raise ValueError(f"{weights}: no checkpoint of a run; a file of bare weights is named .pth")
    average: dict[str, Tensor] = state["average"]
    return average
