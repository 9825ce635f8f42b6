"""Averages, checkpoints and the file to ship."""

from pathlib import Path

import pytest
import torch

from u2cam.model.registry import find_spec
from u2cam.model.train import checkpoint
from u2cam.model.train.ema import EmaNetwork
from u2cam.model.train.export import export
from u2cam.model.train.networks import build_network
from u2cam.model.weights import load_network


def test_average_follows_the_weights() -> None:
    network = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(network.weight, 0.0)
    average = EmaNetwork(network, decay=0.5)
    torch.nn.init.constant_(network.weight, 1.0)
    average.update(network)  # Early on it keeps only (1 + 1) / (10 + 1).
    assert average.network.weight.item() == pytest.approx(1 - 2 / 11)
    for _ in range(20):
        average.update(network)
    assert average.network.weight.item() == pytest.approx(1, abs=1e-3)


def test_failed_save_leaves_the_old_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "last.pt"
    checkpoint.save_atomically({"step": 1}, path)
    with pytest.raises(Exception, match=r"pickle|Can't"):
        checkpoint.save_atomically({"step": lambda: None}, path)
    assert checkpoint.load(path)["step"] == 1


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"last\.pt: no checkpoint there"):
        checkpoint.load(tmp_path / "last.pt")


def test_exported_weights_load_strictly_and_fit_the_limit(tmp_path: Path) -> None:
    network = build_network("u2net_live").eval()
    checkpoint.save_atomically({"average": network.state_dict()}, tmp_path / "best.pt")
    size, digest = export(tmp_path / "best.pt", tmp_path / "u2net_live.pth")
    assert size < 6_000_000 and len(digest) == 64
    loaded = load_network(find_spec("u2net_live"), tmp_path / "u2net_live.pth")
    x = torch.rand(1, 4, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(network(x), loaded(x), atol=2e-3)


def test_weights_too_large_for_half_precision_are_refused(tmp_path: Path) -> None:
    state = {"a": torch.tensor([1e6])}
    checkpoint.save_atomically({"average": state}, tmp_path / "best.pt")
    with pytest.raises(ValueError, match="a is too large"):
        export(tmp_path / "best.pt", tmp_path / "out.pth")
    torch.save({"w": torch.ones(2)}, tmp_path / "bare.pt")
    with pytest.raises(ValueError, match=r"bare\.pt: no checkpoint"):
        export(tmp_path / "bare.pt", tmp_path / "out.pth")
